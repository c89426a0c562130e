/** Errors that no author of a workflow can have caused: the store could not be read, or we are wrong. They are no outcome of a run. */
import { isTroupeError } from "../core/errors.ts";
import type { Execution } from "../ports/attempt.ts";

export function isFault(thrown: unknown): boolean {
  return isTroupeError(thrown) && thrown.kind !== "definition";
}

/**
 * What becomes of an attempt that met one. It is dispatched again under its own number where the fault may pass and repeating is
 * allowed; otherwise it counts as lost, so that the step comes before a person in the end.
 */
export function faultyExecution(fault: Error, mayRepeat: boolean): Execution {
  const reason = `A value that it needs could not be read: ${fault.message}`;
  const mayPass = isTroupeError(fault) && fault.kind === "transient";
  return mayPass && mayRepeat ? { kind: "not_started", reason } : { kind: "lost", reason };
}
