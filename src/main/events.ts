/** A run's journal as a stream of events: what is stored, then what gets stored, whoever writes it. */
import type { EventView } from "../contract/event-view.ts";
import { RequestError } from "../core/errors.ts";
import type { RunId } from "../core/ids.ts";
import type { TraceParent } from "../core/trace.ts";
import type { RunStart } from "../kernel/cause.ts";
import type { JournalEntry } from "../kernel/entry.ts";
import type { Store } from "../ports/store.ts";
import type { EventsOptions } from "./project-shape.ts";
import { eventView } from "./views.ts";

const PAGE = 1_000;
const LOOK_EVERY_MS = 25;
const KEEP_ALIVE_MS = 60_000;

/**
 * Ends after the last stored entry, or with `follow` when the run is final or waits for a person (I-6).
 *
 * @throws RequestError ENGINE_STOPPED when the store closes before that
 */
export async function* readEvents(
  store: Store,
  runId: RunId,
  { afterSeq = 0, follow = false, signal }: EventsOptions,
  closing: AbortSignal,
): AsyncGenerator<EventView> {
  if (closing.aborted) throw new RequestError("ENGINE_STOPPED");
  const row = store.run(runId);
  if (row === null) throw new RequestError("RUN_NOT_FOUND", { run: runId });
  const run = { runId, trace: traceOf(store, runId) };
  let seq = afterSeq;
  let isAtRest = false;
  const changes = follow ? createChanges(store, signal === undefined ? closing : AbortSignal.any([closing, signal])) : null;
  try {
    for (;;) {
      if (closing.aborted) throw new RequestError("ENGINE_STOPPED");
      if (signal?.aborted) return;
      const page = store.entries(runId, seq, PAGE);
      for (const entry of page) {
        seq = entry.seq;
        isAtRest = endsStream(entry, isAtRest);
        yield eventView(run, row.tenant, entry);
      }
      if (page.length === PAGE) continue;
      if (changes === null || isAtRest || (page.length === 0 && isFinal(store, runId))) return;
      await changes.next();
    }
  } finally {
    changes?.[Symbol.dispose]();
  }
}

function traceOf(store: Store, runId: RunId): TraceParent | null {
  const [created] = store.entries(runId, 0, 1);
  const start = created?.data.start as RunStart | undefined; // Written by the kernel as such.
  return start?.trace ?? null;
}

/** Only the run's own transitions end the stream; a step that settles late does not reopen it. */
function endsStream(entry: JournalEntry, before: boolean): boolean {
  return entry.actor === "run" ? isRestState(entry.to) : before;
}

function isFinal(store: Store, runId: RunId): boolean {
  return isRestState(store.run(runId)?.state ?? "");
}

export function isRestState(state: string): boolean {
  return state === "succeeded" || state === "failed" || state === "canceled" || state === "quarantined";
}

interface Changes extends Disposable {
  /** Resolves at the next change of the store, or when it closes; at once when that happened since the last call. */
  next(): Promise<void>;
}

function createChanges(store: Store, closing: AbortSignal): Changes {
  let isChanged = false;
  let wake: (() => void) | null = null;
  const note = (): void => {
    isChanged = true;
    wake?.();
  };
  const watch = store.watch(note, LOOK_EVERY_MS);
  closing.addEventListener("abort", note);
  const keepAlive = setInterval(() => {}, KEEP_ALIVE_MS); // A watch lets the process end; somebody who listens does not.
  return {
    async next() {
      if (!isChanged) await new Promise<void>((resolve) => (wake = resolve));
      isChanged = false;
      wake = null;
    },
    [Symbol.dispose]() {
      clearInterval(keepAlive);
      closing.removeEventListener("abort", note);
      watch[Symbol.dispose]();
    },
  };
}
