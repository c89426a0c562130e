/** I-7: one key for all attempts of a step, another one for every other step and run; attempts are told apart by their number. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { useEngines, workflowOf } from "../../support/engine-bench.ts";

const bench = useEngines();
const STEP = `echo "$TROUPE_STEP_ID $TROUPE_ATTEMPT $TROUPE_IDEMPOTENCY_KEY" >> keys`;

test("the idempotency key is the same for all attempts of a step in a run, and for nothing else", async () => {
  const seen: string[] = [];
  const functions = {
    note: (_: unknown, { attempt, idempotencyKey }: { attempt: number; idempotencyKey: string }) => {
      seen.push(`function ${attempt} ${idempotencyKey}`);
      if (attempt < 3) throw Object.assign(new Error("later"), { class: "transient" });
      return null;
    },
  };
  const { troupe, workspace, write } = await bench.open({ functions });
  const text = workflowOf(
    "- id: flaky",
    "  retry: { max: 2, base: 10ms, exit_codes: [3] }",
    `  run: '${STEP}; test "$TROUPE_ATTEMPT" -ge 3 || exit 3'`,
    "- id: steady",
    `  run: '${STEP}'`,
    "- id: function",
    "  retry: { max: 2, base: 10ms }",
    "  call: note",
  );
  const workflow = troupe.load(write(text));
  for (let run = 0; run < 2; run++) expect((await (await troupe.run(workflow, { workspace })).result()).state).toBe("succeeded");
  const lines = [...readFileSync(join(workspace, "keys"), "utf8").trim().split("\n"), ...seen].map((line) => line.split(" "));
  const attemptsOf = Map.groupBy(lines, ([step, , key]) => `${step} ${key}`);
  expect(
    [...attemptsOf.values()].map((attempts) => `${attempts[0]?.[0]} ${attempts.map(([, attempt]) => attempt).join("")}`).sort(),
  ).toEqual(["flaky 123", "flaky 123", "function 123", "function 123", "steady 1", "steady 1"]);
  expect(new Set(lines.map(([, , key]) => key)).size).toBe(6);
});
