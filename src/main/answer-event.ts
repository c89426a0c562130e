/** Events from outside, for the steps that wait for them. */
import { isTroupeError, RequestError } from "../core/errors.ts";
import type { RunId } from "../core/ids.ts";
import { isJsonObject, type JsonObject } from "../core/json.ts";
import { matchesEvent } from "../steps/wait/match.ts";
import { toAnswerData } from "./answer-data.ts";
import type { EventSending, Heard } from "./answer-shape.ts";
import { allParkedSteps, type ParkedStep, parkedSteps, type Readable, stepOutputs } from "./parked-steps.ts";
import type { Driver } from "./project-shape.ts";

/** @throws RequestError EVENT_UNHEARD where no step waits for it, and none has taken this delivery */
export async function sendEvent(project: Readable, driver: Driver, name: string, sending: EventSending): Promise<readonly Heard[]> {
  const { run, id, by } = sending;
  const data = toAnswerData(sending.data);
  const parked = run === undefined ? allParkedSteps(project, "event") : parkedSteps(project, run, "event");
  const listening = parked.filter(({ parking }) => parking.name === name && matchesEvent(parking.match, data));
  const runs = run === undefined ? project.store.unfinishedRuns() : [run];
  const served = new Set(id === undefined ? [] : runs.filter((runId) => hasHeard(project, runId, name, id)));
  if (listening.length === 0 && served.size === 0) throw new RequestError("EVENT_UNHEARD", { event: name });
  const output: JsonObject = { event: name, id: id ?? null, at: new Date().toISOString(), by, data };
  const heard = await Promise.all(listening.filter(({ runId }) => !served.has(runId)).map((step) => tell(driver, step, output, by)));
  return heard.filter((one) => one !== null);
}

/** Null when something else came first in this very moment. */
async function tell(driver: Driver, { runId, step, attempt }: ParkedStep, output: JsonObject, by: string): Promise<Heard | null> {
  try {
    await driver.post(runId, { type: "step.answer", step, attempt, answer: { kind: "succeeded", output }, by, digest: null });
    return { run: runId, step };
  } catch (thrown) {
    if (isTroupeError(thrown) && (thrown.code === "STEP_NOT_WAITING" || thrown.code === "RUN_ALREADY_FINISHED")) return null;
    throw thrown;
  }
}

/** Whether a step of the run has taken this delivery already: its output says so. */
function hasHeard(project: Readable, runId: RunId, name: string, id: string): boolean {
  return stepOutputs(project, runId).some((output) => isJsonObject(output) && output.event === name && output.id === id);
}
