/**
 * The runs that are awake: their snapshot, their mailbox, and nothing of those that rest, but for a few with a long journal. A run that
 * rests costs no memory here; its next cause wakes it by folding its journal.
 */
import type { RunId } from "../../core/ids.ts";
import type { Cause } from "../../kernel/cause.ts";
import type { Decision } from "../../kernel/decide.ts";
import { stepById } from "../../kernel/roster.ts";
import type { RunSnapshot } from "../../kernel/snapshot.ts";
import type { CompiledStep, CompiledWorkflow } from "../../plan/workflow.ts";
import type { ReadRun } from "./read-run.ts";

/** A cause on its way to a decision, and who wants to hear of it after the commit. */
export interface Mail {
  readonly cause: Cause;
  /** Letter of the durable mailbox that this came from. */
  readonly letter: number | null;
  readonly decided: ((decision: Decision) => void) | null;
}

export interface ActiveRun {
  readonly id: RunId;
  readonly workflow: CompiledWorkflow;
  snapshot: RunSnapshot | null;
  readonly inbox: Mail[];
  /** It stands in the list of runs that have mail. */
  isReady: boolean;
  /** Batches with entries of this run that are not committed yet. */
  uncommitted: number;
}

export function stepOf({ workflow, snapshot }: ActiveRun, id: string): CompiledStep | undefined {
  return stepById({ workflow, fans: snapshot?.fans ?? [] }, id);
}

/**
 * Runs with a longer journal are kept for a while when they rest: one that waits for thousands of answers is not folded for each of
 * them. Bounded by the steps of all of them, so that what rests costs little memory, however many runs there are.
 */
const DOZING_ENTRIES_MIN = 256;
const DOZING_STEPS_MAX = 50_000;

export interface ActiveRuns {
  readonly size: number;
  /** A run that does not exist yet. */
  add(id: RunId, workflow: CompiledWorkflow): ActiveRun;
  awake(id: RunId): ActiveRun | undefined;
  /** The run, woken if it slept. @throws RequestError RUN_NOT_FOUND */
  wake(id: RunId): ActiveRun;
  /** Forgets a run that rests. */
  sleep(run: ActiveRun): void;
  all(): Iterable<ActiveRun>;
}

export function createActiveRuns(read: ReadRun): ActiveRuns {
  const runs = new Map<RunId, ActiveRun>();
  const dozing = new Map<RunId, { readonly run: ActiveRun; readonly steps: number }>();
  let dozingSteps = 0;

  function rouse(id: RunId): ActiveRun | undefined {
    const found = dozing.get(id);
    dozing.delete(id);
    dozingSteps -= found?.steps ?? 0;
    return found?.run;
  }

  function doze(run: ActiveRun): void {
    const { snapshot } = run;
    if (snapshot === null || snapshot.run.status !== "active" || snapshot.seq < DOZING_ENTRIES_MIN) return;
    const steps = snapshot.steps.length;
    dozing.set(run.id, { run, steps });
    dozingSteps += steps;
    for (const id of dozing.keys()) {
      if (dozingSteps <= DOZING_STEPS_MAX) return;
      rouse(id);
    }
  }

  function create(id: RunId, workflow: CompiledWorkflow, snapshot: RunSnapshot | null): ActiveRun {
    const run: ActiveRun = { id, workflow, snapshot, inbox: [], isReady: false, uncommitted: 0 };
    runs.set(id, run);
    return run;
  }

  return {
    get size() {
      return runs.size;
    },
    add: (id, workflow) => runs.get(id) ?? create(id, workflow, null),
    awake: (id) => runs.get(id),
    wake(id) {
      const found = runs.get(id);
      if (found !== undefined) return found;
      const rested = rouse(id);
      if (rested !== undefined) {
        runs.set(id, rested);
        return rested;
      }
      const { workflow, snapshot } = read(id);
      return create(id, workflow, snapshot);
    },
    sleep(run) {
      if (runs.delete(run.id)) doze(run);
    },
    all: () => runs.values(),
  };
}
