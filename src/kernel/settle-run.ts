/** After every decision: what the steps' states, taken together, mean for the run. */
import { InvariantError } from "../core/errors.ts";
import type { TaskFailure } from "../core/failure.ts";
import type { Draft } from "./draft.ts";

/** Progress is reported when it grew and the last report is this old, so that short steps do not double the journal. */
const PROGRESS_EVERY_MS = 1_000;

export function settleRun(draft: Draft): void {
  const { runState } = draft;
  if (!runState.startsWith("running.") || runState === "running.finishing") return;
  const busy = busySteps(draft);
  const unfinished = busy + draft.count("pending.blocked") + draft.count("retrying") + draft.count("quarantined");
  if (runState === "running.canceling") {
    if (unfinished === 0) stopped(draft);
    return;
  }
  if (unfinished === 0) {
    end(draft);
    return;
  }
  if (busy === 0) rest(draft, runState);
  else if (runState === "running.waiting") draft.moveRun({ type: "run.wake", at: draft.at });
  report(draft);
}

/** Steps that run or have asked to. */
function busySteps(draft: Draft): number {
  return (
    draft.count("pending.queued") + draft.count("running.executing") + draft.count("running.waiting") + draft.count("running.stopping")
  );
}

/** All steps have ended of themselves. */
function end(draft: Draft): void {
  const { at, workflow } = draft;
  const error = failureOf(draft);
  if (error !== null) draft.moveRun({ type: "run.fail", at, error });
  else if (workflow.output !== null || workflow.outputSchema !== null) draft.moveRun({ type: "run.finish", at });
  else draft.moveRun({ type: "run.succeed", at, output: null });
}

function failureOf(draft: Draft): { readonly step: string; readonly failure: TaskFailure } | null {
  const step = draft.workflow.steps[draft.firstFailed];
  if (step === undefined) return null;
  const failure = draft.slot(step.index).actor.context.failure ?? { class: "permanent" as const, code: "FAILED", title: "It failed" };
  return { step: step.id, failure };
}

/** All steps have stopped because they were told to. */
function stopped(draft: Draft): void {
  const { at, workflow } = draft;
  if (draft.run.context.stopping !== "timeout") {
    draft.moveRun({ type: "run.stopped", at });
    return;
  }
  const detail = `The run has a time limit of ${workflow.timeoutMs} ms.`;
  draft.moveRun({
    type: "run.stopped",
    at,
    error: { step: null, failure: { class: "timeout", code: "RUN_TIMEOUT", title: "The run took too long", detail } },
  });
}

/** Nothing runs: the run waits for a timer, or for a person, or we have made a mistake. */
function rest(draft: Draft, runState: string): void {
  const { at } = draft;
  if (runState === "running.paused") return;
  if (draft.count("retrying") > 0) {
    if (runState === "running.executing") draft.moveRun({ type: "run.rest", at });
    return;
  }
  const quarantined = draft.count("quarantined");
  if (quarantined > 0) {
    draft.moveRun({
      type: "run.quarantine",
      at,
      reason: quarantined === 1 ? "1 step is quarantined" : `${quarantined} steps are quarantined`,
    });
    return;
  }
  throw new InvariantError("INV_DEADLOCK", { run: draft.start.runId, blocked: draft.count("pending.blocked") });
}

function report(draft: Draft): void {
  const total = draft.workflow.steps.length;
  const done = draft.count("succeeded") + draft.count("failed") + draft.count("skipped") + draft.count("canceled");
  const percent = Math.floor((100 * done) / total);
  if (percent <= draft.progress.percent || draft.at - draft.progress.at < PROGRESS_EVERY_MS) return;
  if (draft.runState.startsWith("running.")) draft.moveRun({ type: "run.progress", at: draft.at, progress: { done, total, percent } });
}
