import { describe, expect, test } from "vitest";
import { literal, makeRequest, makeStep, text } from "../../test/support/attempts.ts";
import { buildWorkflow } from "../../test/support/workflow-builder.ts";
import { INLINE_MAX_BYTES } from "../core/blob.ts";
import { InvariantError, TransientError } from "../core/errors.ts";
import type { Digest } from "../core/ids.ts";
import type { Json, JsonObject } from "../core/json.ts";
import { sha256 } from "../core/sha256.ts";
import { type Scope, scopeOf } from "../expression/scope.ts";
import type { Field } from "../plan/field.ts";
import { RETRY_DEFAULTS } from "../plan/retry-delay.ts";
import type { CompiledStep, TimeoutPolicy } from "../plan/workflow.ts";
import type { AttemptContext, Execution, StepType } from "../ports/attempt.ts";
import type { AttemptReport } from "../ports/attempt-runner.ts";
import type { Breakers } from "../ports/breaker.ts";
import type { Clock } from "../ports/clock.ts";
import { createAttemptRunner } from "./attempt-runner.ts";
import type { SchemaViolation } from "./settle.ts";

const clock: Clock & { readonly waits: number[] } = {
  waits: [],
  now: () => 1_000,
  wakeAt(atMs, wake) {
    this.waits.push(atMs - 1_000);
    queueMicrotask(wake);
    return { [Symbol.dispose]: () => undefined };
  },
};
const closed: Breakers = { call: (_key, work) => work(), state: () => "closed", [Symbol.dispose]: () => undefined };
const open: Breakers = { ...closed, call: () => Promise.resolve({ open: true as const, retryAfterMs: 60_000 }) };

type Execute = (context: AttemptContext) => Promise<Execution>;

function runnerOf(execute: Execute, differs: Partial<StepType> = {}, breakers = closed) {
  const declaration = { type: "t", summary: "", properties: {}, required: [], fields: {}, inferredBy: null };
  const type: StepType = { declaration, survivesEngine: false, execute, ...differs };
  const validate = (schema: JsonObject, data: Json, root: string): SchemaViolation[] =>
    schema.const === data ? [] : [{ path: root, message: `is ${JSON.stringify(data)}`, keyword: "const" }];
  return createAttemptRunner({
    stepTypes: new Map([["t", type]]),
    breakers,
    clock,
    validate,
    digest: (content) => sha256(content) as Digest,
  });
}

async function run(
  execute: Execute,
  config: Record<string, Field> = {},
  differs: Partial<CompiledStep> = {},
  signal = new AbortController().signal,
): Promise<AttemptReport["outcome"]> {
  const report = await runnerOf(execute).run(
    makeRequest(makeStep("t", config, differs)),
    scopeOf({ input: { n: 2 } }),
    signal,
    () => undefined,
  );
  return report.outcome;
}

const succeed =
  (output: Json): Execute =>
  () =>
    Promise.resolve({ kind: "succeeded", output });
const fail: Execute = () => Promise.resolve({ kind: "failed", failure: { class: "permanent", code: "X", title: "x" } });
const throwing =
  (thrown: unknown): Execute =>
  () =>
    Promise.reject(thrown);

describe("an attempt", () => {
  test("sees its fields evaluated, each once", async () => {
    const execute: Execute = (context) =>
      Promise.resolve({
        kind: "succeeded",
        output: [context.value("a") ?? null, context.value("b") ?? null, context.value("c") === undefined, context.value("a") ?? null],
      });
    expect(await run(execute, { a: text("{{ input.n + 1 }}"), b: literal([1]) })).toEqual({ kind: "succeeded", output: [3, [1], true, 3] });
  });

  test("has the environment of the workflow under its own", async () => {
    const step = makeStep("t", {}, { env: { B: text("{{ input.n }}") } });
    const report = await runnerOf((context) => Promise.resolve({ kind: "succeeded", output: context.env })).run(
      makeRequest(step, { workflow: { env: { A: text("a"), B: text("b") } } }),
      scopeOf({ input: { n: 2 } }),
      new AbortController().signal,
      () => undefined,
    );
    expect(report.outcome).toEqual({ kind: "succeeded", output: { A: "a", B: "2" } });
  });

  test("with an expression that fails ends as a validation failure", async () => {
    const outcome = await run((context) => Promise.resolve({ kind: "succeeded", output: context.value("a") ?? null }), {
      a: text("{{ input.missing }}"),
    });
    expect(outcome).toMatchObject({ kind: "failed", failure: { class: "validation", code: "EXPR_MISSING" } });
  });

  test("of a type that this engine does not have fails for good", async () => {
    const report = await runnerOf(fail).run(makeRequest(makeStep("other", {})), scopeOf({}), new AbortController().signal, () => undefined);
    expect(report.outcome).toMatchObject({ kind: "failed", failure: { class: "permanent", code: "STEP_TYPE_UNKNOWN" } });
  });

  test("never rejects, whatever is thrown (R1)", async () => {
    for (const thrown of [new Error("boom"), "text", null, undefined, 3, {}, Object.create(null), { message: 1, cause: { cause: null } }]) {
      expect((await run(throwing(thrown))).kind).toBe("failed");
    }
    const sync: Execute = () => {
      throw new Error("at once");
    };
    expect(await run(sync)).toMatchObject({ kind: "failed", failure: { title: "at once" } });
  });
});

describe("schemas", () => {
  test("of the input are checked before anything runs", async () => {
    let ran = false;
    const execute: Execute = () => {
      ran = true;
      return succeed(null)(undefined as never);
    };
    const failure = { class: "validation", code: "INPUT_SCHEMA", detail: "input: is 3" };
    expect(await run(execute, { with: literal(3) }, { inputSchema: { const: 4 } })).toMatchObject({ kind: "failed", failure });
    expect(ran).toBe(false);
  });

  test("of the output turn a success into a validation failure", async () => {
    expect(await run(succeed(1), {}, { outputSchema: { const: 1 } })).toEqual({ kind: "succeeded", output: 1 });
    expect(await run(succeed(2), {}, { outputSchema: { const: 1 } })).toMatchObject({
      failure: { class: "validation", code: "OUTPUT_SCHEMA", extra: { errors: [{ path: "output" }] } },
    });
  });
});

describe("stopping (R3)", () => {
  const timeout = (value: Field | null = null): Partial<CompiledStep> => {
    // biome-ignore lint/suspicious/noThenProperty: the policy's own name for what follows a time-out
    const policy: TimeoutPolicy = { afterMs: 50, then: value === null ? "fail" : "fallback", value, graceMs: 1 };
    return { timeout: policy };
  };

  test("makes a failure a stop or a time-out, but leaves a success what it is", async () => {
    expect(await run(fail, {}, {}, AbortSignal.abort("cancel"))).toEqual({ kind: "stopped" });
    expect(await run(throwing("cancel"), {}, {}, AbortSignal.abort("cancel"))).toEqual({ kind: "stopped" });
    expect(await run(fail, {}, timeout(), AbortSignal.abort("timeout"))).toMatchObject({
      kind: "timed_out",
      failure: { class: "timeout", code: "TIMEOUT" },
      fallback: null,
    });
    expect(await run(succeed(1), {}, {}, AbortSignal.abort("timeout"))).toEqual({ kind: "succeeded", output: 1 });
  });

  test("at the deadline makes the fallback value where one is declared", async () => {
    const execute: Execute = () => Promise.resolve({ kind: "timed_out", detail: "late" });
    expect(await run(execute, {}, timeout(text("{{ input.n }}")))).toMatchObject({
      kind: "timed_out",
      fallback: 2,
    });
    expect(await run(execute, {}, timeout(text("{{ input.no }}")))).toMatchObject({
      kind: "failed",
      failure: { class: "validation" },
    });
  });
});

describe("large outputs", () => {
  async function report(output: Json): Promise<AttemptReport> {
    return runnerOf(succeed(output)).run(makeRequest(makeStep("t", {})), scopeOf({}), new AbortController().signal, () => undefined);
  }

  test("move into blobs named by their content", async () => {
    const output = { text: "é".repeat(INLINE_MAX_BYTES / 2) };
    const { outcome, blobs } = await report(output);
    const content = JSON.stringify(output);
    expect(blobs).toEqual([{ ref: { $blob: sha256(content), bytes: Buffer.byteLength(content) }, text: content }]);
    expect(outcome).toEqual({ kind: "succeeded", output: blobs[0]?.ref });
  });

  test("stay where they are up to the limit, whatever they are made of", async () => {
    for (const output of ["x".repeat(INLINE_MAX_BYTES - 2), Array.from({ length: 9_000 }, (_, i) => i), { a: ["b".repeat(60_000)] }])
      expect((await report(output)).blobs).toEqual([]);
    expect((await report("x".repeat(INLINE_MAX_BYTES - 1))).blobs).toHaveLength(1);
  });

  test("that look like a reference are moved, so that nobody takes them for one", async () => {
    const fake = { $blob: "0".repeat(64), bytes: 3 };
    const { outcome, blobs } = await report(fake);
    expect(blobs).toHaveLength(1);
    expect(outcome).not.toMatchObject({ output: fake });
  });
});

describe("a breaker", () => {
  test("that is open uses up no attempt, and is waited for within bounds (I-36)", async () => {
    clock.waits.length = 0;
    const runner = runnerOf(fail, { target: () => "api" }, open);
    const report = await runner.run(makeRequest(makeStep("t", {})), scopeOf({}), new AbortController().signal, () => undefined);
    expect(report.outcome).toEqual({ kind: "not_started", reason: "The breaker of api is open." });
    expect(clock.waits).toEqual([5_000]);
  });

  test("counts refused connections and time-outs, not the user's failures", async () => {
    const counted: string[] = [];
    const counting: Breakers = {
      ...closed,
      call: (_key, work, judge) =>
        work().then((result) => {
          counted.push(judge(result));
          return result;
        }),
    };
    for (const thrown of [{ code: "ECONNREFUSED" }, { status: 503 }, { status: 404 }, new Error("mine")]) {
      await runnerOf(throwing(thrown), { target: () => "api" }, counting).run(
        makeRequest(makeStep("t", {})),
        scopeOf({}),
        new AbortController().signal,
        () => undefined,
      );
    }
    expect(counted).toEqual(["failed", "failed", "answered", "answered"]);
  });
});

describe("reattaching", () => {
  const reattach = (differs: Partial<StepType>): Promise<AttemptReport> =>
    runnerOf(fail, differs).reattach(makeRequest(makeStep("t", {})), scopeOf({}), new AbortController().signal, "follow");

  test("asks the type, and knows that the others end with their engine", async () => {
    expect((await reattach({ reattach: succeed(5) })).outcome).toEqual({ kind: "succeeded", output: 5 });
    expect((await reattach({ reattach: () => Promise.resolve({ kind: "not_started", reason: "r" }) })).outcome).toEqual({
      kind: "not_started",
      reason: "r",
    });
    expect((await reattach({})).outcome).toMatchObject({ kind: "lost", failure: { class: "lost" } });
    expect((await reattach({ reattach: throwing(new Error("x")) })).outcome).toMatchObject({ kind: "failed" });
  });
});

describe("the output of a run", () => {
  const workflow = (output: Record<string, Field> | null, outputSchema: JsonObject | null = null) =>
    makeRequest(makeStep("t", {}), { workflow: { output, outputSchema } }).workflow;
  const scope = scopeOf({ input: { n: 2 } });

  test("is made of its fields, or is null", () => {
    expect(runnerOf(fail).makeOutput(workflow({ a: text("{{ input.n }}") }), scope)).toEqual({
      result: { ok: true, output: { a: 2 } },
      blobs: [],
    });
    expect(runnerOf(fail).makeOutput(workflow(null), scope)).toEqual({ result: { ok: true, output: null }, blobs: [] });
  });

  test("that cannot be made or does not fit is a failure", () => {
    expect(runnerOf(fail).makeOutput(workflow({ a: text("{{ input.x }}") }), scope).result).toMatchObject({
      ok: false,
      failure: { code: "EXPR_MISSING" },
    });
    expect(runnerOf(fail).makeOutput(workflow(null, { const: 1 }), scope).result).toMatchObject({
      ok: false,
      failure: { code: "OUTPUT_SCHEMA" },
    });
  });
});

describe("a store that cannot be read (I-39)", () => {
  const unread = (error: Error): Scope => ({
    value: () => {
      throw error;
    },
    step: () => undefined,
    stepNames: () => [],
  });
  const reading: Execute = async (context) => ({ kind: "succeeded", output: context.value("a") ?? null });
  const meet = async (error: Error, differs: Partial<CompiledStep> = {}, execute = reading): Promise<AttemptReport["outcome"]> => {
    const step = makeStep("t", { a: text("{{ input.n }}") }, differs);
    return (await runnerOf(execute).run(makeRequest(step), unread(error), new AbortController().signal, () => undefined)).outcome;
  };
  const busy = new TransientError("STORE_BUSY");

  test("for the moment hands the attempt back", async () => {
    expect(await meet(busy)).toMatchObject({ kind: "not_started", reason: expect.stringContaining("locked") });
  });

  test("hands back nothing that may not be repeated: a person decides", async () => {
    expect(await meet(busy, { sideEffect: "once" })).toMatchObject({ kind: "lost" });
    expect(await meet(busy, { retry: { ...RETRY_DEFAULTS, never: true } })).toMatchObject({ kind: "lost" });
  });

  test("for good is no failure of the step either", async () => {
    expect(await meet(new InvariantError("INV_BLOB_MISSING", { digest: "d0" }))).toMatchObject({
      kind: "lost",
      failure: { class: "lost" },
    });
  });

  test("when the fallback of a time-out is made, neither", async () => {
    // biome-ignore lint/suspicious/noThenProperty: `then` is the author's word for what follows a time-out; nobody awaits a policy.
    const timeout: TimeoutPolicy = { afterMs: 5, then: "fallback", value: text("{{ input.n }}"), graceMs: 0 };
    expect(await meet(busy, { timeout }, async () => ({ kind: "timed_out", detail: "late" }))).toMatchObject({ kind: "lost" });
  });

  test("is told from what a function throws by itself", async () => {
    const outcome = await meet(busy, {}, () => Promise.reject(new TransientError("BACKPRESSURE", { depth: 1, bound: 1 })));
    expect(outcome).toMatchObject({ kind: "failed", failure: { code: "BACKPRESSURE" } });
  });

  test("keeps the run's output from being made, and does not fail the run", () => {
    const workflow = buildWorkflow([], { output: { n: text("{{ input.n }}") } });
    expect(() => runnerOf(fail).makeOutput(workflow, unread(busy))).toThrow(busy);
  });
});
