import { expect, test } from "vitest";
import { createLook } from "./look.ts";
import { coveredShare, renderTestResults } from "./test-results.ts";

const look = createLook({ columns: 80, hasColour: false });
const coverage = { covered: ["a: succeeds", "b: succeeds"], missed: ["b: fails"] };
const result = {
  file: "flow.test.yaml",
  workflow: "flow",
  cases: [{ name: "it goes well", problems: [], virtualMs: 5_000, durationMs: 1, simulated: null }],
  coverage,
};

test("too little coverage is told beside the share, since it fails the command", () => {
  const shown = (minCoverage: number): string | undefined => renderTestResults([result], look, { isListing: false, minCoverage })[2];
  expect(shown(60)).toBe("  transitions: 2 of 3 covered, 66 %");
  expect(shown(80)).toBe("  transitions: 2 of 3 covered, 66 %, fewer than the 80 % asked for");
});

test("a workflow without transitions is covered", () => {
  expect(coveredShare({ covered: [], missed: [] })).toBe(100);
});
