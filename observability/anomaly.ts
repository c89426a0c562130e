/**
 * Watches committed entries for results that are far from what is usual for their step, and tells listeners such as metrics and traces.
 * What it says is a function of the journal: `src/main/report/anomalies.ts` finds the same afterwards (ADR-0012).
 */
import type { RunId } from "../src/core/ids.ts";
import type { AnomalyListener } from "../src/ports/anomaly.ts";
import type { CommittedEntry, ObservedRun, Observer } from "../src/ports/observer.ts";
import type { StoreReader } from "../src/ports/store.ts";
import { createHistories, readHistory } from "./anomaly-history.ts";
import { createRunWatch, type RunWatch } from "./anomaly-watch.ts";
import { type Budget, createBudget } from "./budget.ts";
import { isRunEnd } from "./run-entries.ts";

type JournalEntry = CommittedEntry["entry"];

interface WatchedRun {
  readonly createdAt: number;
  readonly watch: RunWatch;
  /** Its place among the runs that this engine created; null for one of an engine before. */
  readonly order: number | null;
}

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
  const histories = createHistories(store);
  const watched = new Map<RunId, WatchedRun>();
  /** Runs that began when the budget was spent. */
  const leftOut = new Set<RunId>();

  /** Null for an entry that comes after its run's end. */
  function open({ runId, tenant, workflow, definition }: ObservedRun, entry: JournalEntry): WatchedRun | null {
    const { length: steps } = definition.steps;
    if (entry.type === "run.created") {
      const { history, order } = histories.begin({ tenant, workflow }, entry.at, steps);
      return { createdAt: entry.at, watch: createRunWatch(history), order };
    }
    // A run of an engine before this one: what it did there is read again.
    const earlier = store.entries(runId, 0, entry.seq - 1);
    const createdAt = earlier[0]?.at;
    if (createdAt === undefined || earlier.some(isRunEnd)) return null;
    const watch = createRunWatch(readHistory(store, { tenant, workflow, runId, createdAt, steps }));
    for (const one of earlier) watch.see(one);
    return { createdAt, watch, order: null };
  }

  function* see({ run, entry }: CommittedEntry): Generator<() => void> {
    const { runId } = run;
    if (entry.type === "run.created" && budget.isSpent) leftOut.add(runId);
    if (leftOut.has(runId)) {
      if (isRunEnd(entry)) {
        leftOut.delete(runId);
        histories.forget(run);
      }
      return;
    }
    const known = watched.get(runId) ?? open(run, entry);
    if (known === null) return;
    for (const anomaly of known.watch.see(entry)) for (const listener of listeners) yield () => listener(run, anomaly);
    if (isRunEnd(entry)) {
      const { createdAt, watch, order } = known;
      watched.delete(runId);
      histories.end(run, { runId, createdAt, endedAt: entry.at, steps: watch.steps }, order);
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
