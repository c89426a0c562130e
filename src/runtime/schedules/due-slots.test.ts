import { describe, expect, test } from "vitest";
import type { CronTimes } from "../../ports/cron.ts";
import { CATCHUP_MAX, dueSlots, LATE_MS, MISSED_ROWS_MAX } from "./due-slots.ts";

const HOUR = 3_600_000;
/** Every full hour. */
const hourly: CronTimes = {
  next: (_rule, after) => (Math.floor(after / HOUR) + 1) * HOUR,
  between(_rule, after, until, count) {
    const all: number[] = [];
    for (let time = (Math.floor(after / HOUR) + 1) * HOUR; time <= until; time += HOUR) all.push(time);
    return all.slice(-count);
  },
};
const rule = { cron: "@hourly", timezone: "UTC" };
const decided = (catchup: "none" | "last" | "all", hours: number, late = 0) =>
  dueSlots({ rule, catchup, decidedUntil: 0 }, hours * HOUR + late, hourly).map(({ at, outcome }) => `${at / HOUR} ${outcome}`);

describe("slots that are due (I-23)", () => {
  test.each(["none", "last", "all"] as const)("one that is seen in time is started, whatever the policy: %s", (catchup) => {
    expect(decided(catchup, 1)).toEqual(["1 due"]);
    expect(decided(catchup, 1, LATE_MS - 1)).toEqual(["1 due"]);
    expect(decided(catchup, 1, -1)).toEqual([]);
  });

  test("catchup none: what was missed stays missed", () => {
    expect(decided("none", 3, LATE_MS)).toEqual(["1 missed", "2 missed", "3 missed"]);
    expect(decided("none", 3)).toEqual(["1 missed", "2 missed", "3 due"]);
  });

  test("catchup last: the newest is made up for, and it may be the one that is due now", () => {
    expect(decided("last", 3, LATE_MS)).toEqual(["1 missed", "2 missed", "3 due"]);
    expect(decided("last", 3)).toEqual(["1 missed", "2 missed", "3 due"]);
  });

  test("catchup all: every one in order, up to a bound", () => {
    expect(decided("all", 3, LATE_MS)).toEqual(["1 due", "2 due", "3 due"]);
    const many = dueSlots({ rule, catchup: "all", decidedUntil: 0 }, 200 * HOUR, hourly);
    expect(many.filter(({ outcome }) => outcome === "due").map(({ at }) => at / HOUR)).toEqual(
      Array.from({ length: CATCHUP_MAX }, (_, index) => 101 + index),
    );
    expect(many[0]).toEqual({
      at: 100 * HOUR,
      outcome: "missed",
      reason: "It and every slot since 1970-01-01T00:00:00.000Z were missed: more than 100.",
    });
  });

  test("a long downtime leaves few rows of what nobody makes up for", () => {
    const rows = dueSlots({ rule, catchup: "last", decidedUntil: 0 }, 10_000 * HOUR + LATE_MS, hourly);
    expect(rows).toHaveLength(MISSED_ROWS_MAX + 1);
    expect(rows.filter(({ outcome }) => outcome === "due").map(({ at }) => at / HOUR)).toEqual([10_000]);
  });
});
