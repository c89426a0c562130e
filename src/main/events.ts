/** A run's journal as a stream of events: what is stored, then what gets stored, whoever writes it. */
import type { EventView } from "../contract/event-view.ts";
import { RequestError } from "../core/errors.ts";
import type { RunId } from "../core/ids.ts";
import type { JournalEntry } from "../kernel/entry.ts";
import type { Store } from "../ports/store.ts";
import type { EventsOptions } from "./project-shape.ts";
import { eventView } from "./views.ts";

const PAGE = 1_000;
const LOOK_EVERY_MS = 25;
const KEEP_ALIVE_MS = 60_000;

/** Ends after the last stored entry, or with `follow` when the run is final or waits for a person (I-6). */
export async function* readEvents(store: Store, runId: RunId, { afterSeq = 0, follow = false }: EventsOptions): AsyncGenerator<EventView> {
  const row = store.run(runId);
  if (row === null) throw new RequestError("RUN_NOT_FOUND", { run: runId });
  let seq = afterSeq;
  let isAtRest = false;
  const changes = follow ? createChanges(store) : null;
  try {
    for (;;) {
      const page = store.entries(runId, seq, PAGE);
      for (const entry of page) {
        seq = entry.seq;
        isAtRest = endsStream(entry, isAtRest);
        yield eventView(runId, row.tenant, entry);
      }
      if (page.length === PAGE) continue;
      if (changes === null || isAtRest || (page.length === 0 && isFinal(store, runId))) return;
      await changes.next();
    }
  } finally {
    changes?.[Symbol.dispose]();
  }
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
  /** Resolves at the next change of the store; at once when one happened since the last call. */
  next(): Promise<void>;
}

function createChanges(store: Store): Changes {
  let isChanged = false;
  let wake: (() => void) | null = null;
  const watch = store.watch(() => {
    isChanged = true;
    wake?.();
  }, LOOK_EVERY_MS);
  const keepAlive = setInterval(() => {}, KEEP_ALIVE_MS); // A watch lets the process end; somebody who listens does not.
  return {
    async next() {
      if (!isChanged) await new Promise<void>((resolve) => (wake = resolve));
      isChanged = false;
      wake = null;
    },
    [Symbol.dispose]() {
      clearInterval(keepAlive);
      watch[Symbol.dispose]();
    },
  };
}
