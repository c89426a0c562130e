import { expect, test } from "vitest";
import { daysIn, lastDays, readRange } from "./range.ts";
import { niceMax, sumBy, toCsv } from "./tally.ts";

const row = { day: "2026-11-20", workflow: "nightly", category: "agent", tool: null, usd: 0.5, attempts: 1 };
const NOW = Date.parse("2026-11-22T23:30:00Z");

test("days on which nothing was spent are there, and other sums begin with the largest", () => {
  const days = daysIn({ from: "2026-11-19", to: "2026-11-21" });
  const rows = [row, { ...row, usd: 0.25 }, { ...row, workflow: "build", usd: 4, tool: "codex" }];
  expect(sumBy(rows, "day", days).map(({ name, usd }) => [name, usd])).toEqual([
    ["2026-11-19", 0],
    ["2026-11-20", 4.75],
    ["2026-11-21", 0],
  ]);
  expect(sumBy(rows, "workflow", days)).toEqual([
    { name: "build", usd: 4, attempts: 1 },
    { name: "nightly", usd: 0.75, attempts: 2 },
  ]);
  expect(sumBy(rows, "tool", days).map(({ name }) => name)).toEqual(["codex", "(no tool)"]);
});

test("a range that is none, is upside down or is too long becomes the last thirty days", () => {
  const usual = { from: "2026-10-24", to: "2026-11-22" };
  const read = (query: string) => readRange(new URLSearchParams(query), NOW);
  for (const query of [
    "",
    "from=2026-02-31&to=2026-03-01",
    "from=2026-03-02&to=2026-03-01",
    "from=1970-01-01&to=2026-01-01",
    "from=x&to=y",
  ])
    expect(read(query), query).toEqual(usual);
  expect(read("from=2026-03-01&to=2026-03-01")).toEqual({ from: "2026-03-01", to: "2026-03-01" });
  expect(daysIn(lastDays(7, NOW))).toHaveLength(7);
});

test("a sheet reads the file as it is, and no text becomes a formula", () => {
  const text = toCsv([
    { ...row, workflow: '=HYPERLINK("http://x","a,b")', usd: 1e-7 },
    { ...row, tool: "-codex" },
  ]);
  expect(text.split("\r\n")).toEqual([
    "day,workflow,category,tool,usd,attempts",
    `2026-11-20,"'=HYPERLINK(""http://x"",""a,b"")",agent,,1e-7,1`,
    "2026-11-20,nightly,agent,'-codex,0.5,1",
    "",
  ]);
});

test("an axis ends at a round number that is not below the highest bar", () => {
  expect([0, 0.3, 1, 2.1, 7, 10, 11].map(niceMax)).toEqual([1, 0.5, 1, 5, 10, 10, 20]);
});
