import { describe, expect, test } from "vitest";
import { GATE_PLAIN as GATE } from "../../../test/support/gate-policy.ts";
import type { GatePolicy } from "../../plan/step-policies.ts";
import type { TestCounts, TestsAnswer, UnusableReport } from "../../ports/reports.ts";
import { judge, type Measured } from "./judge.ts";

const broken = (differs: Partial<UnusableReport> = {}): UnusableReport => ({
  ok: false,
  code: "GATE_UNPARSABLE",
  problem: "it is cut",
  file: "r.xml",
  line: null,
  column: null,
  ...differs,
});

function told(
  gate: Partial<GatePolicy>,
  counts: Partial<TestCounts> | UnusableReport | null,
  coverage: Measured["coverage"] = null,
): string {
  const tests: TestsAnswer | null =
    counts === null || "ok" in counts
      ? counts
      : { ok: true, format: "tap", files: [], counts: { passed: 0, failed: 0, skipped: 0, errors: 0, failures: [], ...counts } };
  const verdict = judge({ ...GATE, ...gate }, { tests, coverage });
  return verdict.ok ? "opens" : `${verdict.code} ${verdict.title}`;
}

describe("a gate", () => {
  test.each<[string, Partial<GatePolicy>, Partial<TestCounts> | UnusableReport | null, Measured["coverage"], string]>([
    ["opens for tests that passed", {}, { passed: 1 }, null, "opens"],
    ["opens where nothing is measured", {}, null, null, "opens"],
    ["counts failures", {}, { passed: 2, failed: 1 }, null, "GATE_FAILED 1 of 3 tests failed."],
    ["counts errors", {}, { passed: 2, errors: 1 }, null, "GATE_FAILED 1 error outside of tests."],
    ["counts both", {}, { failed: 1, errors: 2 }, null, "GATE_FAILED 1 of 3 tests failed, and there were 2 errors outside of tests."],
    ["lets as many fail as it says", { maxFailed: 2 }, { passed: 1, failed: 1, errors: 1 }, null, "opens"],
    ["and no more", { maxFailed: 1 }, { passed: 1, failed: 2 }, null, "GATE_FAILED 2 of 3 tests failed; 1 may fail."],
    ["wants tests", {}, {}, null, "GATE_EMPTY the report holds no tests."],
    ["wants tests that ran", {}, { skipped: 2 }, null, "GATE_EMPTY all 2 tests were skipped."],
    ["unless none are wanted", { allowEmpty: true }, { skipped: 2 }, null, "opens"],
    ["wants enough of them", { minPassed: 2 }, { passed: 1 }, null, "GATE_FAILED 1 tests passed; at least 2 have to."],
    [
      "wants enough of them even when none are wanted",
      { minPassed: 1, allowEmpty: true },
      {},
      null,
      "GATE_FAILED 0 tests passed; at least 1 have to.",
    ],
    ["wants few skipped", { maxSkipped: 0 }, { passed: 1, skipped: 1 }, null, "GATE_FAILED 1 tests were skipped; at most 0 may be."],
    ["opens at exactly its coverage", { coverage: 80 }, null, { ok: true, percent: 80, files: [] }, "opens"],
    [
      "wants its coverage",
      { coverage: 80 },
      null,
      { ok: true, percent: 79.99, files: [] },
      "GATE_FAILED 79.99 % of lines are covered; at least 80 % have to be.",
    ],
    ["names the place in a report", {}, broken({ line: 3, column: 7 }), null, "GATE_UNPARSABLE r.xml:3:7: it is cut."],
    ["names a line without a column", {}, broken({ line: 3, file: null }), null, "GATE_UNPARSABLE report:3:1: it is cut."],
    ["names a report without a place", {}, broken(), null, "GATE_UNPARSABLE r.xml: it is cut."],
    ["tells what has no name", {}, broken({ file: null, code: "GATE_MISSING" }), null, "GATE_MISSING it is cut."],
    ["tells of tests before coverage", { coverage: 80 }, { failed: 1 }, broken(), "GATE_FAILED 1 of 1 tests failed."],
    ["wants coverage that can be read", { coverage: 80 }, { passed: 1 }, broken({ code: "GATE_STALE" }), "GATE_STALE r.xml: it is cut."],
  ])("%s", (_, gate, counts, coverage, expected) => {
    expect(told(gate, counts, coverage)).toBe(expected);
  });
});
