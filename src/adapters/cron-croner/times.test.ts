import { describe, expect, test } from "vitest";
import { createCronTimes } from "./times.ts";

const times = createCronTimes();
const from = (cron: string, timezone: string, after: string, count: number): readonly string[] => {
  const found: string[] = [];
  let at = Date.parse(after);
  for (let index = 0; index < count; index++) {
    const next = times.next({ cron, timezone }, at);
    if (next === null) break;
    at = next;
    found.push(new Date(next).toISOString().slice(0, 16));
  }
  return found;
};

describe("when clocks go forward (I-23)", () => {
  test.each([
    ["Europe/Berlin", "2026-03-28T12:00Z", "30 2 * * *", ["2026-03-29T01:00", "2026-03-30T00:30"]],
    ["America/New_York", "2026-03-07T12:00Z", "30 2 * * *", ["2026-03-08T07:00", "2026-03-09T06:30"]],
  ])("in %s, a time that does not exist is due right after the gap, and the next day as ever", (timezone, after, cron, expected) => {
    expect(from(cron, timezone, after, 2)).toEqual(expected);
  });

  test.each([
    ["Europe/Berlin", "2026-03-29T00:00Z", ["2026-03-29T00:30", "2026-03-29T01:00", "2026-03-29T01:30", "2026-03-29T02:00"]],
    ["America/New_York", "2026-03-08T06:00Z", ["2026-03-08T06:30", "2026-03-08T07:00", "2026-03-08T07:30", "2026-03-08T08:00"]],
  ])("in %s, every half hour stays every half hour", (timezone, after, expected) => {
    expect(from("*/30 * * * *", timezone, after, 4)).toEqual(expected);
  });

  test("two fixed times of which one falls into the gap come together, and are due once", () => {
    expect(from("0 2,3 * * *", "Europe/Berlin", "2026-03-28T12:00Z", 2)).toEqual(["2026-03-29T01:00", "2026-03-30T00:00"]);
  });
});

describe("when clocks go back (I-23)", () => {
  test.each([
    ["Europe/Berlin", "2026-10-24T12:00Z", "30 2 * * *", ["2026-10-25T00:30", "2026-10-26T01:30"]],
    ["America/New_York", "2026-10-31T12:00Z", "30 1 * * *", ["2026-11-01T05:30", "2026-11-02T06:30"]],
  ])("in %s, a time that there is twice is due the first time only", (timezone, after, cron, expected) => {
    expect(from(cron, timezone, after, 2)).toEqual(expected);
  });

  test.each([
    ["Europe/Berlin", "2026-10-25T00:00Z", ["2026-10-25T00:30", "2026-10-25T01:00", "2026-10-25T01:30", "2026-10-25T02:00"]],
    ["America/New_York", "2026-11-01T05:00Z", ["2026-11-01T05:30", "2026-11-01T06:00", "2026-11-01T06:30", "2026-11-01T07:00"]],
  ])("in %s, every half hour stays every half hour", (timezone, after, expected) => {
    expect(from("*/30 * * * *", timezone, after, 4)).toEqual(expected);
  });
});

describe("times between two moments", () => {
  const daily = { cron: "0 0 * * *", timezone: "UTC" };
  const at = (day: number): number => Date.UTC(2026, 0, day);

  test("are after the first and up to the second", () => {
    expect(times.between(daily, at(1), at(3), 10)).toEqual([at(2), at(3)]);
    expect(times.between(daily, at(1), at(2) - 1, 10)).toEqual([]);
  });

  test("are the newest where there are more than asked for", () => {
    expect(times.between(daily, at(1), at(20), 3)).toEqual([at(18), at(19), at(20)]);
  });

  test("of clocks that go back agree forwards and backwards", () => {
    const rule = { cron: "*/30 * * * *", timezone: "Europe/Berlin" };
    const [start, end] = [Date.parse("2026-10-24T23:00Z"), Date.parse("2026-10-25T04:00Z")];
    const all = times.between(rule, start, end, 100);
    expect(all).toHaveLength(10);
    expect(times.between(rule, start, end, 6)).toEqual(all.slice(-6));
  });
});

test("there is no next time of a rule that never comes, and none of a rule that cannot be read", () => {
  expect(times.next({ cron: "0 0 30 2 *", timezone: "UTC" }, 0)).toBeNull();
  expect(() => times.next({ cron: "@daily", timezone: "Mars/Olympus" }, 0)).toThrow(RangeError);
});
