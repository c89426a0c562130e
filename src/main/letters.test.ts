import { expect, onTestFinished, test } from "vitest";
import { eventually } from "../../test/support/eventually.ts";
import { runStart } from "../../test/support/kernel-run.ts";
import { openStore } from "../adapters/store-sqlite/index.ts";
import { InvariantError, RequestError, TransientError } from "../core/errors.ts";
import type { CauseId, RunId } from "../core/ids.ts";
import type { EmbeddedHost } from "../hosts/embedded/host-shape.ts";
import type { CauseEvent } from "../kernel/cause.ts";
import type { LetterFate, Store } from "../ports/store.ts";
import type { CompiledCache } from "./compiled-cache.ts";
import { pumpLetters } from "./letters.ts";

const RUN = "run_00000000000000000000000000000001" as RunId;
const CREATE: CauseEvent = { type: "run.create", start: runStart({ runId: RUN }) };
const PAUSE: CauseEvent = { type: "run.pause", by: "ada" };

/** A letter that meets a host which throws this; resolves with the store, the letter, and what the engine complained of. */
async function postTo(thrown: Error, event: CauseEvent): Promise<{ store: Store; letter: number; warnings: string[] }> {
  const store = await openStore({ directory: "", durability: "full", memory: true });
  onTestFinished(() => store[Symbol.asyncDispose]());
  const { epoch } = await store.own("if-dead");
  const letter = await store.post(RUN, "c1" as CauseId, 1, event);
  const fail = (): Promise<never> => Promise.reject(thrown);
  const host = { epoch, start: fail, post: fail } as unknown as EmbeddedHost; // All of it that letters are put to.
  const warnings: string[] = [];
  const pump = pumpLetters(store, host, { get: () => ({}) } as unknown as CompiledCache, (message) => warnings.push(message));
  onTestFinished(() => pump[Symbol.dispose]());
  return { store, letter, warnings };
}

test.each([
  ["a queue that is full", new TransientError("BACKPRESSURE", { depth: 9, bound: 10 }), CREATE],
  ["a run that is over", new RequestError("RUN_ALREADY_FINISHED", { run: RUN, state: "succeeded" }), PAUSE],
  ["a run that cannot be read", new InvariantError("INV_JOURNAL_GAP", { run: RUN, seq: 3 }), PAUSE],
])("what %s has to say is told to whoever wrote the letter", async (_, error, event) => {
  const { store, letter, warnings } = await postTo(error, event);
  await eventually(() => expect(store.letterFate(letter)).toEqual({ kind: "refused", error: error.toJSON() } satisfies LetterFate));
  expect(warnings).toEqual([]);
});

test("what may pass by itself leaves the letter where it is, and is complained of once", async () => {
  const { store, letter, warnings } = await postTo(new TransientError("STORE_BUSY"), PAUSE);
  await store.post(RUN, "c2" as CauseId, 2, { type: "run.resume", by: "ada" });
  await eventually(() => expect(warnings).toHaveLength(2));
  expect(store.letterFate(letter)).toEqual({ kind: "waiting" });
});
