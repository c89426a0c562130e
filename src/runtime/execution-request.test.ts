import { describe, expect, test } from "vitest";
import { literal, makeContext, makeStep, text } from "../../test/support/attempts.ts";
import { EXECUTION_REQUEST_SCHEMA } from "../contract/execution-request.ts";
import type { Digest, RunId } from "../core/ids.ts";
import type { JsonObject } from "../core/json.ts";
import { validateData } from "../definition/data-schema.ts";
import { toExecutionRequest } from "./execution-request.ts";

const digest = (content: string): Digest => `${content.length}`.padStart(64, "0") as Digest;
const RUN = `run_${"0".repeat(31)}1` as RunId;

function built(step: ReturnType<typeof makeStep>, input: JsonObject = {}) {
  const workflow = { hash: "d".repeat(64) as Digest, env: { REGION: literal("eu") } };
  return toExecutionRequest(makeContext(step, { runId: RUN, idempotencyKey: `${RUN}/it`, workspace: "/work", workflow, input }), digest);
}

describe("an execution request", () => {
  test("holds everything that the attempt is asked, names of the environment without their values, and no tool yet", () => {
    const step = makeStep(
      "agent",
      { prompt: text("Mend {{ input.file }}"), max_usd: literal(2) },
      { env: { TOKEN: text("{{ input.file }}"), REGION: literal("us") } },
    );
    const request = built(step, { file: "a.ts" });
    expect(request).toMatchObject({
      run: RUN,
      definition: "d".repeat(64),
      step: "it",
      item: null,
      type: "agent",
      attempt: 1,
      inputs: { max_usd: 2, prompt: "Mend a.ts" },
      env: ["REGION", "TOKEN"],
      tool: null,
      workspace: "/work",
    });
    expect(JSON.stringify(request)).not.toContain('"us"');
    expect(validateData(EXECUTION_REQUEST_SCHEMA, JSON.parse(JSON.stringify(request)), { root: "request" }).errors).toEqual([]);
    expect(built(step, { file: "a.ts" })).toEqual(request);
  });

  test("names a large input by its digest", () => {
    const { inputs } = built(makeStep("agent", { prompt: literal("x".repeat(20_000)) }));
    expect(inputs.prompt).toEqual({ $digest: digest("x".repeat(20_002)), bytes: 20_002 });
  });

  test("that is not sound is told by its schema", () => {
    const request = { ...built(makeStep("agent", {})), attempt: 0, env: ["A=1"], more: 1 };
    const { errors } = validateData(EXECUTION_REQUEST_SCHEMA, JSON.parse(JSON.stringify(request)), { root: "request" });
    expect(errors.map(({ path }) => path).toSorted()).toEqual(["request.attempt", "request.env[0]", "request.more"]);
  });
});
