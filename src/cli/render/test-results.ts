/** Results of workflow tests for people: a line a case, what is wrong below it, and what the cases cover. */
import { formatDuration } from "../../core/duration.ts";
import type { CaseResult, FileResult } from "../../main/workflow-test/run-tests.ts";
import { toLine } from "./line.ts";
import { type Look, stateSign } from "./look.ts";
import { plural, toHarmless, toOneLine, wrap } from "./text.ts";

export interface TestResultsOptions {
  /** Also every transition that no case covers. */
  readonly isListing: boolean;
  /** Percent of the transitions that have to be covered. @defaultValue 0 */
  readonly minCoverage?: number | undefined;
}

/** Percent of the transitions that cases have taken. */
export function coveredShare({ covered, missed }: FileResult["coverage"]): number {
  const total = covered.length + missed.length;
  return total === 0 ? 100 : (100 * covered.length) / total;
}

export function renderTestResults(
  results: readonly FileResult[],
  look: Look,
  { isListing, minCoverage = 0 }: TestResultsOptions,
): string[] {
  const lines = results.flatMap((result) => [
    toLine([["bold", toOneLine(result.file)]], look),
    ...result.cases.flatMap((one) => caseLines(one, look)),
    ...coverageLines(result, look, isListing, minCoverage),
    "",
  ]);
  const cases = results.flatMap((result) => result.cases);
  const failed = cases.filter(({ problems }) => problems.length > 0).length;
  const passed = cases.length - failed;
  return [...lines, `${passed} passed, ${failed} failed`];
}

function caseLines({ name, problems, virtualMs, simulated }: CaseResult, look: Look): string[] {
  const isFine = problems.length === 0;
  const runs = simulated === null ? "" : `, ${plural(simulated.runs, "simulated run")} (${tally(simulated.states)})`;
  const head = toLine(
    [
      "  ",
      stateSign(look, isFine ? "succeeded" : "failed"),
      ` ${toOneLine(name)}  `,
      ["gray", `${formatDuration(virtualMs)} of virtual time${runs}`],
    ],
    look,
  );
  return [
    head,
    ...problems.flatMap((problem) =>
      wrap(toHarmless(problem), look.textColumns - 6).map((text) => toLine(["      ", ["red", text]], look)),
    ),
  ];
}

function tally(states: Readonly<Record<string, number>>): string {
  return Object.entries(states)
    .map(([state, count]) => `${count} ${state}`)
    .join(", ");
}

function coverageLines({ coverage }: FileResult, look: Look, isListing: boolean, minCoverage: number): string[] {
  const { covered, missed } = coverage;
  const share = coveredShare(coverage);
  const few = share < minCoverage ? `, fewer than the ${minCoverage} % asked for` : "";
  const line = toLine(
    [
      ["gray", `  transitions: ${covered.length} of ${covered.length + missed.length} covered, ${Math.floor(share)} %`],
      ["red", few],
    ],
    look,
  );
  if (!isListing) return [line];
  return [line, ...missed.map((text) => toLine([["gray", `    never: ${text}`]], look))];
}
