/** Takes stored runs over: asks for all that each waits for, as if it had just been decided (H2). */
import type { CauseId, RunId } from "../../core/ids.ts";
import type { CauseEvent } from "../../kernel/cause.ts";
import type { Effect } from "../../kernel/effect.ts";
import { type InFlight, isAtRest, outstanding } from "../../kernel/outstanding.ts";
import type { CompiledStep } from "../../plan/workflow.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Ownership } from "../../ports/store.ts";
import { type ActiveRun, type ActiveRuns, stepOf } from "./active-runs.ts";
import type { Attempts } from "./attempts.ts";
import { type Children, cancelOf } from "./children.ts";
import type { Dispatcher } from "./dispatcher.ts";
import type { RunWaker } from "./run-waker.ts";
import { STORE_RETRY_MS } from "./turn-loop.ts";

export interface RecoveryOptions {
  readonly runs: ActiveRuns;
  readonly waker: RunWaker;
  readonly attempts: Attempts;
  readonly children: Pick<Children, "isAbandoned">;
  readonly dispatcher: Dispatcher;
  readonly ownership: Ownership;
  readonly clock: Clock;
  readonly deliver: (run: ActiveRun, causeId: CauseId, event: CauseEvent, decided: () => void) => void;
  readonly act: (run: ActiveRun, effect: Effect) => void;
  /** Requests for places have been put in. */
  readonly asked: () => void;
}

export interface Recovery {
  /** @throws what keeps the run from being read */
  resume(runId: RunId): void;
  /** Resumes those that can be read. Those that cannot for the moment are looked at again. */
  resumeAll(runIds: readonly RunId[]): void;
}

export function createRecovery(options: RecoveryOptions): Recovery {
  const { runs, waker, attempts, children, dispatcher, ownership, clock, deliver, act, asked } = options;

  function reattach(run: ActiveRun, step: CompiledStep, { attempt, deadlineAt, stopping }: InFlight): void {
    const { id, workflow, snapshot } = run;
    if (snapshot === null) return;
    const isUnwanted = stopping === "cancel" || step.onEngineCrash === "retry" || step.onEngineCrash === "fail";
    attempts.adopt({ id, workflow, snapshot }, step, attempt, deadlineAt, isUnwanted ? "kill" : "follow");
  }

  function askAfter(run: ActiveRun, inFlight: InFlight): void {
    const step = stepOf(run, inFlight.step);
    if (step === undefined) return;
    const { epoch, previous } = ownership;
    const { attempt } = inFlight;
    if (previous !== "crashed") {
      reattach(run, step, inFlight);
      return;
    }
    const id = `orphaned:${step.id}:${attempt}:${epoch}` as CauseId;
    deliver(run, id, { type: "attempt.orphaned", step: step.id, attempt, epoch }, () => reattach(run, step, inFlight));
  }

  function resume(runId: RunId): void {
    const run = runs.wake(runId);
    const { workflow, snapshot } = run;
    if (snapshot === null) return;
    const { inFlight, effects } = outstanding(workflow, snapshot);
    for (const one of inFlight) askAfter(run, one);
    const { tenant, concurrency } = snapshot.start;
    for (const effect of effects) {
      if (effect.kind === "requestPermit") {
        const { step, attempt, priority } = effect;
        dispatcher.request({ runId, step, attempt, tenant, priority, runLimit: concurrency, askedAt: clock.now() });
      } else act(run, effect);
    }
    if (snapshot.run.status === "active" && children.isAbandoned(snapshot.start)) deliver(run, ...cancelOf(runId), () => {});
    const isQuiet = run.inbox.length === 0 && run.uncommitted === 0;
    if (isQuiet && isAtRest(snapshot) && effects.every(({ kind }) => kind === "park")) runs.sleep(run);
    asked();
  }

  function resumeAll(runIds: readonly RunId[]): void {
    const later: RunId[] = [];
    for (const runId of runIds) {
      try {
        resume(runId);
      } catch (thrown) {
        if (waker.standsStill(runId, thrown)) later.push(runId);
      }
    }
    if (later.length > 0) clock.wakeAt(clock.now() + STORE_RETRY_MS, () => resumeAll(later));
  }

  return { resume, resumeAll };
}
