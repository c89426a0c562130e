/**
 * Two runs side by side. A change of a step counts as significant when it is more than what two ordinary runs differ by: the difference of two
 * values with spread s has spread s·√2, so its score is |Δ| / (s·√2), held against the same 3.5 as a single value (`anomaly-baseline.ts`), on the
 * same scale and with the same least history.
 */
import { computeScale, RULES, SAMPLES_MIN, type Sample, SCORE_MAX, scoreOf } from "../../../observability/anomaly-baseline.ts";
import { samplesOf } from "../../../observability/anomaly-watch.ts";
import type {
  FigureChange,
  JudgedChange,
  RunComparison,
  RunReport,
  Significance,
  StepComparison,
  StepReport,
} from "../../contract/run-report.ts";
import type { AnomalyKind } from "../../ports/anomaly.ts";
import type { RunSample } from "../../ports/store.ts";

export interface CompareInput {
  readonly left: RunReport;
  readonly right: RunReport;
  /** Runs that had ended when the earlier of the two began, and when the later did; newest first. */
  readonly histories: { readonly earlier: readonly RunSample[]; readonly later: readonly RunSample[] };
}

const NOTHING: FigureChange = { left: null, right: null, delta: null };

export function computeComparison({ left, right, histories }: CompareInput): RunComparison {
  const isSameWorkflow = left.run.workflow === right.run.workflow && left.run.tenant === right.run.tenant;
  const { runs, before } = chooseHistory(left, right, histories);
  const leftSteps = new Map(left.steps.map((step) => [step.id, step]));
  const rightIds = new Set(right.steps.map(({ id }) => id));
  const pairs: (readonly [StepReport | undefined, StepReport | undefined])[] = [
    ...right.steps.map((step) => [leftSteps.get(step.id), step] as const),
    ...left.steps.filter(({ id }) => !rightIds.has(id)).map((step) => [step, undefined] as const),
  ];
  const change = (figure: (report: RunReport) => number | null): FigureChange => toChange(figure(left), figure(right));
  return {
    left: left.run.id,
    right: right.run.id,
    workflow: [left.run.workflow, right.run.workflow],
    sameDefinition: left.run.definitionHash === right.run.definitionHash,
    history: isSameWorkflow ? { runs: runs.length, before } : null,
    elapsedMs: change(({ time }) => time.elapsedMs),
    workMs: change(({ time }) => time.workMs),
    queueMs: change(({ time }) => time.queueMs),
    retryMs: change(({ time }) => time.retryMs),
    costUsd: change(({ cost }) => cost.usd),
    speedup: change(({ parallel }) => parallel.speedup),
    efficiency: change(({ parallel }) => parallel.efficiency),
    savedMs: change(({ savings }) => (savings.declaredSteps === 0 ? null : savings.savedMs)),
    firstAttemptRate: change(({ quality }) => quality.firstAttemptRate),
    steps: pairs.map(([one, other]) => compareSteps(one, other, isSameWorkflow ? runs : [])),
  };
}

/**
 * What happened between the two belongs to the change, so the history before the earlier one is the better measure; where it is too short, that
 * before the later one.
 */
function chooseHistory(
  left: RunReport,
  right: RunReport,
  { earlier, later }: CompareInput["histories"],
): { readonly runs: readonly RunSample[]; readonly before: "left" | "right" } {
  const isLeftEarlier = left.run.createdAt <= right.run.createdAt;
  if (earlier.length >= SAMPLES_MIN || earlier.length >= later.length) return { runs: earlier, before: isLeftEarlier ? "left" : "right" };
  const others = later.filter(({ runId }) => runId !== left.run.id && runId !== right.run.id);
  return { runs: others, before: isLeftEarlier ? "right" : "left" };
}

function compareSteps(left: StepReport | undefined, right: StepReport | undefined, history: readonly RunSample[]): StepComparison {
  const id = left?.id ?? right?.id ?? "";
  const judged = (kind: AnomalyKind, figure: (step: StepReport) => number | null): JudgedChange => {
    const [from, to] = [figureOf(left, figure), figureOf(right, figure)];
    return { ...toChange(from, to), significance: judgeChange(kind, from, to, samplesOf(id, RULES[kind].of, history)) };
  };
  const plain = (figure: (step: StepReport) => number): FigureChange =>
    left === undefined || right === undefined ? NOTHING : toChange(figure(left), figure(right));
  return {
    id,
    only: left === undefined ? "right" : right === undefined ? "left" : null,
    state: [left?.state ?? null, right?.state ?? null],
    durationMs: judged("duration", ({ resultMs }) => resultMs),
    costUsd: judged("cost", ({ costUsd }) => costUsd),
    retries: judged("retries", ({ attempts }) => Math.max(0, attempts.length - 1)),
    outputBytes: judged("output_size", ({ outputBytes }) => outputBytes),
    queueMs: plain(({ queueMs }) => queueMs),
    retryMs: plain(({ retryMs }) => retryMs),
  };
}

/** Only a step that succeeded by its own attempts has figures that the history knows. */
function figureOf(step: StepReport | undefined, figure: (step: StepReport) => number | null): number | null {
  return step === undefined || step.resultMs === null || step.state !== "succeeded" ? null : figure(step);
}

function judgeChange(kind: AnomalyKind, left: number | null, right: number | null, samples: readonly Sample[]): Significance {
  if (left === null || right === null) return { kind: "not_comparable" };
  if (samples.length < SAMPLES_MIN) return { kind: "not_enough_history", samples: samples.length, needed: SAMPLES_MIN };
  const scale = computeScale(kind, samples);
  const score = (scoreOf(kind, right, scale) - scoreOf(kind, left, scale)) / Math.SQRT2;
  const isSignificant = Math.abs(score) > SCORE_MAX;
  return { kind: isSignificant ? "significant" : "ordinary", score: Math.round(score * 100) / 100, samples: samples.length };
}

function toChange(left: number | null, right: number | null): FigureChange {
  return { left, right, delta: left === null || right === null ? null : right - left };
}
