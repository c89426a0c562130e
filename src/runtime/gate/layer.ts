/**
 * The test gate behind an attempt (mission P5).
 *
 * G1 A success counts only when the report says so: one that is missing, old, empty or cannot be read is a failure, not a pass.
 * G2 A report is read after a failure too, since it tells more than an exit code; the failure stays what it is.
 * G3 A gate only ever takes a success away.
 */
import type { TaskFailure } from "../../core/failure.ts";
import type { Json, JsonObject } from "../../core/json.ts";
import type { Field } from "../../plan/field.ts";
import type { GatePolicy } from "../../plan/step-policies.ts";
import type { AttemptContext, Execution } from "../../ports/attempt.ts";
import type { AttemptLayer } from "../../ports/attempt-layer.ts";
import type { Captures } from "../../ports/cache.ts";
import { bytesOf } from "../../ports/cache-content.ts";
import type { Clock } from "../../ports/clock.ts";
import type { CoverageAnswer, Reports, TestsAnswer, UnusableReport } from "../../ports/reports.ts";
import { type Coverage, judge, type Measured, type Verdict } from "./judge.ts";

export interface GateLayerOptions {
  readonly reports: Reports;
  readonly captures: Captures;
  readonly clock: Clock;
}

/** Where most tools write it. */
const COVERAGE_DEFAULT = "coverage/coverage-summary.json";
const STDOUT = "the standard output";
/** Told of the failed tests; the report has them all. */
const FAILURES_TOLD = 5;

/** Goes around the attempts of all steps that have a `gate`, and measures what they report. */
export function createGateLayer(options: GateLayerOptions): AttemptLayer {
  return {
    name: "gate",
    applies: ({ step }) => step.gate !== null,
    async run(context, inner) {
      const { gate } = context.request.step;
      const beganAt = context.isReattached ? null : options.clock.now();
      const execution = await inner(context);
      if (gate === null || (execution.kind !== "succeeded" && execution.kind !== "failed")) return execution;
      return conclude(context, gate, execution, await evaluate(context, gate, execution, beganAt, options));
    },
  };
}

type Ended = Extract<Execution, { kind: "succeeded" | "failed" }>;

async function evaluate(
  context: AttemptContext,
  gate: GatePolicy,
  execution: Ended,
  beganAt: number | null,
  options: GateLayerOptions,
): Promise<Measured> {
  // An executor knows best when its work began: the attempt may have been dispatched long before, or by another engine.
  const notBefore = execution.usage?.startedAt ?? beganAt;
  const tests = await testsOf(context, gate, execution, notBefore, options);
  if (gate.coverage === null) return { tests, coverage: null };
  const pattern = pathOf(context, gate.coverageReport) ?? COVERAGE_DEFAULT;
  const coverage: CoverageAnswer = await options.reports.coverage({ root: context.request.workspace, pattern, notBefore });
  return { tests, coverage: coverageOf(coverage) };
}

/** Null where the exit code is all that counts. */
async function testsOf(
  context: AttemptContext,
  gate: GatePolicy,
  execution: Ended,
  notBefore: number | null,
  { reports, captures }: GateLayerOptions,
): Promise<TestsAnswer | null> {
  const pattern = pathOf(context, gate.report);
  if (pattern !== null) return await reports.tests({ root: context.request.workspace, pattern, notBefore }, gate.format);
  if (gate.format === "exit") return null;
  const logs = execution.usage?.logs;
  const stdout = captures.read(logs).stdout;
  if (stdout === null) return missing("it printed nothing, and the gate names no report");
  if (isTruncated(logs)) return missing("it printed more than is kept; let it write the report into a file and name that in `gate.report`");
  const parsed = reports.testsIn(await bytesOf(stdout), STDOUT, gate.format);
  return parsed.ok ? { ...parsed, files: [] } : parsed;
}

function isTruncated(logs: JsonObject | undefined): boolean {
  const stdout = logs?.stdout;
  return typeof stdout === "object" && stdout !== null && "truncated" in stdout && stdout.truncated === true;
}

function missing(problem: string): UnusableReport {
  return { ok: false, code: "GATE_MISSING", problem, file: null, line: null, column: null };
}

function pathOf(context: AttemptContext, field: Field | null): string | null {
  return field === null ? null : String(context.evaluate(field));
}

function coverageOf(answer: CoverageAnswer): Coverage {
  if (!answer.ok) return answer;
  // Down, so that 79.996 is not told as the 80 that it is not.
  return { ok: true, percent: Math.floor((10_000 * answer.covered) / answer.total) / 100, files: answer.files };
}

function conclude(context: AttemptContext, gate: GatePolicy, execution: Ended, measured: Measured): Execution {
  const verdict = judge(gate, measured);
  const usage = { ...execution.usage, gate: toldOf(gate, measured, verdict.ok && execution.kind === "succeeded") };
  if (execution.kind === "failed" || verdict.ok) return { ...execution, usage };
  return { kind: "failed", failure: failureOf(context, verdict), usage };
}

function toldOf(gate: GatePolicy, { tests, coverage }: Measured, ok: boolean): JsonObject {
  const files = [...(tests?.ok ? tests.files : []), ...(coverage?.ok ? coverage.files : [])];
  const counted: Record<string, Json> = tests?.ok
    ? { passed: tests.counts.passed, failed: tests.counts.failed, skipped: tests.counts.skipped, errors: tests.counts.errors }
    : {};
  const problems = [tests, coverage].flatMap((answer) => (answer === null || answer.ok ? [] : [answer.code]));
  return {
    ok,
    format: tests?.ok ? tests.format : gate.format,
    ...counted,
    ...(coverage?.ok && { coverage: coverage.percent }),
    ...(files.length > 0 && { files }),
    ...(problems[0] !== undefined && { problem: problems[0] }),
    ...(tests?.ok &&
      tests.counts.failures.length > 0 && { failures: tests.counts.failures.slice(0, FAILURES_TOLD).map((test) => ({ ...test })) }),
  };
}

function failureOf({ request }: AttemptContext, verdict: Extract<Verdict, { ok: false }>): TaskFailure {
  const { code, title, failures, hint } = verdict;
  const told = failures.slice(0, FAILURES_TOLD).map(({ name, file, message }) => {
    const [first = ""] = message.split("\n");
    return `- ${name}${file === null ? "" : ` (${file})`}${first === "" ? "" : `: ${first}`}`;
  });
  const more = failures.length - told.length;
  const lines = more > 0 ? [...told, `- and ${more} more`] : told;
  return {
    class: "permanent",
    code,
    title: `The gate of \`${request.step.id}\` did not open: ${title}`,
    ...(lines.length > 0 && { detail: lines.join("\n") }),
    ...(hint !== null && { hint }),
  };
}
