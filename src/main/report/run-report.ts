/** Computes the figures of a run from its journal. Pure: the same journal gives the same figures, before and after a crash (O8). */

import type { AttemptReport, ItemsReport, RunReport, StepReport } from "../../contract/run-report.ts";
import { roundUsd } from "../../core/usd.ts";
import type { RunStart } from "../../kernel/cause.ts";
import type { JournalEntry } from "../../kernel/entry.ts";
import { computeTimeline } from "../../plan/critical-path.ts";
import { mainSteps } from "../../plan/main-steps.ts";
import { computeOrder } from "../../plan/order.ts";
import type { CompiledStep, CompiledWorkflow } from "../../plan/workflow.ts";
import type { Anomaly } from "../../ports/anomaly.ts";
import { computeRealPath } from "./real-path.ts";
import { computeTracks, type Interval, type StepTrack } from "./step-track.ts";

export interface ReportInput {
  readonly workflow: CompiledWorkflow;
  /** All of them, from the first on. */
  readonly entries: readonly JournalEntry[];
  readonly anomalies: readonly Anomaly[];
  /** What steps usually take, in milliseconds, where that is known. */
  readonly usualMs: ReadonlyMap<string, number>;
  /** What an hour of a person's work costs. */
  readonly usdPerHour: number | null;
}

const FINAL: ReadonlySet<string> = new Set(["succeeded", "failed", "canceled"]);
const MS_PER_MINUTE = 60_000;
const MS_PER_HOUR = 3_600_000;

export function computeRunReport(input: ReportInput): RunReport {
  const { workflow, entries, anomalies } = input;
  const run = readRun(entries);
  const startedAt = run.startedAt ?? run.asOf;
  const span = { startedAt, asOf: run.endedAt ?? run.asOf };
  const { steps: tracks, items } = computeTracks(workflow, entries, span);
  const steps = workflow.steps.map((step, index) => toStepReport(step, tracks[index] as StepTrack, items.get(index) ?? [])); // One for each step.
  const elapsedMs = Math.max(0, span.asOf - startedAt);
  const workMs = sum(steps, (step) => step.workMs);
  const path = computeRealPath(workflow, tracks, span);
  const done = steps.filter(({ endedAt }) => endedAt !== null).length;
  const allTracks = [...tracks, ...[...items.values()].flat()];
  const attempts = allTracks.flatMap((track) => track.attempts);
  const cost = computeCost(attempts);
  return {
    run: {
      id: run.start.runId,
      workflow: run.start.workflow,
      definitionHash: run.start.definition,
      tenant: run.start.tenant,
      state: topOf(run.state),
      createdAt: run.createdAt,
      startedAt: run.startedAt,
      endedAt: run.endedAt,
      parent: run.start.parent,
    },
    asOf: run.asOf,
    progress: { done, total: steps.length, percent: steps.length === 0 ? 100 : Math.floor((100 * done) / steps.length) },
    time: {
      elapsedMs,
      workMs,
      queueMs: sum(steps, ({ queueMs }) => queueMs),
      runMs: sum(steps, ({ runMs }) => runMs),
      retryMs: sum(steps, ({ retryMs }) => retryMs),
      heldMs: sum(steps, ({ heldMs }) => heldMs),
    },
    criticalPath: { steps: path, totalMs: sum(path, ({ totalMs }) => totalMs) },
    parallel: computeParallel(workflow, allTracks, steps, { elapsedMs, workMs }),
    cache: computeCache(steps, input.usualMs),
    cost,
    savings: computeSavings(steps, cost.usd, input.usdPerHour),
    // What a step that fanned out did is what its items did.
    quality: computeQuality(
      allTracks.filter((_, index) => !items.has(index)),
      entries,
    ),
    anomalies,
    steps,
  };
}

interface RunFacts {
  readonly start: RunStart;
  readonly state: string;
  readonly createdAt: number;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  readonly asOf: number;
}

function readRun(entries: readonly JournalEntry[]): RunFacts {
  const own = entries.filter(({ actor }) => actor === "run");
  const first = entries[0] as JournalEntry; // A run begins with its first entry.
  const last = own.at(-1) ?? first;
  return {
    start: first.data.start as unknown as RunStart, // Written by the kernel as such.
    state: last.to,
    createdAt: first.at,
    startedAt: own.find(({ type }) => type === "run.started")?.at ?? null,
    endedAt: FINAL.has(last.to) ? last.at : null,
    asOf: entries.reduce((latest, { at }) => Math.max(latest, at), first.at),
  };
}

function toStepReport(step: CompiledStep, track: StepTrack, items: readonly StepTrack[]): StepReport {
  const { state, split, attempts, startedAt, endedAt, isReused, skippedBecause, outputBytes } = track;
  const result = attempts.findLast(({ outcome }) => outcome === "succeeded");
  return {
    id: step.id,
    type: step.type,
    state: topOf(state),
    isReused,
    skippedBecause,
    startedAt,
    endedAt,
    tookMs: startedAt === null || endedAt === null ? null : Math.max(0, endedAt - startedAt),
    workMs: workOf(track) + sum(items, workOf),
    items: items.length === 0 ? null : toItemsReport(items),
    resultMs: result === undefined ? null : lengthOf(result),
    ...split,
    attempts,
    costUsd: sum([track, ...items], (one) => sum(one.attempts, ({ costUsd }) => costUsd)),
    outputBytes,
    manualMinutes: step.cost.manualMinutes,
  };
}

function workOf({ attempts }: StepTrack): number {
  const known = attempts.filter(({ outcome }) => outcome !== "lost");
  return sum(known, (attempt) => lengthOf(attempt) ?? 0);
}

function toItemsReport(items: readonly StepTrack[]): ItemsReport {
  const states: Record<string, number> = {};
  for (const { state } of items) states[topOf(state)] = (states[topOf(state)] ?? 0) + 1;
  return {
    total: items.length,
    states,
    attempts: sum(items, ({ attempts }) => attempts.length),
    retries: sum(items, ({ attempts }) => Math.max(0, attempts.length - 1)),
    longestMs: items.reduce((longest, item) => Math.max(longest, workOf(item)), 0),
  };
}

function lengthOf({ startedAt, endedAt }: { readonly startedAt: number; readonly endedAt: number | null }): number | null {
  return endedAt === null ? null : Math.max(0, endedAt - startedAt);
}

function computeParallel(
  workflow: CompiledWorkflow,
  tracks: readonly StepTrack[],
  steps: readonly StepReport[],
  { elapsedMs, workMs }: { readonly elapsedMs: number; readonly workMs: number },
): RunReport["parallel"] {
  const peak = peakOf(tracks.flatMap(({ running }) => running));
  const speedup = ratio(workMs, elapsedMs);
  const main = mainSteps(workflow.steps);
  // With places enough, a fan-out takes as long as the longest of its items.
  const durationsMs = Float64Array.from(main, ({ index }) => steps[index]?.items?.longestMs ?? steps[index]?.workMs ?? 0);
  const { criticalPathMs } = computeTimeline(main, computeOrder(main), durationsMs);
  return { peak, speedup, speedupLimit: ratio(workMs, criticalPathMs), efficiency: peak === 0 ? 1 : speedup / peak };
}

/** How many intervals overlap at most. One that ends when another begins makes room for it. */
export function peakOf(intervals: readonly Interval[]): number {
  const moves = intervals.flatMap(({ from, to }) => [
    { at: from, by: 1 },
    { at: Math.max(to, from + 1), by: -1 },
  ]);
  moves.sort((left, right) => left.at - right.at || left.by - right.by);
  let running = 0;
  let peak = 0;
  for (const { by } of moves) {
    running += by;
    peak = Math.max(peak, running);
  }
  return peak;
}

function computeCache(steps: readonly StepReport[], usualMs: ReadonlyMap<string, number>): RunReport["cache"] {
  const reused = steps.filter(({ isReused }) => isReused);
  const known = reused.flatMap(({ id }) => usualMs.get(id) ?? []);
  return { reusedSteps: reused.length, savedMs: known.length === 0 ? null : sum(known, (ms) => ms) };
}

function computeCost(attempts: readonly AttemptReport[]): RunReport["cost"] {
  const byTool: Record<string, number> = {};
  for (const { tool, costUsd } of attempts) if (costUsd > 0) byTool[tool ?? "none"] = roundUsd((byTool[tool ?? "none"] ?? 0) + costUsd);
  const wasted = attempts.filter(({ outcome }) => outcome !== null && outcome !== "succeeded");
  return { usd: roundUsd(sum(attempts, ({ costUsd }) => costUsd)), wastedUsd: roundUsd(sum(wasted, ({ costUsd }) => costUsd)), byTool };
}

/** A result that was taken over saved its time in the run that made it. */
function computeSavings(steps: readonly StepReport[], costUsd: number, usdPerHour: number | null): RunReport["savings"] {
  const declared = steps.filter(({ manualMinutes, state, isReused }) => manualMinutes !== null && state === "succeeded" && !isReused);
  const manualMs = sum(declared, ({ manualMinutes }) => (manualMinutes ?? 0) * MS_PER_MINUTE);
  const savedMs = manualMs - sum(declared, ({ tookMs }) => tookMs ?? 0);
  const savedUsd = usdPerHour === null || declared.length === 0 ? null : roundUsd((savedMs / MS_PER_HOUR) * usdPerHour);
  return {
    declaredSteps: declared.length,
    manualMs,
    savedMs,
    savedUsd,
    roi: savedUsd === null || costUsd === 0 ? null : (savedUsd - costUsd) / costUsd,
    breakEvenUsdPerHour: savedMs <= 0 ? null : roundUsd(costUsd / (savedMs / MS_PER_HOUR)),
  };
}

function computeQuality(tracks: readonly StepTrack[], entries: readonly JournalEntry[]): RunReport["quality"] {
  const executed = tracks.filter(({ attempts, endedAt }) => attempts.length > 0 && endedAt !== null);
  const succeededFirst = executed.filter(({ state, attempts }) => state === "succeeded" && attempts.length === 1).length;
  const attempts = tracks.flatMap((track) => track.attempts);
  const ended = (outcome: string): number => attempts.filter((attempt) => attempt.outcome === outcome).length;
  const states = (state: string): number => tracks.filter((track) => topOf(track.state) === state).length;
  const deaths = new Set(entries.flatMap(({ type, data }) => (type === "attempt.orphaned" ? [data.epoch] : [])));
  return {
    executedSteps: executed.length,
    succeededFirst,
    firstAttemptRate: executed.length === 0 ? null : succeededFirst / executed.length,
    attempts: attempts.length,
    failedAttempts: ended("failed"),
    timedOutAttempts: ended("timed_out"),
    lostAttempts: ended("lost"),
    retries: sum(tracks, (track) => Math.max(0, track.attempts.length - 1)),
    failedSteps: states("failed"),
    skippedSteps: states("skipped"),
    quarantines: sum(tracks, ({ quarantines }) => quarantines),
    engineDeaths: deaths.size,
  };
}

function topOf(state: string): string {
  const dot = state.indexOf(".");
  return dot < 0 ? state : state.slice(0, dot);
}

function sum<TItem>(items: readonly TItem[], amount: (item: TItem) => number): number {
  return items.reduce((total, item) => total + amount(item), 0);
}

/** 1 where nothing took any time. */
function ratio(work: number, elapsed: number): number {
  return elapsed === 0 ? 1 : work / elapsed;
}
