/** What can be said about a wait step before it runs. */
import { parseDurationMs } from "../../core/duration.ts";
import type { StepFinding } from "../../plan/step-type.ts";
import type { CompiledStep } from "../../plan/workflow.ts";
import { parseTime } from "./time.ts";

const AIMS = ["for", "until", "event"] as const;

export function checkWait({ config, timeout }: CompiledStep): readonly StepFinding[] {
  const given = AIMS.filter((name) => config[name] !== undefined);
  const findings: StepFinding[] = [];
  const say = (code: string, field: string, message: string, fix: string): void => {
    findings.push({ code, severity: "error", message, field, fix });
  };
  if (given.length !== 1)
    say(
      "WAIT_AIM",
      given[1] ?? "for",
      given.length === 0 ? "It does not say what it waits for." : `It waits for ${given.length} things at once.`,
      "Give one of `for`, `until` and `event`.",
    );
  const { for: duration, until, match } = config;
  if (duration?.kind === "literal" && parseDurationMs(duration.value as string | number) === null)
    say("WAIT_TIME", "for", `\`${String(duration.value)}\` is no duration.`, "Write one such as `30s`, `10m` or `7d`.");
  if (until?.kind === "literal" && parseTime(until.value) === null)
    say("WAIT_TIME", "until", `\`${String(until.value)}\` is no time.`, "Write one such as `2027-01-31T08:00:00Z`.");
  if (match !== undefined && config.event === undefined) say("WAIT_AIM", "match", "Only events have data to match.", "Remove it.");
  if (timeout !== null && config.event === undefined)
    say("WAIT_TIMEOUT", "timeout", "A step that waits for a time has no other time limit.", "Remove it.");
  if (timeout?.then === "skip")
    say(
      "WAIT_TIMEOUT",
      "timeout",
      "What waits for an event cannot be skipped by its time limit.",
      "Use `catch: [{ match: { class: timeout }, do: skip }]`, or `then: fallback`.",
    );
  return findings;
}
