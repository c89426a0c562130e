/** Gathers what the summary of a run shows beside its view. */
import type { RunView } from "../contract/run-view.ts";
import type { RunId } from "../core/ids.ts";
import type { Json } from "../core/json.ts";
import { attemptLogs } from "../main/attempt-logs.ts";
import { lastLines } from "../main/last-lines.ts";
import type { Project } from "../main/project-shape.ts";
import { anomaliesOf } from "../main/report/anomalies.ts";
import { computeActualPath } from "./actual-path.ts";
import { reasonOf } from "./live/live-model.ts";
import { parkedText } from "./render/parked-text.ts";
import type { SummaryInput } from "./render/run-summary.ts";

/** Failed steps whose last lines are shown; more than this is nothing that anybody reads in a summary. */
const TAILS_MAX = 5;

export async function gatherSummary(project: Project, view: RunView, atSeq?: number): Promise<SummaryInput> {
  const runId = view.id as RunId; // Views come from the store.
  const { workflow } = project.snapshot(runId);
  return {
    view,
    criticalPath: computeActualPath(workflow, view),
    retries: await retriesOf(project, runId, view),
    anomalies: anomaliesOf(project.store, runId, atSeq),
    logTails: tailsOf(project, runId, view),
    parked: parkedOf(project, runId, view),
  };
}

function parkedOf(project: Project, runId: RunId, { steps }: RunView): ReadonlyMap<string, string> {
  const parked = new Map<string, string>();
  for (const { id } of steps.filter(({ detail }) => detail === "running.parked")) {
    const [waiting] = project.why(runId, id);
    if (waiting?.waitsFor.kind === "answer") parked.set(id, parkedText(waiting.waitsFor.parking as unknown as Json)); // A Parking holds nothing but JSON.
  }
  return parked;
}

async function retriesOf(project: Project, runId: RunId, view: RunView): Promise<ReadonlyMap<string, readonly string[]>> {
  const retries = new Map<string, string[]>();
  if (!view.steps.some(({ attempts, cached }) => attempts > 1 && !cached)) return retries;
  for await (const { type, stepId, data } of project.events(runId)) {
    if (type !== "step.retrying" || stepId === undefined) continue;
    retries.set(stepId, [...(retries.get(stepId) ?? []), reasonOf(data) ?? "it failed"]);
  }
  return retries;
}

function tailsOf(project: Project, runId: RunId, { steps }: RunView): ReadonlyMap<string, readonly string[]> {
  const tails = new Map<string, readonly string[]>();
  for (const { id } of steps.filter(({ state }) => state === "failed" || state === "quarantined").slice(0, TAILS_MAX)) {
    const directory = attemptLogs(project.store, project.directory, runId, id).at(-1)?.directory ?? null;
    const lines = directory === null ? [] : lastLines(directory);
    if (lines.length > 0) tails.set(id, lines);
  }
  return tails;
}
