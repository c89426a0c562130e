/** A run's journal, as those read it who follow a run from its first entry on. */
import type { RunId } from "../src/core/ids.ts";
import type { CommittedEntry } from "../src/ports/observer.ts";
import type { StoreReader } from "../src/ports/store.ts";

type JournalEntry = CommittedEntry["entry"];

/** Entries read at once: a long journal never lies in memory whole. */
const PAGE = 1_000;

/** In order, up to and with `untilSeq`. */
export function* entriesOf(store: Pick<StoreReader, "entries">, runId: RunId, untilSeq = Number.MAX_SAFE_INTEGER): Generator<JournalEntry> {
  for (let seq = 0; seq < untilSeq; ) {
    const page = store.entries(runId, seq, Math.min(PAGE, untilSeq - seq));
    yield* page;
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) return;
    seq = last.seq;
  }
}

const FINAL: ReadonlySet<string> = new Set(["succeeded", "failed", "canceled"]);

/** The run ends with this entry. */
export function isRunEnd({ actor, to }: Pick<JournalEntry, "actor" | "to">): boolean {
  return actor === "run" && FINAL.has(to);
}
