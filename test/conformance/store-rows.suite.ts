/** What a store promises about rows for lists, look-ups and timers. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { StepId, TenantId } from "../../src/core/ids.ts";
import type { Appended, Store } from "../../src/ports/store.ts";
import { DEFINITION, runId, Script, T0 } from "./store.entries.ts";
import type { StoreHarness } from "./store.harness.ts";

export function describeRows({ openReady }: StoreHarness): void {
  describe("rows", () => {
    test("a run's row tells its start, its progress and its end", async () => {
      const { store, commit } = await openReady();
      const script = new Script(7).create({
        tenant: "acme" as TenantId,
        priority: 1,
        labels: { team: "a" },
        parent: { runId: runId(1), relation: "retry", from: null },
      });
      await commit(script.take());
      expect(store.run(script.id)).toEqual({
        id: script.id,
        tenant: "acme",
        workflow: "build",
        definition: DEFINITION,
        state: "pending",
        priority: 1,
        input: { load: 1 },
        output: null,
        error: null,
        labels: { team: "a" },
        createdAt: T0 + 1,
        startedAt: null,
        endedAt: null,
        costUsd: 0,
        stepsTotal: 2,
        stepsDone: 0,
        parent: runId(1),
        lastSeq: 1,
      });
      await commit(
        script
          .begin()
          .queue("compile")
          .start("compile", 1)
          .succeed("compile", 1, { startedAt: T0, endedAt: T0 + 9, costUsd: 0.25 })
          .take(),
      );
      expect(store.run(script.id)).toMatchObject({
        state: "running.executing",
        startedAt: T0 + 2,
        stepsDone: 1,
        costUsd: 0.25,
        lastSeq: 5,
      });
      await commit(script.move("run", "run.failed", "run.fail", "failed", { error: { code: "X" } }).take());
      expect(store.run(script.id)).toMatchObject({ state: "failed", error: { code: "X" }, endedAt: T0 + 6, output: null });
      expect(store.run(runId(99))).toBeNull();
    });

    test("steps and attempts tell what each did, and a retry keeps both attempts", async () => {
      const { store, commit, epoch } = await openReady();
      await commit(new Script(1).whole().take());
      expect(store.steps(runId(1))).toEqual([
        {
          runId: runId(1),
          step: "compile",
          itemKey: "",
          state: "succeeded",
          attempt: 2,
          startedAt: T0 + 4,
          endedAt: T0 + 8,
          dueAt: null,
          costUsd: 0.3,
        },
        {
          runId: runId(1),
          step: "test",
          itemKey: "",
          state: "succeeded",
          attempt: 1,
          startedAt: T0 + 10,
          endedAt: T0 + 11,
          dueAt: null,
          costUsd: 0,
        },
      ]);
      const failure = { class: "transient", code: "EXIT_CODE", title: "exit 1" };
      const common = { runId: runId(1), itemKey: "", epoch };
      expect(store.attempts(runId(1))).toEqual([
        {
          ...common,
          step: "compile",
          attempt: 1,
          tool: null,
          startedAt: T0 + 4,
          endedAt: T0 + 5,
          outcome: "failed",
          error: failure,
          costUsd: 0.1,
        },
        {
          ...common,
          step: "compile",
          attempt: 2,
          tool: "cc",
          startedAt: T0 + 7,
          endedAt: T0 + 17,
          outcome: "succeeded",
          error: null,
          costUsd: 0.2,
        },
        {
          ...common,
          step: "test",
          attempt: 1,
          tool: null,
          startedAt: T0 + 10,
          endedAt: T0 + 11,
          outcome: "succeeded",
          error: null,
          costUsd: null,
        },
      ]);
    });

    test("an attempt that never began is the same attempt when it starts again, and a skipped step has none", async () => {
      const { store, commit } = await openReady();
      const script = new Script(1).create().begin().queue("compile").start("compile", 1);
      await commit(script.take());
      script.move("compile", "step.queued", "attempt.requeued", "running.waiting", { attempt: 1, reason: "no process" });
      await commit(script.start("compile", 1).move("test", "step.skipped", "step.skip", "skipped").take());
      expect(store.attempts(runId(1))).toMatchObject([{ step: "compile", attempt: 1, startedAt: T0 + 6, outcome: null }]);
      expect(store.steps(runId(1))).toMatchObject([
        { state: "running.executing" },
        { state: "skipped", startedAt: null, endedAt: T0 + 7, attempt: 0 },
      ]);
      expect(store.run(runId(1))?.stepsDone).toBe(1);
    });

    test("a carried result has no attempt of this run", async () => {
      const { store, commit } = await openReady();
      const script = new Script(1)
        .create()
        .begin()
        .move("compile", "step.started", "step.carry", "running.waiting", { attempt: 3, from: runId(9) });
      await commit(
        script.move("compile", "step.succeeded", "attempt.succeeded", "succeeded", { attempt: 3, outcome: { kind: "succeeded" } }).take(),
      );
      expect(store.attempts(runId(1))).toEqual([]);
      expect(store.steps(runId(1))).toMatchObject([{ attempt: 3, state: "succeeded" }]);
    });

    test("rows do not depend on how a journal was cut into commits, and a rebuild gives the same ones (F-33)", async () => {
      const { store, commit } = await openReady();
      const { entries } = new Script(1).whole().take();
      const view = (number: number) =>
        JSON.stringify([store.run(runId(number)), store.steps(runId(number)), store.attempts(runId(number))]).replaceAll(
          runId(number),
          "R",
        );
      let number = 0;
      await fc.assert(
        fc.asyncProperty(fc.subarray(entries.map((_, index) => index).slice(1)), async (cuts) => {
          number += 1;
          for (const [index, from] of [0, ...cuts].entries()) {
            const part = entries.slice(from, cuts[index] ?? entries.length);
            await commit({ runId: runId(number), entries: part });
          }
          expect(view(number)).toBe(view(1));
        }),
        { numRuns: 25 },
      );
      const before = view(number);
      expect(await store.rebuild("test")).toBe(number);
      expect(view(number)).toBe(before);
      expect(view(1)).toBe(before);
    });

    test("a page of runs neither repeats nor misses one while others are added (I-44)", async () => {
      const { store, commit } = await openReady();
      for (let number = 1; number <= 9; number++) {
        const script = new Script(number).create({
          tenant: (number % 2 ? "a" : "b") as TenantId,
          workflow: number < 5 ? "build" : "deploy",
        });
        await commit(number % 3 === 0 ? script.begin().take() : script.take());
      }
      const seen: string[] = [];
      let before: ReturnType<typeof runId> | undefined;
      for (let page = store.runs({ limit: 4 }); page.length > 0; page = store.runs({ limit: 4, before: before ?? runId(0) })) {
        seen.push(...page.map(({ id }) => id));
        before = page.at(-1)?.id;
        await commit(new Script(100 + seen.length).create().take());
      }
      expect(seen).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1].map(runId));
      const ids = (filter: Partial<Parameters<Store["runs"]>[0]>) =>
        store
          .runs({ limit: 50, ...filter })
          .map(({ id }) => Number.parseInt(id.slice(4), 16))
          .filter((number) => number < 100);
      expect(ids({ states: ["running"] })).toEqual([9, 6, 3]);
      expect(ids({ states: ["running", "pending"], workflow: "deploy", tenant: "b" as TenantId })).toEqual([8, 6]);
      expect(store.runs({ states: ["failed"], limit: 5 })).toEqual([]);
      expect(store.runIds(runId(5).slice(0, -1), 3)).toEqual([9, 8, 7].map(runId));
      expect(store.runIds("run_f", 3)).toEqual([]);
    });

    test("runs are found by a part of their workflow's name, the beginning of their id and the time they were created", async () => {
      const { store, commit } = await openReady();
      const hour = 3_600_000;
      for (let number = 1; number <= 8; number++) {
        const tenant = (number % 2 ? "a" : "b") as TenantId;
        const workflow = number < 5 ? "Nightly-build" : `deploy_${number}%`;
        const script = new Script(number, number * hour).create({ tenant, workflow });
        await commit(number === 3 ? script.begin().take() : script.take());
      }
      const ids = (filter: Partial<Parameters<Store["runs"]>[0]>) =>
        store.runs({ limit: 50, ...filter }).map(({ id }) => Number.parseInt(id.slice(4), 16));
      expect(ids({ text: "BUILD" })).toEqual([4, 3, 2, 1]);
      expect(ids({ text: "build", states: ["running", "pending"], tenant: "a" as TenantId, before: runId(3) })).toEqual([1]);
      expect(ids({ text: "deploy", workflow: "deploy_7%" })).toEqual([7]);
      expect(ids({ text: "_6%" })).toEqual([6]);
      expect([ids({ text: runId(2) }), ids({ text: runId(2).slice(4) }), ids({ text: "0000", limit: 2 })]).toEqual([[2], [2], [8, 7]]);
      expect([ids({ text: runId(2).slice(-8) }), ids({ text: runId(2).slice(-8), workflow: "nobody" })]).toEqual([[2], []]);
      for (const hostile of ["'", '"; DROP TABLE runs; --', "%", "*", "\\", "nothing"]) expect(ids({ text: hostile }).length % 4).toBe(0);
      const from = (number: number): number => T0 + number * hour + 1;
      expect(ids({ createdFrom: from(3) })).toEqual([8, 7, 6, 5, 4, 3]);
      expect(ids({ createdBefore: from(3) })).toEqual([2, 1]);
      expect(ids({ createdFrom: from(2), createdBefore: from(5), tenant: "a" as TenantId })).toEqual([3]);
      expect([ids({ createdFrom: from(9) }), ids({ createdBefore: 0 }), ids({ createdFrom: from(5), createdBefore: from(2) })]).toEqual([
        [],
        [],
        [],
      ]);
    });

    test("a text that many workflows' names hold finds them all", async () => {
      const { store, commit } = await openReady();
      const scripts = Array.from({ length: 30 }, (_, index) => new Script(index + 1).create({ workflow: `flow-${index}` }));
      await commit(...scripts.map((script) => script.take()));
      expect(store.runs({ text: "flow", limit: 50 })).toHaveLength(30);
      expect(store.runs({ text: "flow-1", limit: 50, states: ["pending"] })).toHaveLength(11);
      expect(store.runs({ text: "flow", limit: 3, workflow: "flow-7" })).toHaveLength(1);
    });

    test("what was spent is summed by step, items with their step, of one tenant, by when attempts ended", async () => {
      const { store, commit } = await openReady();
      const acme = "acme" as TenantId;
      const usage = (endedAt: number, costUsd: number) => ({ startedAt: T0, endedAt: T0 + endedAt, tool: "codex", costUsd });
      const worked = (number: number, tenant: TenantId, endedAt: number, costUsd: number, step = "compile") =>
        new Script(number).create({ tenant }).begin().queue(step).start(step, 1).succeed(step, 1, usage(endedAt, costUsd)).take();
      await commit(
        worked(1, acme, 100, 0.25),
        worked(2, acme, 200, 0.5),
        worked(3, acme, 300, 8),
        worked(4, "other" as TenantId, 100, 16),
        worked(5, acme, 100, 0),
        worked(6, acme, 100, 1, "test[a]"),
        worked(7, acme, 100, 1, "test[b]"),
      );
      const sums = store.costs(acme, T0 + 100, T0 + 300);
      expect(sums.map(({ step, usd, attempts, tool }) => [step, usd, attempts, tool])).toEqual([
        ["compile", 0.75, 2, "codex"],
        ["test", 2, 2, "codex"],
      ]);
      expect(store.costs(acme, T0, T0 + 100)).toEqual([]);
    });

    test("history gives durations of succeeded attempts, newest first", async () => {
      const { store, commit } = await openReady();
      for (const number of [1, 2]) {
        const script = new Script(number).create().begin().queue("compile").start("compile", 1);
        await commit(script.succeed("compile", 1, { startedAt: T0 + number * 100, endedAt: T0 + number * 100 + number }).take());
      }
      expect(store.history("build")).toEqual([{ step: "compile", type: "shell", durationsMs: [2, 1] }]);
      expect(store.history("other")).toEqual([]);
    });
  });

  describe("timers and activity", () => {
    test("an actor has the timer of the state it is in", async () => {
      const { store, commit } = await openReady();
      const script = new Script(1)
        .create()
        .begin({ timer: "run/limit/0", dueAt: T0 + 900 })
        .queue("compile");
      await commit(script.start("compile", 1, { timer: "compile/timeout/1", dueAt: T0 + 500 }).take());
      expect(store.nextDueAt(null)).toBe(T0 + 500);
      await commit(
        script.move("compile", "step.progress", "attempt.progress", "running.executing", { attempt: 1, progress: { percent: 5 } }).take(),
      );
      expect(store.dueTimers(T0 + 1_000, 10, null)).toEqual([
        { runId: runId(1), actor: "compile", timer: "compile/timeout/1", dueAt: T0 + 500 },
        { runId: runId(1), actor: "run", timer: "run/limit/0", dueAt: T0 + 900 },
      ]);
      await commit(script.retry("compile", 1, T0 + 950).take());
      expect(store.dueTimers(T0 + 1_000, 10, null).map(({ timer }) => timer)).toEqual(["run/limit/0", "compile/backoff/1"]);
      expect(store.dueTimers(T0 + 900, 10, null)).toHaveLength(1);
      await commit(script.wake("compile").take());
      expect(store.dueTimers(T0 + 1_000, 10, null).map(({ actor }) => actor)).toEqual(["run"]);
      await commit(script.move("run", "run.quarantined", "run.quarantine", "quarantined", { reason: "x" }).take());
      expect(store.nextDueAt(null)).toBeNull();
    });

    test("timers can be asked for by run, in due order, up to a limit", async () => {
      const { store, commit } = await openReady();
      for (const number of [3, 1, 2]) {
        await commit(
          new Script(number)
            .create()
            .begin({ timer: "run/limit/0", dueAt: T0 + number })
            .take(),
        );
      }
      expect(store.dueTimers(T0 + 10, 2, null).map(({ runId: id }) => id)).toEqual([runId(1), runId(2)]);
      expect(store.dueTimers(T0 + 10, 9, [runId(2), runId(3)]).map(({ runId: id }) => id)).toEqual([runId(2), runId(3)]);
      expect(store.nextDueAt([runId(3)])).toBe(T0 + 3);
      expect(store.nextDueAt([])).toBeNull();
    });

    test("a census counts what has not ended, by state, and the steps that wait for a person", async () => {
      const { store, commit } = await openReady();
      expect(store.census()).toEqual({ runs: new Map(), quarantinedSteps: 0, pendingApprovals: 0 });
      const ended = new Script(1).whole();
      const waiting = new Script(2).create().begin().queue("compile").start("compile", 1);
      waiting.move("compile", "step.quarantined", "attempt.failed", "quarantined", { attempt: 1 });
      waiting.move("run", "run.quarantined", "run.quarantine", "quarantined", { reason: "1 step is quarantined" });
      const running = [3, 4].map((number) => new Script(number).create().begin());
      const asking = new Script(6).create().begin().queue("compile").start("compile", 1);
      const park = (kind: string): void => {
        asking.move("compile", "step.waiting", "attempt.parked", "running.parked", { attempt: 1, until: { parking: { kind } } });
      };
      park("approval");
      asking.move("compile", "step.queued", "step.answer", "running.waiting", { attempt: 1 }).start("compile", 2);
      park("approval");
      const timed = new Script(7).create().begin().queue("compile").start("compile", 1);
      timed.move("compile", "step.waiting", "attempt.parked", "running.parked", { attempt: 1, until: { parking: { kind: "timer" } } });
      for (const script of [ended, waiting, ...running, new Script(5).create(), asking, timed]) await commit(script.take());
      expect(store.census()).toEqual({
        runs: new Map([
          ["pending", 1],
          ["quarantined", 1],
          ["running.executing", 4],
        ]),
        quarantinedSteps: 1,
        pendingApprovals: 1,
      });
      expect(store.census("default" as TenantId)).toEqual(store.census());
      const mine = "default" as TenantId;
      expect(store.parked(mine, "approval", 9)).toMatchObject([
        { runId: runId(6), step: "compile", attempt: 1, parking: { kind: "approval" }, dueAt: null },
      ]);
      expect([store.parked(mine, "timer", 9).length, store.parked(mine, "event", 9), store.parked(mine, "approval", 0)]).toEqual([
        1,
        [],
        [],
      ]);
      expect(store.quarantined(mine, 9)).toMatchObject([
        { runId: runId(2), workflow: "build", step: "compile", attempt: 1, since: expect.any(Number) },
      ]);
      expect([store.parked("other" as TenantId, "approval", 9), store.quarantined("other" as TenantId, 9)]).toEqual([[], []]);
      expect(store.attempts(runId(6), ["compile" as StepId])).toEqual(store.attempts(runId(6)));
      expect(store.attempts(runId(6), [])).toEqual([]);
      expect(store.census("other" as TenantId)).toEqual({ runs: new Map(), quarantinedSteps: 0, pendingApprovals: 0 });
    });

    test("unfinished and active runs are told apart", async () => {
      const { store, commit } = await openReady();
      const scripts = [1, 2, 3, 4, 5].map((number) => new Script(number).create());
      const [, waiting, active, quarantined, ended] = scripts;
      waiting
        ?.begin()
        .queue("compile")
        .start("compile", 1)
        .retry("compile", 1, T0 + 99);
      active?.begin().queue("compile");
      quarantined?.begin().move("run", "run.quarantined", "run.quarantine", "quarantined");
      ended?.begin().end();
      await commit(...scripts.map((script) => script.take()));
      expect(store.unfinishedRuns()).toEqual([1, 2, 3].map(runId));
      expect(store.activeRuns()).toEqual([1, 3].map(runId));
      await commit(active?.start("compile", 1).succeed("compile", 1).take() as Appended);
      expect(store.activeRuns()).toEqual([runId(1)]);
    });
  });
}
