/** The time limit of a step that is parked: what its attempt was given counts on while it waits. */
import type { Answered, ParkedUntil } from "../plan/parking.ts";
import type { AttemptContext } from "./attempt.ts";

/** `title`: what did not come in time. */
export function untilDeadline(context: AttemptContext, title: string): Pick<ParkedUntil, "dueAt" | "onDue"> {
  const { deadlineAt } = context.request;
  return deadlineAt === null ? { dueAt: null, onDue: { kind: "again" } } : { dueAt: deadlineAt, onDue: expired(context, title) };
}

function expired(context: AttemptContext, title: string): Answered {
  const { timeout } = context.request.step;
  if (timeout?.then === "fallback" && timeout.value !== null) return { kind: "succeeded", output: context.evaluate(timeout.value) };
  return { kind: "failed", failure: { class: "timeout", code: "TIMEOUT", title } };
}
