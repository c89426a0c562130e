/** Makes the output of a run whose steps have all ended. Only what its author wrote can fail the run, never the store (I-39). */
import type { LoadBlob } from "../../core/blob.ts";
import { toError } from "../../core/errors.ts";
import type { CauseId, Epoch } from "../../core/ids.ts";
import type { CauseEvent } from "../../kernel/cause.ts";
import { runScope, sourceOf } from "../../kernel/scope.ts";
import { runState } from "../../kernel/snapshot.ts";
import type { AttemptRunner, NewBlob } from "../../ports/attempt-runner.ts";
import type { Clock } from "../../ports/clock.ts";
import type { ActiveRun } from "./active-runs.ts";
import { isPassing } from "./run-waker.ts";
import { STORE_RETRY_MS } from "./turn-loop.ts";

export interface RunOutputOptions {
  readonly runner: Pick<AttemptRunner, "makeOutput">;
  readonly clock: Clock;
  readonly epoch: Epoch;
  readonly load: LoadBlob;
  readonly deliver: (run: ActiveRun, causeId: CauseId, event: CauseEvent, blobs: readonly NewBlob[]) => void;
}

export function createRunOutput({ runner, clock, epoch, load, deliver }: RunOutputOptions): (run: ActiveRun) => void {
  let made = 0;
  return function make(run): void {
    const { workflow, snapshot } = run;
    if (snapshot === null || runState(snapshot) !== "running.finishing") return;
    made += 1;
    const causeId = `output:${epoch}.${made}` as CauseId;
    try {
      const { result, blobs } = runner.makeOutput(workflow, runScope(sourceOf(workflow, snapshot), load));
      deliver(run, causeId, { type: "run.finished", result }, blobs);
    } catch (thrown) {
      const error = toError(thrown);
      if (isPassing(error)) clock.wakeAt(clock.now() + STORE_RETRY_MS, () => make(run));
      else deliver(run, causeId, { type: "run.quarantine", reason: `its output could not be made: ${error.message}` }, []);
    }
  };
}
