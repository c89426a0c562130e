/**
 * What every store must hold, against the port only. `open` gives a fresh store; `reopen` closes it and opens the same data again,
 * where the technology keeps any.
 */
import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import type { BlobRef } from "../../src/core/blob.ts";
import type { CauseId, Digest, TenantId } from "../../src/core/ids.ts";
import { canonicalJson } from "../../src/core/json.ts";
import type { Appended, Store, StoreAdmin } from "../../src/ports/store.ts";
import { batchOf, DEFINITION, definitionRow, runId, Script, T0 } from "./store.entries.ts";

export type TestedStore = Store & StoreAdmin;

export interface StoreBench {
  open(): Promise<TestedStore>;
  /** Opens what `open` wrote, after a crash: without `disown`. Null where nothing is kept. */
  readonly reopen: (() => Promise<TestedStore>) | null;
  cleanUp(): Promise<void>;
}

export function describeStore(name: string, createBench: () => StoreBench): void {
  describe(`store: ${name}`, () => {
    let bench: StoreBench | null = null;
    const opened: TestedStore[] = [];

    const openFresh = async (): Promise<TestedStore> => {
      bench = createBench();
      const store = await bench.open();
      opened.push(store);
      return store;
    };
    /** An owned store that knows the workflow `build`. */
    const openReady = async (): Promise<{ store: TestedStore; epoch: number; commit(...appended: Appended[]): Promise<void> }> => {
      const store = await openFresh();
      const { epoch } = await store.own("if-dead");
      await store.putDefinition(definitionRow());
      return { store, epoch, commit: (...appended) => store.commit(epoch, batchOf(...appended)) };
    };
    afterEach(async () => {
      for (const store of opened.splice(0)) await store[Symbol.asyncDispose]();
      await bench?.cleanUp();
      bench = null;
    });

    describe("commits", () => {
      test("a resolved commit is read back at once, word for word", async () => {
        const { store, commit } = await openReady();
        const appended = new Script(1).whole().take();
        await commit(appended);
        expect(store.entries(runId(1), 0, 100)).toEqual(appended.entries);
        expect(store.entries(runId(1), 3, 2).map((entry) => entry.seq)).toEqual([4, 5]);
      });

      test("commits become visible in the order of the calls (ST2)", async () => {
        const { store, commit } = await openReady();
        const scripts = Array.from({ length: 20 }, (_, index) => new Script(index + 1).create().begin().take());
        await Promise.all(scripts.map((appended) => commit(appended)));
        const tail = store.tail(0, 1_000);
        expect(tail.map(({ runId: id }) => id)).toEqual(scripts.flatMap(({ runId: id, entries }) => entries.map(() => id)));
        expect(tail.every(({ position }, index) => index === 0 || position > (tail[index - 1]?.position ?? 0))).toBe(true);
        expect(store.lastPosition()).toBe(tail.at(-1)?.position);
      });

      test("a batch with one refused entry writes nothing of it, and the store goes on (ST2)", async () => {
        const { store, commit, epoch } = await openReady();
        const good = new Script(1).create().take();
        const bad: Appended = { runId: runId(2), entries: [{ ...new Script(2).create().take().entries[0], seq: 2 } as never] };
        const blobs = [{ ref: { $blob: "ab".repeat(32) as Digest, bytes: 4 }, text: "true" }];
        await expect(store.commit(epoch, { appended: [good, bad], takenLetters: [], blobs })).rejects.toMatchObject({
          code: "INV_JOURNAL_GAP",
        });
        expect(store.run(runId(1))).toBeNull();
        expect(store.lastPosition()).toBe(0);
        expect(() => store.blob(blobs[0]?.ref as BlobRef)).toThrow(expect.objectContaining({ code: "INV_BLOB_MISSING" }));
        await commit(good);
        expect(store.run(runId(1))?.state).toBe("pending");
      });

      test("a commit under an epoch that is not the store's writes nothing (ST3, I-10)", async () => {
        const { store, epoch } = await openReady();
        const next = await store.own("force");
        expect(next.epoch).toBe(epoch + 1);
        await expect(store.commit(epoch, batchOf(new Script(1).create().take()))).rejects.toMatchObject({ code: "EPOCH_LOST" });
        expect(store.run(runId(1))).toBeNull();
        await store.commit(next.epoch, batchOf(new Script(1).create().take()));
        expect(store.run(runId(1))).not.toBeNull();
      });

      test("an entry that leaves a gap or comes twice is refused (ST5, I-6)", async () => {
        const { store, commit } = await openReady();
        const script = new Script(1).create().begin();
        const first = script.take();
        await commit(first);
        await expect(commit(first)).rejects.toMatchObject({ code: "INV_ENTRY_REFUSED" });
        script.queue("compile").take();
        await expect(commit(script.start("compile", 1).take())).rejects.toMatchObject({ code: "INV_JOURNAL_GAP" });
        expect(store.run(runId(1))?.lastSeq).toBe(2);
      });

      test("an entry that leaves a state in which its actor is not is refused", async () => {
        const { commit } = await openReady();
        const script = new Script(1).create().begin().queue("compile");
        await commit(script.take());
        const [stray] = new Script(1).create().begin().queue("compile").start("compile", 1).succeed("compile", 1).take().entries.slice(-1);
        if (stray === undefined) throw new Error("no entry");
        await expect(commit({ runId: runId(1), entries: [{ ...stray, seq: 4 }] })).rejects.toMatchObject({ code: "INV_ENTRY_REFUSED" });
        const run = { ...stray, actor: "run" as const, seq: 4, from: "running.waiting", to: "succeeded" };
        await expect(commit({ runId: runId(1), entries: [run] })).rejects.toMatchObject({ code: "INV_ENTRY_REFUSED" });
        await commit(script.start("compile", 1).take());
      });

      test("a run of an unknown definition is refused (I-29)", async () => {
        const { commit } = await openReady();
        const script = new Script(1).create({ definition: "ee".repeat(32) as Digest });
        await expect(commit(script.take())).rejects.toMatchObject({ code: "INV_ENTRY_REFUSED" });
      });

      test("closing lets commits end that were called before it, and refuses later ones", async () => {
        const { store, commit } = await openReady();
        const before = commit(new Script(1).create().take());
        await store[Symbol.asyncDispose]();
        await before;
        await expect(commit(new Script(2).create().take())).rejects.toMatchObject({ code: "STORE_UNUSABLE" });
      });

      test("an empty batch is a commit like any other", async () => {
        const { store, epoch } = await openReady();
        await store.commit(epoch, batchOf());
        await expect(store.commit(epoch + 1, batchOf())).rejects.toMatchObject({ code: "EPOCH_LOST" });
      });
    });

    describe("legal moves (I-5) and outcomes (I-3)", () => {
      const run = ["pending", "running.executing", "succeeded", "failed", "canceled", "quarantined"];
      const step = [...run.slice(0, 2), "retrying", ...run.slice(2), "skipped"];
      /** Reliability §2. */
      const legal: Record<"run" | "step", Record<string, string>> = {
        run: {
          pending: "pending running canceled",
          running: "running succeeded failed canceled quarantined",
          quarantined: "quarantined running failed canceled",
        },
        step: {
          pending: "pending running skipped canceled",
          running: "running succeeded retrying failed skipped canceled quarantined",
          retrying: "retrying running failed canceled quarantined",
          quarantined: "quarantined pending skipped succeeded failed canceled",
        },
      };
      const top = (state: string) => state.split(".")[0] ?? state;
      const isLegal = (kind: "run" | "step", from: string, to: string) => legal[kind][top(from)]?.split(" ").includes(top(to)) ?? false;

      /** Brings an actor into a state by legal moves. */
      function lead(script: Script, actor: string, state: string): void {
        if (state === "pending") return;
        if (state !== "canceled" && state !== "skipped") script.move(actor, "run.started", "go", "running.executing");
        if (state !== "running.executing") script.move(actor, "run.progress", "go", state);
      }

      test("the store admits exactly the moves of the table, for runs and steps", async () => {
        const { store, commit } = await openReady();
        let number = 0;
        for (const [kind, states] of [
          ["run", run],
          ["step", step],
        ] as const) {
          for (const from of states) {
            for (const to of states) {
              number += 1;
              const script = new Script(number).create();
              const actor = kind === "run" ? "run" : "compile";
              if (kind === "step") script.begin().move(actor, "step.queued", "go", "pending");
              lead(script, actor, from);
              await commit(script.take());
              const last = store.run(script.id)?.lastSeq;
              const moved = await commit(script.move(actor, "run.progress", "go", to).take()).then(
                () => true,
                (error) => error.code,
              );
              expect([kind, from, to, moved]).toEqual([kind, from, to, isLegal(kind, from, to) || "INV_ENTRY_REFUSED"]);
              expect(store.run(script.id)?.lastSeq).toBe((last ?? 0) + Number(moved === true));
            }
          }
        }
      });

      test("a run begins as pending, whatever its first entry says", async () => {
        const { commit } = await openReady();
        const [first] = new Script(1).create().take().entries;
        if (first === undefined) throw new Error("no entry");
        await expect(commit({ runId: runId(1), entries: [{ ...first, to: "running.executing" }] })).rejects.toMatchObject({
          code: "INV_ENTRY_REFUSED",
        });
      });

      test("the first recorded outcome of an attempt stays", async () => {
        const { store, commit } = await openReady();
        const script = new Script(1).create().begin().queue("compile").start("compile", 1);
        const lost = { kind: "lost", failure: { class: "lost", code: "LOST", title: "lost" } };
        await commit(script.move("compile", "step.quarantined", "attempt.lost", "quarantined", { attempt: 1, outcome: lost }).take());
        await commit(
          script
            .move("compile", "attempt.ended", "attempt.succeeded", "quarantined", { attempt: 1, outcome: { kind: "succeeded" } })
            .take(),
        );
        expect(store.attempts(runId(1)).map(({ outcome }) => outcome)).toEqual(["lost"]);
      });
    });

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

    describe("definitions, blobs and letters", () => {
      test("a definition is stored once, and versions come newest first", async () => {
        const store = await openFresh();
        await store.putDefinition(definitionRow());
        await store.putDefinition(definitionRow({ file: "elsewhere.yaml", createdAt: T0 + 5 }));
        const second = definitionRow({ hash: "d1".repeat(32) as Digest, createdAt: T0 + 9 });
        await store.putDefinition(second);
        expect(store.definition(DEFINITION)).toEqual(definitionRow());
        expect(store.definitionsOf("build")).toEqual([second, definitionRow()]);
        expect(store.definition("ff".repeat(32) as Digest)).toBeNull();
      });

      test("a blob comes with the commit that needs it, and again changes nothing", async () => {
        const { store, epoch } = await openReady();
        const value = { text: "x".repeat(100_000) };
        const text = canonicalJson(value);
        const ref: BlobRef = { $blob: "b0".repeat(32) as Digest, bytes: text.length };
        await store.commit(epoch, {
          appended: [new Script(1).create({ input: ref }).take()],
          takenLetters: [],
          blobs: [
            { ref, text },
            { ref, text },
          ],
        });
        expect(store.blob(ref)).toEqual(value);
        expect(store.run(runId(1))?.input).toEqual(ref);
      });

      test("a letter stays until a commit takes it, and its cause id is remembered for ever", async () => {
        const { store, epoch } = await openReady();
        const event = { type: "run.cancel", by: "ada", reason: null } as const;
        const first = await store.post(runId(1), "c1" as CauseId, T0, event);
        expect(await store.post(runId(1), "c1" as CauseId, T0 + 5, event)).toBe(first);
        const second = await store.post(runId(2), "c1" as CauseId, T0 + 1, event);
        expect(second).toBeGreaterThan(first);
        expect(store.letters(10)).toEqual([
          { id: first, runId: runId(1), causeId: "c1", at: T0, event },
          { id: second, runId: runId(2), causeId: "c1", at: T0 + 1, event },
        ]);
        await store.commit(epoch, { appended: [], takenLetters: [first], blobs: [] });
        expect(store.letters(10).map(({ id }) => id)).toEqual([second]);
        expect(await store.post(runId(1), "c1" as CauseId, T0 + 9, event)).toBe(first);
        expect(store.letters(10)).toHaveLength(1);
      });

      test("letters of a refused batch stay in the mailbox", async () => {
        const { store, epoch } = await openReady();
        const letter = await store.post(runId(1), "c1" as CauseId, T0, { type: "run.pause", by: "ada" });
        const gap = { runId: runId(1), entries: new Script(1).create().begin().take().entries.slice(1) };
        await expect(store.commit(epoch, { appended: [gap], takenLetters: [letter], blobs: [] })).rejects.toThrow();
        expect(store.letters(10)).toHaveLength(1);
      });

      test("a watcher hears of writes, and nothing after it was disposed", async () => {
        const store = await openFresh();
        let calls = 0;
        const heard = Promise.withResolvers<void>();
        const watcher = store.watch(() => {
          calls += 1;
          heard.resolve();
        }, 5);
        await store.post(runId(1), "c1" as CauseId, T0, { type: "run.pause", by: "ada" });
        await heard.promise;
        watcher[Symbol.dispose]();
        const before = calls;
        await store.post(runId(1), "c2" as CauseId, T0, { type: "run.pause", by: "ada" });
        await new Promise(
          (resolve) =>
            store.watch(() => resolve(undefined), 5) && void store.post(runId(1), "c3" as CauseId, T0, { type: "run.pause", by: "a" }),
        );
        expect(calls).toBe(before);
      });
    });

    describe("ownership", () => {
      test("an owned store is not given to a second owner, save by force (I-11)", async () => {
        const { store, epoch } = await openReady();
        await expect(store.own("if-dead")).rejects.toMatchObject({ code: "STORE_OWNED" });
        expect(await store.own("force")).toMatchObject({ epoch: epoch + 1, previous: "crashed" });
      });

      test("a clean end is not a crash, and the next owner has the next epoch (I-20)", async () => {
        const store = await openFresh();
        expect(await store.own("if-dead")).toEqual({ epoch: 1, previous: "none", recentCrashes: [] });
        await store.disown();
        expect(await store.own("if-dead")).toEqual({ epoch: 2, previous: "clean", recentCrashes: [] });
        await store.disown();
        await expect(store.commit(2, batchOf())).rejects.toMatchObject({ code: "EPOCH_LOST" });
      });

      test("an owner that ended without a word counts as crashed", async () => {
        const { store } = await openReady();
        if (bench?.reopen == null) return;
        await store[Symbol.asyncDispose]();
        const again = await bench.reopen();
        opened.push(again);
        const { epoch, previous, recentCrashes } = await again.own("if-dead");
        expect([epoch, previous, recentCrashes.length]).toEqual([2, "crashed", 1]);
      });

      test("everything is there after opening again", async () => {
        const { store, commit } = await openReady();
        if (bench?.reopen == null) return;
        const script = new Script(1).create().begin().queue("compile");
        await commit(script.take());
        const before = [store.run(runId(1)), store.steps(runId(1)), store.tail(0, 99), store.heads().runs];
        await store[Symbol.asyncDispose]();
        const again = await bench.reopen();
        opened.push(again);
        expect([again.run(runId(1)), again.steps(runId(1)), again.tail(0, 99), again.heads().runs]).toEqual(before);
        const { epoch } = await again.own("if-dead");
        await again.commit(epoch, batchOf(script.start("compile", 1).take()));
        expect(again.verify().breaks).toEqual([]);
      });
    });

    describe("administration", () => {
      test("every chain verifies, against kept heads too (S-47)", async () => {
        const { store, commit } = await openReady();
        const script = new Script(1).whole();
        await commit(script.take());
        const kept = store.heads();
        await commit(new Script(2).create().take());
        expect(store.verify(kept)).toEqual({ runs: 2, entries: 13, breaks: [] });
        expect(kept.runs).toEqual([{ runId: runId(1), seq: 12, hash: store.tail(0, 12).at(-1)?.hash }]);
      });

      test("retention removes ended runs only, oldest first, and leaves proof (I-45)", async () => {
        const { store, commit, epoch } = await openReady();
        const ref: BlobRef = { $blob: "b0".repeat(32) as Digest, bytes: 6 };
        const shared: BlobRef = { $blob: "b1".repeat(32) as Digest, bytes: 6 };
        const blobs = [ref, shared].map((each) => ({ ref: each, text: '"long"' }));
        const old = new Script(1)
          .create({ input: { own: ref, both: shared } as never })
          .begin()
          .end()
          .take();
        await store.commit(epoch, { appended: [old], takenLetters: [], blobs });
        await commit(
          new Script(2).create().begin().take(),
          new Script(3).create({ input: shared }).begin().end().take(),
          new Script(4).create().begin().end().take(),
        );
        await store.post(runId(1), "c1" as CauseId, T0, { type: "run.pause", by: "ada" });
        const kept = store.heads();
        const last = store.lastPosition();
        expect(await store.prune({ olderThanMs: 0, keep: 2, actor: "ada" })).toEqual({ runs: 1, entries: 3, blobs: 1 });
        expect(store.runs({ limit: 9 }).map(({ id }) => id)).toEqual([4, 3, 2].map(runId));
        expect(store.entries(runId(1), 0, 9)).toEqual([]);
        expect(store.letters(9)).toEqual([]);
        expect(store.blob(shared)).toBe("long");
        expect(() => store.blob(ref)).toThrow(expect.objectContaining({ code: "INV_BLOB_MISSING" }));
        expect(store.verify(kept).breaks).toEqual([]);
        expect(store.audits(0, 9)).toMatchObject([
          { id: 1, actor: "ada", what: "runs.pruned", data: { runs: 1, heads: [{ run: runId(1) }] } },
        ]);
        expect(await store.prune({ olderThanMs: 1e15, keep: 0, actor: "ada" })).toEqual({ runs: 0, entries: 0, blobs: 0 });
        await store.prune({ olderThanMs: 0, keep: 0, actor: "ada" });
        await commit(new Script(5).create().take());
        expect(store.lastPosition()).toBeGreaterThan(last);
      });

      test("acts on the store are noted in a chain of their own", async () => {
        const { store } = await openReady();
        await store.note("ada", "quarantine.released", { run: runId(1) });
        await store.note("bob", "quarantine.released", {});
        expect(store.audits(1, 9)).toMatchObject([{ id: 2, actor: "bob", what: "quarantine.released", data: {} }]);
        expect(store.verify().breaks).toEqual([]);
      });

      test("a sound store passes its checks", async () => {
        const { store } = await openReady();
        expect(store.checks().filter(({ ok }) => !ok)).toEqual([]);
        expect(store.checks().map(({ name: check }) => check)).toContain("hash chains");
      });
    });
  });
}
