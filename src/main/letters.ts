/** Takes causes that other processes have put into the durable mailbox, and puts them to their runs. */
import { isBlobRef, type LoadBlob, type Stored } from "../core/blob.ts";
import { isTroupeError, type TroupeError, toError } from "../core/errors.ts";
import type { Json } from "../core/json.ts";
import type { EmbeddedHost } from "../hosts/embedded/host-shape.ts";
import type { RunStart } from "../kernel/cause.ts";
import type { NewBlob } from "../ports/attempt-runner.ts";
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
    const { start, blobs } = unpackStart(event.start);
    return host.start(compiled.get(start.definition), start, { blobs, letter: id });
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

/** A run's start as a letter holds it: the owner makes the blobs, so that what has none in the store yet travels as a plain value. */
export function packStart(start: RunStart, blobs: readonly NewBlob[], load: LoadBlob): RunStart {
  const fresh = new Map(blobs.map(({ ref, text }) => [ref.$blob, text]));
  const toPlain = (value: Stored): Json | null => {
    const text = isBlobRef(value) ? fresh.get(value.$blob) : undefined;
    return text === undefined ? null : (JSON.parse(text) as Json); // A blob's text is canonical JSON.
  };
  const { input } = start;
  return {
    ...start,
    input: isBlobRef(input) ? (toPlain(input) ?? load(input)) : input,
    carried: start.carried.map((one) => ({ ...one, output: toPlain(one.output) ?? one.output })),
  };
}

/** The input of a letter is a plain value always; results that are taken over may refer to the store. */
function unpackStart(packed: RunStart): { readonly start: RunStart; readonly blobs: readonly NewBlob[] } {
  const { stored: input, blobs: first } = offload(packed.input as Json, digestOf);
  const blobs = [...first];
  const carried = packed.carried.map((one) => {
    if (isBlobRef(one.output)) return one;
    const { stored: output, blobs: more } = offload(one.output, digestOf);
    blobs.push(...more);
    return { ...one, output };
  });
  return { start: { ...packed, input, carried }, blobs };
}

/** Whether trying again by itself would lead to the same, or is the sender's to decide, as it is for whoever asks in this process. */
function isAnswer({ kind, code }: TroupeError): boolean {
  return kind === "request" || kind === "definition" || kind === "invariant" || code === "BACKPRESSURE";
}
