/**
 * Which slots of a schedule are to be decided now, and how. Pure: the store makes sure that none is decided twice (TR1).
 *
 * A slot that is seen later than it should be was missed by whoever was not there: the schedule's own policy says what becomes of it.
 */
import type { Catchup } from "../../plan/triggers.ts";
import type { CronRule, CronTimes } from "../../ports/cron.ts";

/** A slot that is seen within this time counts as seen when it was due: an engine was starting, or busy. Below the step of cron. */
export const LATE_MS = 60_000;
/** Slots that `catchup: all` makes up for; a week of minutes would be ten thousand runs. */
export const CATCHUP_MAX = 100;
/** Rows that are kept of slots that nobody makes up for; the oldest of them stands for all before it. */
export const MISSED_ROWS_MAX = 10;

export interface ScheduleState {
  readonly rule: CronRule;
  readonly catchup: Catchup;
  /** Slots up to this time are decided. Epoch milliseconds. */
  readonly decidedUntil: number;
}

export interface DueSlot {
  readonly at: number;
  readonly outcome: "due" | "missed";
  readonly reason: string | null;
}

/** Oldest first. @throws RangeError for a rule that this machine cannot read */
export function dueSlots({ rule, catchup, decidedUntil }: ScheduleState, now: number, times: CronTimes): readonly DueSlot[] {
  const rows = catchup === "all" ? CATCHUP_MAX : MISSED_ROWS_MAX;
  const found = times.between(rule, decidedUntil, now, rows + 1);
  const isCut = found.length > rows;
  return found.map((at, index): DueSlot => {
    const isNewest = index === found.length - 1;
    if (isCut && index === 0)
      return {
        at,
        outcome: "missed",
        reason: `It and every slot since ${new Date(decidedUntil).toISOString()} were missed: more than ${rows}.`,
      };
    if (at > now - LATE_MS) return { at, outcome: "due", reason: null };
    if (catchup === "all" || (catchup === "last" && isNewest)) return { at, outcome: "due", reason: null };
    return { at, outcome: "missed", reason: `No engine was there; \`catchup: ${catchup}\`.` };
  });
}
