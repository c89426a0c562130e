import fc from "fast-check";
import { expect, test } from "vitest";
import type { RunSummary } from "../../../src/contract/run-summary.ts";
import { mergePage, pagesOf, type RunList } from "./merge-page.ts";

const run = (at: number, state = "running"): RunSummary => ({
  id: `run_${at}`,
  workflow: "w",
  state,
  createdAt: at,
  startedAt: at,
  endedAt: null,
  durationMs: null,
  costUsd: 0,
  progress: { done: 0, total: 1, percent: 0 },
  parent: null,
});
const list = (next: string | null, ...rows: RunSummary[]): RunList => ({ rows, next });
const idsOf = ({ rows }: RunList) => rows.map(({ id }) => id);

test("the first page of an empty list is the list", () => {
  const page = { runs: [run(3), run(2)], next: "run_2" };
  expect(mergePage(list(null), null, page)).toEqual({ rows: page.runs, next: "run_2" });
});

test("a page behind the last row is added", () => {
  expect(mergePage(list("run_2", run(3), run(2)), "run_2", { runs: [run(1)], next: null })).toEqual(list(null, run(3), run(2), run(1)));
});

test("M1: what is told anew replaces what was known, and what is missing in it has left", () => {
  const known = list("run_1", run(5), run(4), run(3), run(2), run(1));
  const merged = mergePage(known, null, { runs: [run(6), run(5, "failed"), run(3)], next: "run_3" });
  expect(idsOf(merged)).toEqual(["run_6", "run_5", "run_3", "run_2", "run_1"]);
  expect(merged.rows[1]?.state).toBe("failed");
  expect(merged.next).toBe("run_1");
});

test("a page in the middle changes only what it tells about", () => {
  const known = list(null, run(5), run(4), run(3), run(2), run(1));
  expect(idsOf(mergePage(known, "run_5", { runs: [run(4), run(2)], next: "run_2" }))).toEqual(["run_5", "run_4", "run_2", "run_1"]);
});

test("so many new runs that nothing is in common begin a new list, whose rest is asked for again", () => {
  const merged = mergePage(list(null, run(2), run(1)), null, { runs: [run(9), run(8)], next: "run_8" });
  expect(merged).toEqual(list("run_8", run(9), run(8)));
});

test("a page behind a run that has left changes nothing", () => {
  const known = list("run_1", run(1));
  expect(mergePage(known, "run_7", { runs: [run(6)], next: null })).toBe(known);
});

test("M2: however runs come and go between pages, each is there once and in order", () => {
  const PAGE = 3;
  const change = fc.record({ add: fc.nat(4), drop: fc.array(fc.nat(30), { maxLength: 3 }), ask: fc.nat(9) });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 20 }), (changes) => {
      let server: readonly RunSummary[] = [];
      let latest = 0;
      let known: RunList = { rows: [], next: null };
      for (const { add, drop, ask } of changes) {
        const added = Array.from({ length: add }, () => run(++latest)).toReversed();
        server = [...added, ...server].filter((_, index) => !drop.includes(index));
        const after = ask === 0 ? null : (known.rows[ask - 1]?.id ?? null);
        const createdAt = known.rows.find(({ id }) => id === after)?.createdAt ?? Infinity;
        const behind = server.filter((one) => one.createdAt < createdAt);
        const runs = behind.slice(0, PAGE);
        known = mergePage(known, after, { runs, next: behind.length > PAGE ? (runs.at(-1)?.id ?? null) : null });
        const times = known.rows.map((row) => row.createdAt);
        expect(times).toEqual([...new Set(times)].toSorted((one, other) => other - one));
      }
    }),
  );
});

test("runs that changed are asked for with as few pages as will do", () => {
  const rows = Array.from({ length: 10 }, (_, index) => run(10 - index));
  expect(pagesOf(rows, new Set(["run_10", "run_9"]), 3)).toEqual([null]);
  expect(pagesOf(rows, new Set(["run_9", "run_5", "run_3", "run_1"]), 3)).toEqual([null, "run_6", "run_2"]);
  expect(pagesOf(rows, new Set(["run_99"]), 3)).toEqual([]);
});
