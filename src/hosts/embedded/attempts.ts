/** Attempts in flight: started and stopped by effects, their outcomes turned into causes. */

import type { LoadBlob } from "../../core/blob.ts";
import type { CauseId, Epoch, RunId, StepId } from "../../core/ids.ts";
import type { JsonObject } from "../../core/json.ts";
import type { CauseEvent } from "../../kernel/cause.ts";
import type { StopReason } from "../../kernel/effect.ts";
import { runScope, sourceOf } from "../../kernel/scope.ts";
import type { RunSnapshot } from "../../kernel/snapshot.ts";
import { type CompiledStep, type CompiledWorkflow, GRACE_MS_DEFAULT } from "../../plan/workflow.ts";
import type { AttemptRequest } from "../../ports/attempt.ts";
import type { AttemptReport, AttemptRunner, NewBlob } from "../../ports/attempt-runner.ts";

/** What an attempt needs to know of its run. */
export interface AttemptRun {
  readonly id: RunId;
  readonly workflow: CompiledWorkflow;
  readonly snapshot: RunSnapshot;
}

export interface AttemptsOptions {
  readonly runner: AttemptRunner;
  readonly epoch: Epoch;
  readonly load: LoadBlob;
  readonly deliver: (runId: RunId, causeId: CauseId, event: CauseEvent, blobs: readonly NewBlob[]) => void;
  readonly ended: () => void;
}

export interface Attempts {
  readonly size: number;
  /** Before the attempt is on record. */
  prepare(run: AttemptRun, step: CompiledStep, attempt: number): void;
  start(run: AttemptRun, step: CompiledStep, attempt: number, deadlineAt: number | null): void;
  /** Follows an attempt whose engine died, or kills it; its outcome comes as a cause like any other. */
  adopt(run: AttemptRun, step: CompiledStep, attempt: number, deadlineAt: number | null, mode: "follow" | "kill"): void;
  /** Returns false when the attempt is not in flight here. */
  stop(runId: RunId, step: StepId, attempt: number, reason: StopReason): boolean;
  /** Lets go of all attempts: what still comes from them is not taken. Those that outlive the engine are left to the next one. */
  abandon(): void;
}

export function createAttempts({ runner, epoch, load, deliver, ended }: AttemptsOptions): Attempts {
  const inFlight = new Map<string, AbortController>();
  /** The end of the attempt that a step has in flight. */
  const lastOfStep = new Map<string, Promise<void>>();
  let isAbandoned = false;
  let causes = 0;

  const keyOf = (runId: RunId, step: StepId, attempt: number): string => `${runId}/${step}/${attempt}`;

  function requestFor(run: AttemptRun, step: CompiledStep, attempt: number, deadlineAt: number | null): AttemptRequest {
    const { runId, tenant, trace, workspace, cache, profile } = run.snapshot.start;
    return {
      runId,
      tenant,
      workflow: run.workflow,
      step,
      attempt,
      idempotencyKey: `${runId}/${step.id}`,
      trace,
      deadlineAt,
      graceMs: step.timeout?.graceMs ?? GRACE_MS_DEFAULT,
      workspace,
      epoch,
      ...(cache !== undefined && { cache }),
      ...(profile !== undefined && { profile }),
    };
  }

  function follow(run: AttemptRun, step: CompiledStep, attempt: number, begin: (signal: AbortSignal) => Promise<AttemptReport>): void {
    const key = keyOf(run.id, step.id, attempt);
    if (inFlight.has(key) || isAbandoned) return;
    const controller = new AbortController();
    inFlight.set(key, controller);
    const stepKey = `${run.id}/${step.id}`;
    const before = lastOfStep.get(stepKey);
    // A person may release a step whose attempt still lives; two of one step never run side by side.
    const report = before === undefined ? begin(controller.signal) : before.then(() => begin(controller.signal));
    const end = report.then(({ outcome, usage, blobs }) => {
      inFlight.delete(key);
      if (lastOfStep.get(stepKey) === end) lastOfStep.delete(stepKey);
      if (isAbandoned) return;
      causes += 1;
      const id = `settled:${step.id}:${attempt}:${epoch}.${causes}` as CauseId;
      deliver(run.id, id, { type: "attempt.settled", step: step.id, attempt, outcome, usage }, blobs);
      ended();
    });
    lastOfStep.set(stepKey, end);
  }

  return {
    get size() {
      return inFlight.size;
    },
    prepare: (run, step, attempt) => runner.prepare?.(requestFor(run, step, attempt, null)),
    start(run, step, attempt, deadlineAt) {
      const scope = runScope(sourceOf(run.workflow, run.snapshot), load, { step });
      const progress = (data: JsonObject): void => {
        causes += 1;
        const id = `progress:${step.id}:${attempt}:${epoch}.${causes}` as CauseId;
        if (!isAbandoned) deliver(run.id, id, { type: "attempt.progress", step: step.id, attempt, data }, []);
      };
      follow(run, step, attempt, (signal) => runner.run(requestFor(run, step, attempt, deadlineAt), scope, signal, progress));
    },
    adopt(run, step, attempt, deadlineAt, mode) {
      const scope = runScope(sourceOf(run.workflow, run.snapshot), load, { step });
      follow(run, step, attempt, (signal) => runner.reattach(requestFor(run, step, attempt, deadlineAt), scope, signal, mode));
    },
    stop(runId, step, attempt, reason) {
      const controller = inFlight.get(keyOf(runId, step, attempt));
      controller?.abort(reason);
      return controller !== undefined;
    },
    abandon() {
      isAbandoned = true;
      inFlight.clear();
    },
  };
}
