/** Wakes runs for causes that nobody waits for. One that cannot be read stands still, and the others go on; that is told once (H4). */
import { isTroupeError, toError } from "../../core/errors.ts";
import type { RunId } from "../../core/ids.ts";
import type { ActiveRun, ActiveRuns } from "./active-runs.ts";

export interface RunWaker {
  /** The run, or null when it cannot be read. */
  wake(runId: RunId): ActiveRun | null;
  /** Notes why a run could not be read; true if another look may help. */
  standsStill(runId: RunId, thrown: unknown): boolean;
}

/** @param failed Told of every reason; it may end the host. */
export function createRunWaker(runs: ActiveRuns, warn: (message: string) => void, failed: (error: Error) => void): RunWaker {
  /** Runs that were complained of. Those whose journal is at fault are not folded again and again, for their timers' sake say. */
  const unreadable = new Map<RunId, "for good" | "for now">();

  function standsStill(runId: RunId, thrown: unknown): boolean {
    const error = toError(thrown);
    const mayPass = isPassing(error);
    failed(error);
    if (!unreadable.has(runId)) warn(`Run ${runId} cannot be read and stands still: ${error.message}`);
    unreadable.set(runId, mayPass ? "for now" : "for good");
    return mayPass;
  }

  return {
    standsStill,
    wake(runId) {
      const awake = runs.awake(runId);
      if (awake !== undefined || unreadable.get(runId) === "for good") return awake ?? null;
      try {
        const run = runs.wake(runId);
        unreadable.delete(runId);
        return run;
      } catch (thrown) {
        standsStill(runId, thrown);
        return null;
      }
    },
  };
}

/** The store could not answer for the moment. */
export function isPassing(error: Error): boolean {
  return isTroupeError(error) && error.kind === "transient";
}
