/**
 * Watches committed entries for results that are far from what is usual for their step, and tells listeners such as metrics and traces.
 * What it says is a function of the journal: `src/main/report/anomalies.ts` finds the same afterwards (ADR-0012).
 */
import type { RunId } from "../src/core/ids.ts";
import type { AnomalyListener } from "../src/ports/anomaly.ts";
import type { CommittedEntry, ObservedRun, Observer } from "../src/ports/observer.ts";
import type { StoreReader } from "../src/ports/store.ts";
import { RunWatches, type WatchedRun } from "./anomaly-runs.ts";
import { type Budget, createBudget } from "./budget.ts";
import { entriesOf, isRunEnd } from "./run-entries.ts";

type JournalEntry = CommittedEntry["entry"];

/** All watching together may cost a loaded engine five hundredths (performance goals), most of which tracing and metrics need. */
const SHARE = 0.005;
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
  const watched = new Map<RunId, WatchedRun>();
  /** Runs that began when the budget was spent. */
  const leftOut = new Set<RunId>();

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

  function* see({ run, entry }: CommittedEntry): Generator<() => void> {
    const { runId } = run;
    if (entry.type === "run.created" && budget.isSpent) leftOut.add(runId);
    if (leftOut.has(runId)) {
      if (isRunEnd(entry)) {
        leftOut.delete(runId);
        watches.leftOut(run);
      }
      return;
    }
    const known = watched.get(runId) ?? open(run, entry);
    if (known === null) return;
    for (const anomaly of known.watch.see(entry)) for (const listener of listeners) yield () => listener(run, anomaly);
    if (isRunEnd(entry)) {
      watched.delete(runId);
      watches.end(run, known, entry.at);
    } else watched.set(runId, known);
  }

  return {
    name: "anomaly",
    committed(batch) {
      const begin = performance.now();
      const failures: unknown[] = [];
      for (const committed of batch) {
        for (const tell of see(committed)) {
          try {
            tell();
          } catch (thrown) {
            failures.push(thrown);
          }
        }
      }
      budget.spend(performance.now() - begin);
      if (failures.length > 0) throw failures[0];
    },
  };
}
