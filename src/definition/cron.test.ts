import { Cron } from "croner";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cronProblem, restrictsBothDays } from "./cron.ts";

const about = (text: string): string => {
  const found = cronProblem(text);
  return found === null ? "" : `${text.slice(found.offset, found.offset + found.length)}: ${found.problem} → ${found.fix ?? ""}`;
};

describe("a cron expression", () => {
  test.each([
    "0 6 * * 1",
    "*/15 * * * *",
    "0 9-17/2 * * MON-FRI",
    "30 2 1,15 jan,Jul *",
    "0 0 29 2 *",
    "0 0 31 * *",
    "0 0 * * 0-7",
    "@daily",
    "@Yearly",
  ])("%s has times", (text) => {
    expect(about(text)).toBe("");
  });

  test.each([
    ["60 * * * *", "60: `60` is no minute, which is from 0 to 59 → "],
    ["0 25 * * *", "25: `25` is no hour, which is from 0 to 23 → "],
    ["0 6 0 * *", "0: `0` is no day of the month, which is from 1 to 31 → "],
    ["0 6 * * mno", "mno: `mno` is no day of the week, which is from 0 to 7 or a name → Did you mean `mon`?"],
    ["0 22-2 * * *", "22-2: the range `22-2` of the hour ends before it begins → Write `22-23,0-2`."],
    ["5/10 * * * *", "5/10: `5/10` steps from one value → Write `5-59/10`."],
    ["*/0 * * * *", "*/0: the step of the minute is 0, and must be from 1 to 59 → "],
    [
      "0 0 L * *",
      "L: `L` in the day of the month is of other crons, and not known here → Start it daily, and let the first step decide by the date.",
    ],
    [
      "0 0 * * 5#2",
      "5#2: `5#2` in the day of the week is of other crons, and not known here → Start it daily, and let the first step decide by the date.",
    ],
    ["0,,5 * * * *", ": the minute has an empty part → Remove the extra comma."],
    ["@dayly", "@dayly: there is no `@dayly` → Did you mean `@daily`?"],
    ["0 0 30 2 *", "0 0 30 2 *: no year has such a day: it would be the 30th of 2 → Correct the day or the month."],
  ])("%s is refused at its part: %s", (text, told) => {
    expect(about(text)).toBe(told.replace(/^: /, text[2] === "," ? ",: " : ": "));
  });

  test.each(["* * * * * *", "0 0 6 * * 1 2027"])("%s has seconds, which are refused with the way out", (text) => {
    expect(about(text)).toContain("the first would be seconds → Leave the seconds away");
  });

  test.each(["", "0 6", "now", "@reboot", "a b c d e", "1-2-3 * * * *", "*/5/5 * * * *", "-1 * * * *", "1.5 * * * *", "1e1 * * * *"])(
    "%s is no schedule",
    (text) => {
      expect(cronProblem(text)).not.toBeNull();
    },
  );

  test("whatever is taken here, the library that computes times reads too, and finds a next one", () => {
    const item = (min: number, max: number, words: readonly string[]) =>
      fc.oneof(
        fc.constantFrom("*", ...words),
        fc.integer({ min, max }).map(String),
        fc
          .tuple(fc.integer({ min, max }), fc.integer({ min, max }))
          .map(([one, other]) => `${Math.min(one, other)}-${Math.max(one, other)}`),
        fc.integer({ min: 1, max }).map((step) => `*/${step}`),
        fc.tuple(fc.integer({ min, max }), fc.integer({ min: 1, max })).map(([from, step]) => `${from}-${max}/${step}`),
      );
    const field = (min: number, max: number, words: readonly string[] = []) =>
      fc.array(item(min, max, words), { minLength: 1, maxLength: 3 }).map((items) => items.join(","));
    const text = fc
      .tuple(field(0, 59), field(0, 23), field(1, 31), field(1, 12, ["jan", "DEC"]), field(0, 7, ["sun", "FRI"]))
      .map((all) => all.join(" "));
    fc.assert(
      fc.property(text, (cron) => {
        if (cronProblem(cron) !== null) return;
        expect(new Cron(cron, { mode: "5-part", timezone: "UTC", paused: true }).nextRun(new Date(0)), cron).not.toBeNull();
      }),
      { numRuns: 300 },
    );
  });

  test("two restricted days are either of them", () => {
    expect(["0 6 1 * 1", "0 6 * * 1", "0 6 1 * *", "@daily", "0 6 */2 * 1"].map(restrictsBothDays)).toEqual([
      true,
      false,
      false,
      false,
      false,
    ]);
  });
});
