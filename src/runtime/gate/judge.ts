/** Whether a gate opens, from what was measured. Pure. */
import type { GatePolicy } from "../../plan/step-policies.ts";
import type { FailedTest, TestCounts, TestsAnswer, UnusableReport } from "../../ports/reports.ts";

export type Coverage = { readonly ok: true; readonly percent: number; readonly files: readonly string[] } | UnusableReport;

export interface Measured {
  /** Null where the exit code is all that counts. */
  readonly tests: TestsAnswer | null;
  /** Null where it does not matter. */
  readonly coverage: Coverage | null;
}

export type Verdict =
  | { readonly ok: true }
  | {
      readonly ok: false;
      readonly code: "GATE_FAILED" | "GATE_EMPTY" | UnusableReport["code"];
      readonly title: string;
      readonly failures: readonly FailedTest[];
      readonly hint: string | null;
    };

const HINTS: Readonly<Record<UnusableReport["code"], string>> = {
  GATE_MISSING: "Let the step write its report where `gate` looks for it.",
  GATE_STALE: "Let the step remove the report before it writes it anew.",
  GATE_UNPARSABLE: "Name the format in `gate.format`, and see that the tool ended by itself.",
};

/** Total. The first thing that is wrong decides; the most telling one comes first. */
export function judge(gate: GatePolicy, { tests, coverage }: Measured): Verdict {
  return unusable(tests) ?? wrongCounts(gate, tests) ?? unusable(coverage) ?? wrongCoverage(gate, coverage) ?? { ok: true };
}

function unusable(answer: TestsAnswer | Coverage | null): Verdict | null {
  if (answer === null || answer.ok) return null;
  const { code, problem, file, line, column } = answer;
  const place = line === null ? (file ?? "") : `${file ?? "report"}:${line}:${column ?? 1}`;
  return { ok: false, code, title: `${place === "" ? "" : `${place}: `}${problem}.`, failures: [], hint: HINTS[code] };
}

function wrongCounts(gate: GatePolicy, answer: TestsAnswer | null): Verdict | null {
  if (!answer?.ok) return null;
  const { counts } = answer;
  const { passed, skipped, failures } = counts;
  const bad = counts.failed + counts.errors;
  const fail = (title: string, hint: string | null = null): Verdict => ({ ok: false, code: "GATE_FAILED", title, failures, hint });
  if (bad > gate.maxFailed) return fail(`${describe(counts)}${gate.maxFailed > 0 ? `; ${gate.maxFailed} may fail` : ""}.`);
  // Skipped tests prove as little as none.
  if (passed + bad === 0 && !gate.allowEmpty) {
    const title = skipped === 0 ? "the report holds no tests." : `all ${skipped} tests were skipped.`;
    return { ok: false, code: "GATE_EMPTY", title, failures: [], hint: "If that is meant, say `allow_empty: true`." };
  }
  if (passed < gate.minPassed) return fail(`${passed} tests passed; at least ${gate.minPassed} have to.`);
  if (gate.maxSkipped !== null && skipped > gate.maxSkipped)
    return fail(`${skipped} tests were skipped; at most ${gate.maxSkipped} may be.`);
  return null;
}

function wrongCoverage(gate: GatePolicy, coverage: Coverage | null): Verdict | null {
  if (!coverage?.ok || gate.coverage === null || coverage.percent >= gate.coverage) return null;
  const title = `${coverage.percent} % of lines are covered; at least ${gate.coverage} % have to be.`;
  return { ok: false, code: "GATE_FAILED", title, failures: [], hint: null };
}

function describe({ passed, failed, skipped, errors }: TestCounts): string {
  const total = passed + failed + skipped + errors;
  const failing = `${failed} of ${total} tests failed`;
  if (errors === 0) return failing;
  const broken = `${errors} ${errors === 1 ? "error" : "errors"} outside of tests`;
  return failed === 0 ? broken : `${failing}, and there ${errors === 1 ? "was" : "were"} ${broken}`;
}
