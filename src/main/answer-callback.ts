/** Callbacks: what was sent to an address that a webhook step has given out. */
import { setTimeout as pause } from "node:timers/promises";
import { RequestError } from "../core/errors.ts";
import type { RunId, StepId } from "../core/ids.ts";
import { canonicalJson, isJsonObject, type Json, type JsonObject } from "../core/json.ts";
import { validateData } from "../definition/data-schema.ts";
import { itemAt } from "../kernel/paged.ts";
import { stepById } from "../kernel/roster.ts";
import { toAnswerData } from "./answer-data.ts";
import type { Heard } from "./answer-shape.ts";
import { readToken } from "./callback-tokens.ts";
import { type ParkedStep, parkedSteps, type Readable, stepOutputs } from "./parked-steps.ts";
import type { Driver, Project } from "./project-shape.ts";

export interface CallbackOptions {
  /** How long a callback waits for a step whose request is still being answered, in milliseconds. @defaultValue 10000 */
  readonly patienceMs?: number;
}

const PATIENCE_MS_DEFAULT = 10_000;
const LOOK_EVERY_MS = 50;

/**
 * The same data sent again is taken for the same callback, and changes nothing.
 *
 * @throws RequestError CALLBACK_UNKNOWN, CALLBACK_DATA, STEP_NOT_WAITING
 */
export async function answerCallback(
  project: Readable & Pick<Project, "directory">,
  driver: Driver,
  token: string,
  given: Json,
  { patienceMs = PATIENCE_MS_DEFAULT }: CallbackOptions = {},
): Promise<Heard> {
  const { runId, step } = readToken(project.directory, token);
  if (project.store.run(runId) === null) throw new RequestError("CALLBACK_UNKNOWN");
  const data = toAnswerData(given);
  const parked = await untilParked(project, runId, step, Date.now() + patienceMs);
  if (parked === null) {
    const isRepeated = stepOutputs(project, runId, step).some(
      (output) => isJsonObject(output) && output.callback !== undefined && canonicalJson(output.callback) === canonicalJson(data),
    );
    if (isRepeated) return { run: runId, step };
    throw new RequestError("STEP_NOT_WAITING", { step, state: stateOf(project, runId, step) });
  }
  const output: JsonObject = { ...parked.parking.response, callback: data };
  demandFit(parked, data, output);
  await driver.post(runId, {
    type: "step.answer",
    step,
    attempt: parked.attempt,
    answer: { kind: "succeeded", output },
    by: null,
    digest: null,
  });
  return { run: runId, step };
}

/** Some call back before they have answered. */
async function untilParked(project: Readable, runId: RunId, step: StepId, untilMs: number): Promise<ParkedStep<"callback"> | null> {
  for (;;) {
    const parked = parkedSteps(project, runId, "callback").find((one) => one.step === step);
    if (parked !== undefined) return parked;
    if (stateOf(project, runId, step) !== "running.executing" || Date.now() >= untilMs) return null;
    await pause(LOOK_EVERY_MS);
  }
}

function stateOf(project: Readable, runId: RunId, id: StepId): string {
  const { workflow, snapshot } = project.snapshot(runId);
  const step = stepById({ workflow, fans: snapshot.fans }, id);
  return step === undefined ? "unknown" : itemAt(snapshot.steps, step.index).state;
}

function demandFit({ step, compiled }: ParkedStep, data: Json, output: JsonObject): void {
  const { callback } = compiled.config;
  const wanted = callback?.kind === "literal" && isJsonObject(callback.value) ? callback.value.schema : undefined;
  const errors = [
    ...(isJsonObject(wanted) ? validateData(wanted, data, { root: "data" }).errors : []),
    ...(compiled.outputSchema === null ? [] : validateData(compiled.outputSchema, output, { root: "output" }).errors),
  ];
  if (errors.length === 0) return;
  throw new RequestError("CALLBACK_DATA", { step, problems: errors.map(({ path, message }) => `${path}: ${message}`).join("\n") });
}
