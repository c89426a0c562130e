/** What people do with runs, and how runs share an engine (I-25, I-27, I-37, I-44). */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { RunHandle } from "../../../src/main/index.ts";
import { elapse } from "../../support/elapse.ts";
import { useEngines, waitFor, workflowOf } from "../../support/engine-bench.ts";
import { eventually } from "../../support/eventually.ts";

const bench = useEngines();
const lines = (file: string): readonly string[] => (existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : []);
const types = async (run: RunHandle): Promise<readonly string[]> => {
  const seen: string[] = [];
  for await (const { type, stepId } of run.events()) seen.push(stepId === undefined ? type : `${type} ${stepId}`);
  return seen;
};

describe("a cancel (I-25)", () => {
  const TEXT = workflowOf(
    "- id: flaky",
    "  optional: true",
    "  retry: { max: 5, base: 10m, jitter: none, exit_codes: [3] }",
    "  run: echo flaky >> ledger; exit 3",
    "- id: deaf",
    "  timeout: { after: 10m, grace: 200ms }",
    "  run: \"trap '' TERM; echo deaf >> ledger; while :; do sleep 0.05; done\"",
    "- id: after",
    "  needs: [flaky, deaf]",
    "  join: all_done",
    "  run: echo after >> ledger",
  );

  test("ends what runs, waits and retries, and nothing starts after it", async () => {
    const { troupe, workspace, write } = await bench.open();
    const run = await troupe.run(write(TEXT), { workspace });
    await eventually(() => {
      const [flaky, deaf] = run.view().steps;
      expect([flaky?.state, deaf?.state]).toEqual(["retrying", "running"]);
      expect(lines(join(workspace, "ledger")).length).toBe(2);
    }, 10_000);
    await run.cancel("enough");
    const { state, steps } = await run.result();
    expect([state, ...steps.map((step) => step.state)]).toEqual(["canceled", "canceled", "canceled", "canceled"]);
    expect(lines(join(workspace, "ledger")).toSorted()).toEqual(["deaf", "flaky"]);
    await expect(run.cancel()).rejects.toMatchObject({ code: "RUN_ALREADY_FINISHED" });
  });

  test("at any moment ends the run as canceled or as it would have ended, whichever commits first", async () => {
    const { troupe, workspace, write } = await bench.open();
    const workflow = troupe.load(
      write(
        workflowOf(
          "- id: one",
          "  run: sleep 0.05",
          "- id: two",
          "  needs: [one]",
          "  run: sleep 0.05",
          "- id: bad",
          "  optional: true",
          "  run: exit 1",
        ),
      ),
    );
    const ends = await Promise.all(
      Array.from({ length: 16 }, async (_, index) => {
        const run = await troupe.run(workflow, { workspace });
        await elapse(index * 25);
        const answer = await run.cancel().then(
          () => "taken",
          () => "refused",
        );
        const { state, steps } = await run.result();
        const seen = await types(run);
        const canceledAt = seen.indexOf("run.canceling");
        const startedAfter = seen.slice(canceledAt + 1).filter((type) => type.startsWith("step.started"));
        return {
          answer,
          state,
          open: steps.filter(({ endedAt }) => endedAt === null).length,
          late: answer === "taken" && canceledAt >= 0 ? startedAfter : [],
        };
      }),
    );
    for (const { answer, state, late } of ends) {
      expect(state).toBe(answer === "taken" ? "canceled" : "succeeded");
      expect(late).toEqual([]);
    }
  });
});

test("a pause lets attempts end and starts none; a resume goes on (I-27)", async () => {
  const { troupe, workspace, write } = await bench.open();
  const text = workflowOf(
    "- id: first",
    "  run: 'touch begun; until [ -e go ] || [ ! -e begun ]; do sleep 0.02; done'",
    "- id: second",
    "  needs: [first]",
    "  run: touch second",
  );
  const run = await troupe.run(write(text), { workspace });
  await waitFor(join(workspace, "begun"));
  await run.pause();
  writeFileSync(join(workspace, "go"), "");
  await eventually(() => expect(run.view().steps[0]?.state).toBe("succeeded"));
  await elapse(150);
  expect(existsSync(join(workspace, "second"))).toBe(false);
  expect(run.view().detail).toBe("running.paused");
  await run.resume();
  expect((await run.result()).state).toBe("succeeded");
});

test("pages of runs neither repeat nor miss one while runs are added (I-44)", async () => {
  const { troupe, write } = await bench.open({ durability: "relaxed", functions: { nothing: () => null } });
  const workflow = troupe.load(write(workflowOf("- id: nothing", "  call: nothing")));
  const start = async (count: number): Promise<readonly string[]> =>
    Promise.all(Array.from({ length: count }, async () => (await troupe.run(workflow)).id));
  const before = await start(60);
  const seen: string[] = [];
  for (let last: string | undefined; ; ) {
    const page = troupe.list({ limit: 7, ...(last !== undefined && { before: last }) });
    seen.push(...page.map(({ id }) => id));
    last = page.at(-1)?.id;
    if (page.length < 7) break;
    await start(3);
  }
  expect(new Set(seen).size).toBe(seen.length);
  expect(before.filter((id) => !seen.includes(id))).toEqual([]);
});

describe("places", () => {
  const overlap = (journal: readonly string[]): number => {
    let now = 0;
    let most = 0;
    for (const line of journal) {
      now += line.startsWith("begin") ? 1 : -1;
      most = Math.max(most, now);
    }
    return most;
  };
  const step = (id: string, ...more: readonly string[]): readonly string[] => [
    `- id: ${id}`,
    ...more.map((line) => `  ${line}`),
    "  run: 'echo begin >> ledger; sleep 0.06; echo end >> ledger'",
  ];
  /** Ends no sooner than this many have begun, so that those which may run together do. */
  const meeting = (id: string, count: number): readonly string[] => [
    `- id: ${id}`,
    `  run: 'echo begin >> ledger; until [ "$(grep -c begin ledger)" -ge ${count} ]; do sleep 0.02; done; sleep 0.06; echo end >> ledger'`,
  ];

  test("steps with a common lock, or that touch overlapping paths, never run together", async () => {
    const { troupe, workspace, write } = await bench.open();
    const text = workflowOf(
      ...step("a", "locks: [scale]"),
      ...step("b", "locks: [scale]"),
      ...step("c", "locks: [scale]", "touches: [src/**]"),
      ...step("d", "touches: [src/main.c]", "locks: [scale]"),
    );
    expect((await (await troupe.run(write(text), { workspace })).result()).state).toBe("succeeded");
    expect(overlap(lines(join(workspace, "ledger")))).toBe(1);
  });

  test("a run keeps to its concurrency, and all runs to the engine's", async () => {
    const { troupe, workspace, write } = await bench.open({ maxWorkers: 3 });
    const textOf = (count: number): string => workflowOf(...Array.from({ length: 6 }, (_, index) => meeting(`s${index}`, count)).flat());
    const single = await troupe.run(write(textOf(2)), { workspace, concurrency: 2 });
    await single.result();
    expect(overlap(lines(join(workspace, "ledger")))).toBe(2);
    writeFileSync(join(workspace, "ledger"), "");
    const file = write(textOf(3));
    const both = await Promise.all([0, 1].map(() => troupe.run(file, { workspace })));
    await Promise.all(both.map((run) => run.result()));
    expect(overlap(lines(join(workspace, "ledger")).filter((line) => line !== ""))).toBe(3);
  });

  test("the more urgent run goes first when places are short", async () => {
    const order: string[] = [];
    const gate = Promise.withResolvers<void>();
    const { troupe, write } = await bench.open({
      maxWorkers: 1,
      functions: { hold: () => gate.promise, note: ({ name }: { name: string }) => order.push(name) },
    });
    const hold = await troupe.run(write(workflowOf("- id: hold", "  call: hold"), "hold.yaml"));
    const text = workflowOf("- id: note", "  call: note", "  with: { name: '{{ input.name }}' }");
    const note = troupe.load(write(text, "note.yaml"));
    const runs = [];
    for (const [name, priority] of [
      ["low", 5],
      ["middle", 3],
      ["high", 1],
    ] as const)
      runs.push(await troupe.run(note, { input: { name }, priority }));
    gate.resolve();
    await Promise.all([hold, ...runs].map((run) => run.result()));
    expect(order).toEqual(["high", "middle", "low"]);
  });
});
