import { describe, expect, test } from "vitest";
import type { BlobRef } from "../../src/core/blob.ts";
import type { Digest } from "../../src/core/ids.ts";
import type { Appended } from "../../src/ports/store.ts";
import { batchOf, runId, Script } from "./store.entries.ts";
import type { StoreHarness } from "./store.harness.ts";

export function describeCommits({ openFresh, openReady, reopen }: StoreHarness): void {
  describe("commits", () => {
    test("a resolved commit is read back at once, word for word", async () => {
      const { store, commit } = await openReady();
      const appended = new Script(1).whole().take();
      await commit(appended);
      expect(store.entries(runId(1), 0, 100)).toEqual(appended.entries);
      expect(store.entries(runId(1), 3, 2).map((entry) => entry.seq)).toEqual([4, 5]);
      for (const { runId: id, entry, hash } of store.tail(0, 100)) expect(store.entryHash(id, entry.seq)).toBe(hash);
      expect([store.entryHash(runId(1), 1_000), store.entryHash(runId(999), 1)]).toEqual([null, null]);
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

    test("whoever asks which runs have moved is told the last number of each, and from where to ask on", async () => {
      const { store, commit } = await openReady();
      const [one, two] = [new Script(1), new Script(2)];
      await commit(one.create().begin().take(), two.create().take());
      const first = store.moves(0);
      expect(first).toEqual({
        position: store.lastPosition(),
        lastSeqs: new Map([
          [runId(1), 2],
          [runId(2), 1],
        ]),
      });
      expect(store.moves(first.position)).toEqual({ position: first.position, lastSeqs: new Map() });
      await commit(two.begin().take());
      expect(store.moves(first.position)).toEqual({ position: store.lastPosition(), lastSeqs: new Map([[runId(2), 2]]) });
    });

    test("entries of a run are read with their places in the store's order", async () => {
      const { store, commit } = await openReady();
      const [one, two] = [new Script(1), new Script(2)];
      for (const appended of [one.create().take(), two.create().take(), one.begin().take(), two.begin().take()]) await commit(appended);
      const tail = store.tail(0, 99);
      expect(store.placedEntries(runId(2), 0, 99)).toEqual(tail.filter((stored) => stored.runId === runId(2)));
      expect(store.placedEntries(runId(2), 1, 1).map(({ entry }) => entry.seq)).toEqual([2]);
      expect(store.placedEntries(runId(3), 0, 1)).toEqual([]);
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
        script.move("compile", "attempt.ended", "attempt.succeeded", "quarantined", { attempt: 1, outcome: { kind: "succeeded" } }).take(),
      );
      expect(store.attempts(runId(1)).map(({ outcome }) => outcome)).toEqual(["lost"]);
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
      expect(store.epoch()).toBe(0);
      expect(await store.own("if-dead")).toEqual({ epoch: 1, previous: "none", recentCrashes: [] });
      expect(store.epoch()).toBe(1);
      await store.disown();
      expect(await store.own("if-dead")).toEqual({ epoch: 2, previous: "clean", recentCrashes: [] });
      await store.disown();
      await expect(store.commit(2, batchOf())).rejects.toMatchObject({ code: "EPOCH_LOST" });
    });

    test("an owner that ended without a word counts as crashed", async () => {
      const { store } = await openReady();
      const again = await reopen(store);
      if (again === null) return;
      const { epoch, previous, recentCrashes } = await again.own("if-dead");
      expect([epoch, previous, recentCrashes.length]).toEqual([2, "crashed", 1]);
    });

    test("everything is there after opening again", async () => {
      const { store, commit } = await openReady();
      const script = new Script(1).create().begin().queue("compile");
      await commit(script.take());
      const before = [store.run(runId(1)), store.steps(runId(1)), store.tail(0, 99), store.heads().runs];
      const again = await reopen(store);
      if (again === null) return;
      expect([again.run(runId(1)), again.steps(runId(1)), again.tail(0, 99), again.heads().runs]).toEqual(before);
      const { epoch } = await again.own("if-dead");
      await again.commit(epoch, batchOf(script.start("compile", 1).take()));
      expect(again.verify().breaks).toEqual([]);
    });
  });
}
