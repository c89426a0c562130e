import { describe, expect, test } from "vitest";
import type { BlobRef } from "../../src/core/blob.ts";
import { TransientError } from "../../src/core/errors.ts";
import type { CauseId, Digest } from "../../src/core/ids.ts";
import { canonicalJson } from "../../src/core/json.ts";
import { DEFINITION, definitionRow, runId, Script, T0 } from "./store.entries.ts";
import type { StoreHarness } from "./store.harness.ts";

export function describeData({ openFresh, openReady }: StoreHarness): void {
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

    test("whoever wrote a letter can read what became of it", async () => {
      const { store, epoch } = await openReady();
      const post = (cause: string): Promise<number> => store.post(runId(1), cause as CauseId, T0, { type: "run.pause", by: "ada" });
      const [waiting, taken, refused] = [await post("c1"), await post("c2"), await post("c3")];
      const error = new TransientError("BACKPRESSURE", { depth: 9, bound: 10 }).toJSON();
      await store.commit(epoch, { appended: [], takenLetters: [taken, refused], refusals: [{ letter: refused, error }], blobs: [] });
      expect([waiting, taken, refused, 99].map((letter) => store.letterFate(letter))).toEqual([
        { kind: "waiting" },
        { kind: "taken" },
        { kind: "refused", error },
        { kind: "taken" },
      ]);
      expect(store.letters(10).map(({ id }) => id)).toEqual([waiting]);
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
}
