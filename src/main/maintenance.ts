/** A state directory opened to be cared for rather than run: checks, proofs, copies, retention. */
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { openStore } from "../adapters/store-sqlite/index.ts";
import { isTroupeError, toError } from "../core/errors.ts";
import { isRunId, type RunId } from "../core/ids.ts";
import { fold } from "../kernel/fold.ts";
import { runState } from "../kernel/snapshot.ts";
import type { BreakerStore } from "../ports/breaker.ts";
import type { Store, StoreAdmin } from "../ports/store.ts";
import { createCompiledCache } from "./compiled-cache.ts";
import { declarationsOf } from "./declarations.ts";
import { findRun } from "./find-run.ts";
import { attemptsDirectory } from "./workshop.ts";

/** What the pure kernel finds when it computes a run again from its journal (mission X10). */
export interface FoldCheck {
  readonly runId: string;
  readonly entries: number;
  /** Null when every recorded state is what the statecharts say, and the row for lists agrees. */
  readonly problem: string | null;
}

export interface Maintenance extends AsyncDisposable {
  readonly store: Store & StoreAdmin & BreakerStore;
  /** @throws RequestError RUN_NOT_FOUND, RUN_AMBIGUOUS */
  runId(name: string): RunId;
  /** Every run, newest first. */
  runIds(): Iterable<RunId>;
  refold(runId: RunId): FoldCheck;
  /** Among the latest unfinished runs, those that stand still because their journal or definition cannot be read. */
  unreadable(): readonly FoldCheck[];
  /** Removes captured output of runs that are no longer in the store; returns of how many. */
  removeOrphanedLogs(): number;
}

const RUNS_AT_ONCE = 200;
/** Reading a run costs about a millisecond for each hundred entries. */
const UNFINISHED_LOOKED_AT = 200;

export async function openMaintenance(options: { readonly state: string; readonly durability: "full" | "relaxed" }): Promise<Maintenance> {
  const store = await openStore({ directory: options.state, durability: options.durability });
  const compiled = createCompiledCache(store, declarationsOf([]));
  function refold(runId: RunId): FoldCheck {
    let entries = 0;
    try {
      const row = store.run(runId);
      const journal = store.entries(runId, 0, Number.MAX_SAFE_INTEGER);
      entries = journal.length;
      if (row === null) return { runId, entries, problem: "it has no row" };
      const folded = runState(fold(compiled.get(row.definition), journal));
      return { runId, entries, problem: folded === row.state ? null : `its journal says ${folded}, its row ${row.state}` };
    } catch (thrown) {
      const error = toError(thrown);
      return { runId, entries, problem: isTroupeError(error) ? `${error.code}: ${error.message}` : error.message };
    }
  }

  return {
    store,
    runId: (name) => findRun(store, name),
    *runIds() {
      for (let before: RunId | undefined; ; ) {
        const page = store.runs({ limit: RUNS_AT_ONCE, ...(before !== undefined && { before }) });
        for (const { id } of page) yield id;
        const last = page.at(-1);
        if (last === undefined || page.length < RUNS_AT_ONCE) return;
        before = last.id;
      }
    },
    refold,
    unreadable() {
      const open = store.unfinishedRuns().slice(-UNFINISHED_LOOKED_AT);
      // A definition with a plug-in's step types is read by engines that have it, and a row may be ahead of an entry that was read before.
      return open.map(refold).filter(({ problem }) => problem?.startsWith("INV_"));
    },
    removeOrphanedLogs() {
      const root = attemptsDirectory(options.state);
      const orphans = namesIn(root).filter((name) => isRunId(name) && store.run(name) === null);
      for (const name of orphans) rmSync(join(root, name), { recursive: true, force: true });
      return orphans.length;
    },
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  };
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return []; // No attempt has been made yet.
  }
}
