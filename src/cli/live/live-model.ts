/** A run as the live view and the plain lines know it: the fold of its events, whoever drives it. */
import type { EventView } from "../../contract/event-view.ts";
import { isJsonObject, type Json, type JsonObject } from "../../core/json.ts";
import { parkedText } from "../render/parked-text.ts";

export interface LiveStep {
  readonly id: string;
  /** Dotted, such as `running.executing`. */
  readonly state: string;
  readonly attempt: number;
  /** When its latest attempt began. */
  readonly startedAt: number | null;
  /** What its ended attempts took, without the waits between them. */
  readonly workMs: number;
  /** When its retry or time-out is due. */
  readonly dueAt: number | null;
  /** Why it failed, was skipped or waits. */
  readonly reason: string | null;
  /** Why each earlier attempt was repeated. */
  readonly retries: readonly string[];
  readonly isCarried: boolean;
  /** What the step itself reported last. */
  readonly report: string | null;
  /** How many items a fan-out has, as soon as that is known. */
  readonly items?: number;
}

/** Changed in place by `applyEvent`, since a copy for each event would make a long run's events cost its steps. */
export interface LiveRun {
  state: string;
  startedAt: number | null;
  endedAt: number | null;
  seq: number;
  readonly steps: Map<string, LiveStep>;
}

export function emptyRun(stepIds: readonly string[]): LiveRun {
  const steps = new Map(stepIds.map((id) => [id, emptyStep(id)]));
  return { state: "pending", startedAt: null, endedAt: null, seq: 0, steps };
}

function emptyStep(id: string): LiveStep {
  return {
    id,
    state: "pending.blocked",
    attempt: 0,
    startedAt: null,
    workMs: 0,
    dueAt: null,
    reason: null,
    retries: [],
    isCarried: false,
    report: null,
  };
}

const REST = new Set(["succeeded", "failed", "skipped", "canceled"]);

export function isAtRest(state: string): boolean {
  return REST.has(state);
}

/** Takes the run one event further. */
export function applyEvent(run: LiveRun, event: EventView): void {
  const at = Date.parse(event.at);
  const { stepId, to, seq } = event;
  run.seq = seq;
  if (stepId !== undefined) {
    run.steps.set(stepId, moveStep(run.steps.get(stepId) ?? emptyStep(stepId), event, at));
    return;
  }
  run.state = to ?? run.state;
  if (event.type === "run.started") run.startedAt ??= at;
  run.endedAt = isAtRest(run.state) ? at : null;
}

function moveStep(step: LiveStep, { type, to = step.state, data, attempt }: EventView, at: number): LiveStep {
  const reason = reasonOf(data);
  const begins = to === "running.executing" && step.state !== to;
  return {
    ...step,
    state: to,
    attempt: attempt ?? step.attempt,
    startedAt: begins ? at : step.startedAt,
    workMs:
      step.workMs + (usedMs(data) ?? (step.state.startsWith("running.") && !to.startsWith("running.") ? at - (step.startedAt ?? at) : 0)),
    dueAt: typeof data.dueAt === "number" ? data.dueAt : null,
    reason: to === "succeeded" ? null : (reason ?? (isAtRest(to) ? step.reason : null)),
    retries: type === "step.retrying" ? [...step.retries, reason ?? "it failed"] : step.retries,
    isCarried: step.isCarried || type === "step.cached",
    ...(type === "step.expanded" && Array.isArray(data.keys) && { items: data.keys.length }),
    report:
      type === "step.waiting"
        ? parkedText(isJsonObject(data.until) ? data.until.parking : undefined)
        : to === step.state && type === "step.progress"
          ? reportOf(data.progress)
          : to === "running.executing"
            ? step.report
            : null,
  };
}

/** Null where the event ends no attempt, or one that did not say what it used. */
function usedMs({ usage }: JsonObject): number | null {
  if (!isJsonObject(usage)) return null;
  const { startedAt, endedAt } = usage;
  return typeof startedAt === "number" && typeof endedAt === "number" ? Math.max(0, endedAt - startedAt) : null;
}

/** Events say why in one of three places: a skip's reason, an attempt's outcome, a person's failure. */
export function reasonOf(data: JsonObject): string | null {
  const { reason, outcome, failure } = data;
  if (typeof reason === "string") return reason;
  if (isJsonObject(reason) && typeof reason.text === "string") return reason.text;
  return titleOf(failure) ?? (isJsonObject(outcome) ? titleOf(outcome.failure) : null);
}

function titleOf(failure: Json | undefined): string | null {
  return isJsonObject(failure) && typeof failure.title === "string" ? failure.title : null;
}

function reportOf(progress: Json | undefined): string | null {
  if (!isJsonObject(progress)) return null;
  const { message, percent } = progress;
  const share = typeof percent === "number" ? `${Math.floor(percent)} %` : null;
  return [share, typeof message === "string" ? message : null].filter((part) => part !== null).join(" ") || null;
}
