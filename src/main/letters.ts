/** Takes causes that other processes have put into the durable mailbox, and puts them to their runs. */
import { isTroupeError, type TroupeError, toError } from "../core/errors.ts";
import type { EmbeddedHost } from "../hosts/embedded/host-shape.ts";
import type { Letter, Store } from "../ports/store.ts";
import { offload } from "../runtime/stored.ts";
import type { CompiledCache } from "./compiled-cache.ts";
import { digestOf } from "./ids.ts";

/** How soon a letter is noticed: below what a person feels, above what a poll costs. */
const LOOK_EVERY_MS = 25;
const LETTERS_AT_ONCE = 256;

export function pumpLetters(store: Store, host: EmbeddedHost, compiled: CompiledCache, warn: (message: string) => void): Disposable {
  const underWay = new Set<number>();
  /** Letters that were complained of already; they are tried again at every change of the store. */
  const reported = new Set<number>();

  function report(letter: Letter, error: Error): void {
    if (reported.has(letter.id)) return;
    reported.add(letter.id);
    warn(`A letter to ${letter.runId} could not be taken and is tried again: ${error.message}`);
  }

  async function deliver(letter: Letter): Promise<void> {
    const { id, runId, causeId, event } = letter;
    if (event.type !== "run.create") return host.post(runId, causeId, event, id);
    const { stored, blobs } = offload(event.start.input as never, digestOf); // A letter's input is a plain value: nobody but us makes references.
    return host.start(compiled.get(event.start.definition), { ...event.start, input: stored }, { blobs, letter: id });
  }

  /** What is on disk as refused must not come back for ever, and whoever wrote it waits for an answer. */
  function refuse({ id }: Letter, error: TroupeError): Promise<void> {
    const refusals = [{ letter: id, error: error.toJSON() }];
    return store.commit(host.epoch, { appended: [], takenLetters: [id], refusals, blobs: [] }).catch(() => {});
  }

  function look(): void {
    for (const letter of store.letters(LETTERS_AT_ONCE)) {
      if (underWay.has(letter.id)) continue;
      underWay.add(letter.id);
      deliver(letter)
        .then(() => reported.delete(letter.id))
        .catch((thrown: unknown) => {
          const error = toError(thrown);
          if (isTroupeError(error) && error.code === "ENGINE_STOPPED") return;
          if (isTroupeError(error) && isAnswer(error)) return refuse(letter, error);
          report(letter, error);
        })
        .finally(() => underWay.delete(letter.id));
    }
  }

  /** A store that fails for good takes the engine with it, whoever reads (I-39). */
  function lookOrFail(): void {
    try {
      look();
    } catch (thrown) {
      const error = toError(thrown);
      if (!isTroupeError(error) || error.kind !== "fenced") throw thrown;
      host.fail(error);
    }
  }

  look();
  return store.watch(lookOrFail, LOOK_EVERY_MS);
}

/** Whether trying again by itself would lead to the same, or is the sender's to decide, as it is for whoever asks in this process. */
function isAnswer({ kind, code }: TroupeError): boolean {
  return kind === "request" || kind === "definition" || kind === "invariant" || code === "BACKPRESSURE";
}
