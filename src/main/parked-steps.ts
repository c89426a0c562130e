/** Steps that wait for an answer, as the runs of a state directory have them. */
import { isBlobRef } from "../core/blob.ts";
import type { RunId, StepId } from "../core/ids.ts";
import type { Json } from "../core/json.ts";
import { itemAt } from "../kernel/paged.ts";
import { stepsOf } from "../kernel/roster.ts";
import { countOf, type RunSnapshot } from "../kernel/snapshot.ts";
import type { Answered, Parking } from "../plan/parking.ts";
import type { CompiledStep, CompiledWorkflow } from "../plan/workflow.ts";
import type { Project } from "./project-shape.ts";

export interface ParkedStep<TKind extends Parking["kind"] = Parking["kind"]> {
  readonly runId: RunId;
  readonly step: StepId;
  readonly attempt: number;
  readonly parking: Parking & { readonly kind: TKind };
  /** Epoch milliseconds; null for ever. */
  readonly dueAt: number | null;
  readonly onDue: Answered;
  readonly compiled: CompiledStep;
}

/** The part of a project that is read here. */
export type Readable = Pick<Project, "snapshot" | "store">;

export function parkedSteps<TKind extends Parking["kind"]>(project: Readable, runId: RunId, kind: TKind): readonly ParkedStep<TKind>[] {
  const { workflow, snapshot } = project.snapshot(runId);
  return parkedIn(workflow, snapshot).filter((step): step is ParkedStep<TKind> => step.parking.kind === kind);
}

/** Of every run that has not ended. */
export function allParkedSteps<TKind extends Parking["kind"]>(project: Readable, kind: TKind): readonly ParkedStep<TKind>[] {
  return project.store.unfinishedRuns().flatMap((runId) => parkedSteps(project, runId, kind));
}

function parkedIn(workflow: CompiledWorkflow, snapshot: RunSnapshot): readonly ParkedStep[] {
  if (countOf(snapshot.counts, "running.parked") === 0) return [];
  const { runId } = snapshot.start;
  return [...stepsOf({ workflow, fans: snapshot.fans })].flatMap((compiled): ParkedStep[] => {
    const { state, actor } = itemAt(snapshot.steps, compiled.index);
    const { parked, attempt, dueAt } = actor.context;
    if (state !== "running.parked" || parked === null) return [];
    return [{ runId, step: compiled.id, attempt, parking: parked.parking, dueAt, onDue: parked.onDue, compiled }];
  });
}

/** States of steps in which something goes on, or is about to, without anybody's answer. */
const MOVING = ["pending.queued", "running.executing", "running.waiting", "running.stopping", "retrying"] as const;

/** Whether nothing of the run goes on before a person has decided, or the time to decide is over. A child run in that state counts too. */
export function waitsForPerson(project: Readable, runId: RunId, now: number): boolean {
  const { workflow, snapshot } = project.snapshot(runId);
  if (MOVING.some((state) => countOf(snapshot.counts, state) > 0)) return false;
  const parked = parkedIn(workflow, snapshot);
  return parked.length > 0 && parked.every(({ parking, dueAt }) => (dueAt === null || dueAt > now) && isAsked(project, parking, now));
}

function isAsked(project: Readable, parking: Parking, now: number): boolean {
  if (parking.kind === "run") return project.store.run(parking.runId) !== null && waitsForPerson(project, parking.runId, now);
  return parking.kind === "approval";
}

/** What the steps of a run that have succeeded gave. */
export function stepOutputs(project: Readable, runId: RunId, step?: StepId): readonly Json[] {
  const { workflow, snapshot } = project.snapshot(runId);
  return [...stepsOf({ workflow, fans: snapshot.fans })].flatMap(({ id, index }): Json[] => {
    const { state, actor } = itemAt(snapshot.steps, index);
    if (state !== "succeeded" || (step !== undefined && id !== step)) return [];
    const { output } = actor.context;
    return [isBlobRef(output) ? project.store.blob(output) : output];
  });
}
