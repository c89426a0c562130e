/** What spans need to know of a journal entry: its names, and its payload read without trust. */
import type { TaskFailure } from "../src/core/failure.ts";
import { isJsonObject, type Json, type JsonObject } from "../src/core/json.ts";
import type { CommittedEntry, ObservedRun } from "../src/ports/observer.ts";

export type Entry = CommittedEntry["entry"];
export type Step = ObservedRun["definition"]["steps"][number];

/** What ended, or why: the part of a failure that is shown. */
export type Failure = Pick<TaskFailure, "class" | "code" | "title" | "exitCode" | "signal">;

export function objectIn(data: JsonObject, name: string): JsonObject {
  const value = data[name];
  return isJsonObject(value) ? value : {};
}

export function textIn(data: JsonObject, name: string): string | null {
  const value: Json | undefined = data[name];
  return typeof value === "string" ? value : null;
}

export function numberIn(data: JsonObject, name: string): number | null {
  const value: Json | undefined = data[name];
  return typeof value === "number" ? value : null;
}

/** The failure that an entry carries: of an attempt, by a person's word, or of the run. */
export function failureOf({ data }: Entry): Failure | null {
  const found = [objectIn(data, "outcome").failure, data.failure, objectIn(data, "error").failure].find(isJsonObject);
  return found === undefined ? null : (found as unknown as Failure); // Written by the kernel as TaskFailure.
}

/** Whether an attempt is in flight in this state of its step. */
export function isInFlight(state: string): boolean {
  return state === "running.executing" || state === "running.stopping";
}

/** Whether an actor rests in this state: for good, or until a person decides. */
export function isRest(state: string): boolean {
  return state === "succeeded" || state === "failed" || state === "skipped" || state === "canceled" || state === "quarantined";
}
