/** Follows a run until it rests, or until only a person can lead it on: a command that nobody answers would otherwise wait for ever. */
import type { EventView } from "../contract/event-view.ts";
import type { RunView } from "../contract/run-view.ts";
import type { RunId } from "../core/ids.ts";
import { waitsForPerson } from "../main/parked-steps.ts";
import type { Driver, Project } from "../main/project-shape.ts";
import type { CompiledWorkflow } from "../plan/workflow.ts";

/** States of a step after which nothing of the run may be moving any more. */
export const STILL: ReadonlySet<string> = new Set(["running.parked", "succeeded", "failed", "skipped", "canceled", "quarantined"]);

export interface StillRun {
  readonly view: RunView;
  /** False when it waits for a person. */
  readonly isAtRest: boolean;
}

export interface FollowOptions {
  /** Hears every event of the run, from its first. */
  readonly event?: (event: EventView) => void;
  /** Goes on also when only a person can let the run go on. @defaultValue false */
  readonly stays?: boolean;
}

/** Whether a run of it can come to wait for a person. */
export function mayAsk({ steps }: Pick<CompiledWorkflow, "steps">): boolean {
  return steps.some(({ type }) => type === "approval" || type === "workflow");
}

export async function untilStill(
  project: Project,
  driver: Driver,
  runId: RunId,
  { event: hear, stays = false }: FollowOptions = {},
): Promise<StillRun> {
  const resting = driver.rest(runId);
  let heard = 0;
  let isOver = false;
  const note = (event: EventView): void => {
    heard = event.seq;
    hear?.(event);
  };
  const follow = async (): Promise<boolean> => {
    for await (const event of project.events(runId, { follow: true })) {
      if (isOver) break;
      note(event);
      if (!stays && STILL.has(event.to ?? "") && waitsForPerson(project, runId, Date.now())) return false;
    }
    return true;
  };
  /** Whoever follows looks every now and then; at the end nobody should wait for that. */
  const finish = async (): Promise<boolean> => {
    isOver = true;
    for await (const event of project.events(runId, { afterSeq: heard })) note(event);
    return true;
  };
  // An engine that has to stop ends `resting` with an error, and that is what is told.
  const isAtRest = await Promise.race([follow(), resting.then(finish)]);
  return { view: isAtRest ? await resting : project.view(runId), isAtRest };
}
