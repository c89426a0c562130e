/**
 * Watches committed entries for results that are far from what is usual for their step, and tells listeners such as metrics and traces.
 * What it says is a function of the journal: `src/main/report/anomalies.ts` finds the same afterwards (ADR-0012).
 */
import type { RunId } from "../src/core/ids.ts";
import type { Anomaly, AnomalyListener } from "../src/ports/anomaly.ts";
import type { CommittedEntry, ObservedRun, Observer } from "../src/ports/observer.ts";
import type { StoreReader } from "../src/ports/store.ts";
import { RunWatches, type WatchedRun } from "./anomaly-runs.ts";
import { type Budget, createBudget } from "./budget.ts";
import { entriesOf, isRunEnd } from "./run-entries.ts";

type JournalEntry = CommittedEntry["entry"];

const NOTHING: readonly Anomaly[] = [];

/** All watching together may cost a loaded engine five hundredths (performance goals), most of which tracing and metrics need. */
const SHARE = 0.002;
/** Two thousand steps. */
const RESERVE_MS = 30;

/**
 * @param listeners each hears of every anomaly, also when another one throws
 * @param budget a run that begins when it is spent is not held against its history, which only tells listeners less: `show` does it later
 */
export function createAnomalyObserver(
  store: Pick<StoreReader, "samples" | "entries">,
  listeners: readonly AnomalyListener[],
  budget: Budget = createBudget({ share: SHARE, reserveMs: RESERVE_MS, now: () => performance.now() }),
): Observer {
  const watches = new RunWatches(store);
  /** Runs that go on; null for those that began when the budget was spent. */
  const watched = new Map<RunId, WatchedRun | null>();

  /** Null for an entry that comes after its run's end. */
  function open(run: ObservedRun, entry: JournalEntry): WatchedRun | null {
    if (entry.type === "run.created") return watches.begin(run, entry.at);
    // A run of an engine before this one: what it did there is read again.
    const earlier = [...entriesOf(store, run.runId, entry.seq - 1)];
    const [first] = earlier;
    if (first === undefined || earlier.some(isRunEnd)) return null;
    const resumed = watches.resume(run, first.at);
    for (const one of earlier) resumed.watch.see(one);
    return resumed;
  }

  function see({ run, entry }: CommittedEntry): readonly Anomaly[] {
    const { runId } = run;
    let known = watched.get(runId);
    if (known === undefined) {
      if (entry.type === "run.created" && budget.isSpent) known = null;
      else {
        const opened = open(run, entry);
        if (opened === null) return NOTHING;
        known = opened;
      }
      watched.set(runId, known);
    }
    const anomalies = known === null ? NOTHING : known.watch.see(entry);
    if (isRunEnd(entry)) {
      watched.delete(runId);
      if (known === null) watches.leftOut(run);
      else watches.end(run, known, entry.at);
    }
    return anomalies;
  }

  return {
    name: "anomaly",
    committed(batch) {
      const begin = performance.now();
      const failures: unknown[] = [];
      for (const committed of batch) {
        if (!matters(committed.entry)) continue;
        for (const anomaly of see(committed)) {
          for (const listener of listeners) {
            try {
              listener(committed.run, anomaly);
            } catch (thrown) {
              failures.push(thrown);
            }
          }
        }
      }
      budget.spend(performance.now() - begin);
      if (failures.length > 0) throw failures[0];
    },
  };
}

/** Most entries say nothing of a result. A watch sees the same without them. */
function matters(entry: JournalEntry): boolean {
  if (entry.actor === "run") return entry.type === "run.created" || isRunEnd(entry);
  return entry.type === "step.started" || entry.type === "attempt.started" || entry.data.outcome !== undefined;
}
