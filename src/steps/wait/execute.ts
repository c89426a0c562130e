/** Works out what a wait step waits for; the waiting itself is the machine's. */
import { DURATION_MAX_MS, parseDurationMs } from "../../core/duration.ts";
import type { FailureClass } from "../../core/failure.ts";
import { isJsonObject, type Json, type JsonObject } from "../../core/json.ts";
import type { AttemptContext, Execution, StepType } from "../../ports/attempt.ts";
import type { Clock } from "../../ports/clock.ts";
import { untilDeadline } from "../../ports/parked-deadline.ts";
import { waitDeclaration } from "./schema.ts";
import { parseTime } from "./time.ts";

export interface WaitStepOptions {
  readonly clock: Pick<Clock, "now">;
}

export function createWaitStep({ clock }: WaitStepOptions): StepType {
  return {
    declaration: waitDeclaration,
    survivesEngine: false,
    async execute(context) {
      return begin(context, clock.now());
    },
    // Nothing of it can be noticed outside, so an attempt whose engine died has never begun.
    reattach: () => Promise.resolve({ kind: "not_started", reason: "Its engine ended before it waited." }),
  };
}

function begin(context: AttemptContext, now: number): Execution {
  const event = context.value("event");
  if (event !== undefined) return awaitEvent(context, event);
  const { dueAt, output } = goalOf(context, now);
  if (dueAt <= now) return { kind: "succeeded", output };
  return { kind: "parked", until: { parking: { kind: "timer" }, dueAt, onDue: { kind: "succeeded", output } } };
}

/**
 * When the wait ends, and its output: what was waited for, which is the same whenever the step began.
 *
 * @throws a failure for what is no time, or further away than anybody waits
 */
function goalOf(context: AttemptContext, now: number): { readonly dueAt: number; readonly output: JsonObject } {
  const duration = context.value("for");
  if (duration !== undefined) {
    const ms = typeof duration === "string" || typeof duration === "number" ? parseDurationMs(duration) : null;
    if (ms === null) return refuse(`\`for\` is ${show(duration)}, which is no duration.`);
    return { dueAt: now + ms, output: { waitedMs: ms } };
  }
  const until = context.value("until") ?? null;
  const at = parseTime(until);
  if (at === null) return refuse(`\`until\` is ${show(until)}, which is no time with a time zone.`);
  if (at - now > DURATION_MAX_MS) return refuse(`\`until\` is ${show(until)}, more than ten years from now.`);
  return { dueAt: at, output: { until: new Date(at).toISOString() } };
}

function awaitEvent(context: AttemptContext, name: Json): Execution {
  const match = context.value("match");
  if (typeof name !== "string" || name === "") return refuse(`\`event\` is ${show(name)}, which is no name.`);
  return {
    kind: "parked",
    until: {
      parking: { kind: "event", name, match: isJsonObject(match) ? match : null },
      ...untilDeadline(context, `The event \`${name}\` did not come in time.`),
    },
  };
}

function show(value: Json): string {
  const text = JSON.stringify(value);
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}

function refuse(message: string): never {
  const failureClass: FailureClass = "validation";
  throw Object.assign(new Error(message), {
    code: "WAIT_INVALID",
    class: failureClass,
    hint: "Times are `2027-01-31T08:00:00Z`, durations `2h`.",
  });
}
