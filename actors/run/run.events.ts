/** What a run's statechart understands; payloads are the journal's `data`. */
import type { Stored } from "../../src/core/blob.ts";
import type { TaskFailure } from "../../src/core/failure.ts";
import type { JsonObject } from "../../src/core/json.ts";

/** Why a run failed: which step, and what was wrong with it. */
export interface RunFailure {
  readonly step: string | null;
  readonly failure: TaskFailure;
}

/** `dueAt: null` says that the run's timer ends with this event, although the run is still running. */
export type RunEvent = { readonly at: number } & (
  | ({ readonly type: "run.start" } & { readonly delayMs?: number; readonly dueAt?: number; readonly timer?: string })
  /** Nothing runs; the run waits for a timer or a person. */
  | { readonly type: "run.rest" }
  | { readonly type: "run.wake" }
  | { readonly type: "run.pause"; readonly by: string }
  | { readonly type: "run.resume"; readonly by: string }
  | { readonly type: "run.cancel"; readonly by: string; readonly reason: string | null; readonly dueAt: null }
  /** All steps have ended, and the run's output must be made. */
  | { readonly type: "run.finish" }
  | { readonly type: "run.succeed"; readonly output: Stored }
  | { readonly type: "run.fail"; readonly error: RunFailure }
  /** All steps have stopped after a cancel or the run's time limit. */
  | { readonly type: "run.stopped"; readonly error?: RunFailure }
  /** The run will fail, or was stopped: what its steps did is undone. `canceledBy` says that it was canceled while its output was made. */
  | { readonly type: "run.compensate"; readonly error: RunFailure | null; readonly dueAt: null; readonly canceledBy?: string }
  /** Its `finally` steps have their turn; with `error` it fails afterwards, without one it succeeds with `output`. */
  | {
      readonly type: "run.conclude";
      readonly error?: RunFailure | null;
      readonly output?: Stored;
      readonly dueAt: null;
      readonly canceledBy?: string;
    }
  /** Only a person can lead on. */
  | { readonly type: "run.quarantine"; readonly reason: string }
  /** The run's time limit begins anew: waiting for a person is not the run's own time. */
  | { readonly type: "run.release"; readonly by: string; readonly delayMs?: number; readonly dueAt?: number; readonly timer?: string }
  | { readonly type: "run.progress"; readonly progress: JsonObject }
  | { readonly type: "xstate.after.limit.run-v1.running"; readonly dueAt: null }
);
