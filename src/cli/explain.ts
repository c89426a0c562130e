/** Gathers what `why` tells: what each actor waits for, what became of its attempts, what it printed last, and what a person can do. */
import type { RunView, StepView } from "../contract/run-view.ts";
import type { RunId } from "../core/ids.ts";
import { stepNameOf } from "../core/item-id.ts";
import { type AttemptReport, type Handback, readAttemptHistories } from "../main/attempt-history.ts";
import { attemptLogs } from "../main/attempt-logs.ts";
import { hasLiveEngine } from "../main/engine-alive.ts";
import { lastLines } from "../main/last-lines.ts";
import { type PlaceQueue, readPlaceQueue } from "../main/place-queue.ts";
import type { Project } from "../main/project-shape.ts";
import type { CompiledStep, CompiledWorkflow } from "../plan/workflow.ts";
import { type NextCommand, runCommands, stepCommands } from "./next-commands.ts";
import { type Transition, toTransitions } from "./transitions.ts";

type Waiting = ReturnType<Project["why"]>[number];

/** What a place is waited for behind. */
export interface QueuePlace {
  /** 1 for the next; null where that is not known. */
  readonly place: number | null;
  /** Attempts of all runs that run, and steps that wait for a place. */
  readonly running: number;
  readonly waiting: number;
  /** The run's own limit where it is reached, and the steps that use it up. */
  readonly runLimit: number | null;
  readonly runHolders: readonly string[];
}

export interface Explanation extends Waiting {
  readonly transitions: readonly Transition[];
  readonly attempts: readonly AttemptReport[];
  /** Why the last dispatch was handed back, such as an open breaker. */
  readonly handback: Handback | null;
  /** Only for those that wait for a place. */
  readonly queue: QueuePlace | null;
  /** What the latest attempt printed last: its stderr, or where that is silent its stdout. */
  readonly lastLines: readonly string[];
  readonly commands: readonly NextCommand[];
}

export interface RunExplanation {
  readonly view: RunView;
  readonly explanations: readonly Explanation[];
  /** Null where nothing is left to drive. */
  readonly isDriven: boolean | null;
}

/** In the overview of a run; more is nothing that anybody reads at once. */
const FAILED_SHOWN_MAX = 10;
const LINES_OF_MANY = 5;
const LINES_OF_ONE = 10;

/** @throws RequestError STEP_NOT_FOUND */
export async function explainRun(project: Project, runId: RunId, step: string | undefined): Promise<RunExplanation> {
  const view = project.view(runId);
  const { workflow, snapshot } = project.snapshot(runId);
  const failed = view.steps.filter(({ state }) => state === "failed").slice(0, FAILED_SHOWN_MAX);
  const waiting =
    step === undefined ? [...project.why(runId), ...failed.flatMap(({ id }) => project.why(runId, id))] : project.why(runId, step);
  const steps = waiting.flatMap(({ actor }) => stepNamed(workflow, actor) ?? []);
  const histories = readAttemptHistories(project.store, runId, steps);
  const queue = waiting.some(({ waitsFor }) => waitsFor.kind === "place") ? readPlaceQueue(project.store, Date.now()) : null;
  const isOpen = view.endedAt === null && view.state !== "quarantined";
  return {
    view,
    isDriven: isOpen ? await hasLiveEngine(project.directory) : null,
    explanations: waiting.map((one) => {
      const viewed = view.steps.find(({ id }) => id === one.actor);
      const compiled = stepNamed(workflow, one.actor);
      return {
        ...one,
        transitions: toTransitions(one.actor, one.state, one.enabled),
        attempts: histories.get(one.actor)?.attempts ?? [],
        handback: histories.get(one.actor)?.handback ?? null,
        queue: one.waitsFor.kind === "place" && queue !== null ? placeIn(queue, view, one.actor, snapshot.start.concurrency) : null,
        lastLines: viewed === undefined ? [] : linesOf(project, runId, viewed, step === undefined ? LINES_OF_MANY : LINES_OF_ONE),
        commands:
          viewed === undefined || compiled === undefined
            ? runCommands(view)
            : step === undefined
              ? []
              : stepCommands(view.id, viewed, compiled),
      };
    }),
  };
}

function stepNamed({ steps, indexOf }: CompiledWorkflow, id: string): CompiledStep | undefined {
  return steps[indexOf.get(stepNameOf(id)) ?? -1];
}

/** Of a step that a person may ask about; what a step printed that goes well is the business of `logs`. */
function linesOf(project: Project, runId: RunId, { id, state, detail, error }: StepView, count: number): readonly string[] {
  if (error === null || state === "succeeded" || detail === "running.executing") return [];
  const directory = attemptLogs(project.store, project.directory, runId, id).findLast((log) => log.directory !== null)?.directory ?? null;
  return directory === null ? [] : lastLines(directory, count);
}

function placeIn({ running, waiting, placeOf }: PlaceQueue, { id, steps }: RunView, step: string, runLimit: number | null): QueuePlace {
  const runHolders = steps.filter(({ detail }) => detail === "running.executing" || detail === "running.stopping").map((one) => one.id);
  const isAtLimit = runLimit !== null && runHolders.length >= runLimit;
  // Views come from the store.
  return { place: placeOf(id as RunId, step), running, waiting, runLimit: isAtLimit ? runLimit : null, runHolders };
}
