/** Reports that tools write about tests and about coverage (mission P5). */
import type { ReportFormat } from "../plan/step-policies.ts";

export interface FailedTest {
  readonly name: string;
  readonly file: string | null;
  /** First lines of what the tool says. */
  readonly message: string;
}

export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** What never became a test: a file that does not load, a suite whose setup failed, a package that does not build. */
  readonly errors: number;
  /** The first of those that failed or are errors. */
  readonly failures: readonly FailedTest[];
}

/** At most so many failed tests are kept of a report. */
export const FAILURES_MAX = 20;

export type ReadFormat = Exclude<ReportFormat, "auto" | "exit">;

export type ParsedTests = { readonly ok: true; readonly format: ReadFormat; readonly counts: TestCounts } | UnusableReport;

export interface UnusableReport {
  readonly ok: false;
  readonly code: "GATE_MISSING" | "GATE_STALE" | "GATE_UNPARSABLE";
  readonly problem: string;
  readonly file: string | null;
  /** From 1; null where no place can be named. */
  readonly line: number | null;
  readonly column: number | null;
}

export interface ReportOrder {
  /** Absolute. */
  readonly root: string;
  /** Path or glob below the root. */
  readonly pattern: string;
  /** A file that was changed last before this moment (epoch milliseconds) is of an earlier time; null when that cannot be told. */
  readonly notBefore: number | null;
}

export type TestsAnswer = (ParsedTests & { readonly ok: true; readonly files: readonly string[] }) | UnusableReport;

export type CoverageAnswer =
  /** Lines. */
  { readonly ok: true; readonly covered: number; readonly total: number; readonly files: readonly string[] } | UnusableReport;

/** Never rejects. */
export interface Reports {
  /** Several files add up. */
  tests(order: ReportOrder, format: ReportFormat): Promise<TestsAnswer>;
  /** What a step printed. `name` stands for it in messages. */
  testsIn(bytes: Uint8Array, name: string, format: ReportFormat): ParsedTests;
  coverage(order: ReportOrder): Promise<CoverageAnswer>;
}
