/** A run as it is after events that came since it was asked for: enough to see it move. What an event does not tell comes with the next answer. */
import type { EventView } from "../../../src/contract/event-view.ts";
import type { RunView, StepView } from "../../../src/contract/run-view.ts";

export const FINAL: ReadonlySet<string> = new Set(["succeeded", "failed", "skipped", "canceled"]);

const mainState = (detail: string): string => detail.split(".")[0] ?? detail;

export function patchRun<TRun extends RunView>(run: TRun, events: readonly EventView[]): TRun {
  let next = run;
  const changed = new Map<string, StepView>();
  const known = new Map(run.steps.map((step) => [step.id, step]));
  for (const event of events) {
    if (event.to === undefined) continue;
    if (event.stepId === undefined) next = patchWhole(next, event);
    else {
      const step = changed.get(event.stepId) ?? known.get(event.stepId);
      if (step !== undefined) changed.set(event.stepId, patchStep(step, event));
    }
  }
  if (changed.size === 0) return next;
  return { ...next, steps: next.steps.map((step) => changed.get(step.id) ?? step) };
}

function patchWhole<TRun extends RunView>(run: TRun, { to = "", at, data, type }: EventView): TRun {
  const time = Date.parse(at);
  // What was asked for after it knows more than it.
  if (run.endedAt !== null && time <= run.endedAt) return run;
  const state = mainState(to);
  const progress = type === "run.progress" ? (data.progress as RunView["progress"] | undefined) : undefined; // As docs/events.md has it.
  return {
    ...run,
    state,
    detail: to,
    startedAt: type === "run.started" ? time : run.startedAt,
    endedAt: FINAL.has(state) ? time : null,
    ...(progress !== undefined && { progress }),
  };
}

function patchStep(step: StepView, { to = "", at, attempt }: EventView): StepView {
  const time = Date.parse(at);
  if (step.endedAt !== null && time <= step.endedAt) return step;
  const state = mainState(to);
  const isStart = step.startedAt === null && state === "running";
  return {
    ...step,
    state,
    detail: to,
    attempts: Math.max(step.attempts, attempt ?? 0),
    startedAt: isStart ? time : step.startedAt,
    endedAt: FINAL.has(state) ? time : null,
  };
}

/** Where each actor was after this event; the run is `run`. Who has not moved until then is missing. */
export function statesAt(events: readonly EventView[], seq: number): ReadonlyMap<string, string> {
  const states = new Map<string, string>();
  for (const { seq: own, stepId = "run", to } of events) {
    if (own > seq) break;
    if (to !== undefined) states.set(stepId, to);
  }
  return states;
}

/** A run as far as its events tell what it was then: at once, until the server has told all of it. */
export function rewind<TRun extends RunView>(run: TRun, events: readonly EventView[], seq: number): TRun {
  const blank = run.steps.map(
    (step): StepView => ({
      ...step,
      state: "pending",
      detail: "pending.blocked",
      attempts: 0,
      startedAt: null,
      endedAt: null,
      durationMs: null,
      workMs: null,
      costUsd: 0,
      output: null,
      error: null,
      skippedBecause: null,
      quarantinedBecause: null,
    }),
  );
  const start = { ...run, state: "pending", detail: "pending", startedAt: null, endedAt: null, output: null, error: null, steps: blank };
  return patchRun(
    start,
    events.filter((event) => event.seq <= seq),
  );
}
