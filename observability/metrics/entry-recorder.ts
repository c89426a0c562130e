/** Counts committed entries. It runs on the engine's thread after every commit, so it looks each thing up once and computes no id. */

import type { SkipReason } from "../../actors/step/step.events.ts";
import { FAILURE_CLASSES, type FailureClass, type TaskFailure } from "../../src/core/failure.ts";
import { stepNameOf } from "../../src/core/item-id.ts";
import type { JsonObject } from "../../src/core/json.ts";
import type { CommittedEntry, ObservedRun } from "../../src/ports/observer.ts";
import { isCacheHit } from "../attempt-usage.ts";
import { DefinitionBook, type DefinitionSeries, type StepSeries } from "./definition-series.ts";
import { createLabelCap, type LabelCap, OTHER } from "./label-cap.ts";
import { isApproval, type RunTimes, RunTimesBook, type TimesReader, UNKNOWN } from "./run-times.ts";
import type { CounterCell, HistogramCell } from "./series.ts";
import type { Tallies } from "./tallies.ts";
import { UsageRecorder } from "./usage-recorder.ts";

type Entry = CommittedEntry["entry"];

export const TENANTS_MAX = 50;

/** The members of an attempt's end that count; payloads of the statechart's events (`actors/step/step.events.ts`). */
interface AttemptEndData {
  readonly outcome?: { readonly kind?: string; readonly failure?: TaskFailure };
  readonly usage?: JsonObject | null;
  readonly delayMs?: number;
  readonly reason?: { readonly kind?: string };
}

/** What became of a step whose attempt had timed out. */
const STRATEGY_BY_STATE: Readonly<Record<string, string>> = {
  retrying: "retry",
  succeeded: "fallback",
  skipped: "skip",
  quarantined: "quarantine",
};

/** As the statechart has them. */
const SKIP_REASONS: readonly SkipReason["kind"][] = [
  "when",
  "needs",
  "switch",
  "timeout",
  "person",
  "carried",
  "caught",
  "handler",
  "compensation",
];
const PARKED = "running.parked";
const RUN_OUTCOMES = ["succeeded", "failed", "canceled"] as const;

const classes: ReadonlySet<string> = new Set(FAILURE_CLASSES);

export interface EntryRecorderOptions {
  readonly tallies: Tallies;
  /** Finds when runs began that this process did not see begin; null where there is no store. */
  readonly reader: TimesReader | null;
  readonly toolLabel: LabelCap;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

export class EntryRecorder {
  readonly #tallies: Tallies;
  readonly #times: RunTimesBook;
  readonly #definitions: DefinitionBook;
  readonly #now: () => number;
  readonly #tenantLabel: LabelCap = createLabelCap(TENANTS_MAX);
  readonly #eventLag: HistogramCell;
  readonly #stepQueue: HistogramCell;
  readonly #usage: UsageRecorder;
  readonly #runMoves: Moves;
  readonly #stepMoves: Moves;

  constructor({ tallies, reader, toolLabel, now }: EntryRecorderOptions) {
    const { counters, histograms } = tallies;
    this.#tallies = tallies;
    this.#times = new RunTimesBook(reader);
    this.#definitions = new DefinitionBook(tallies);
    this.#now = now;
    this.#eventLag = histograms.eventLag.at();
    this.#stepQueue = histograms.stepQueue.at();
    this.#usage = new UsageRecorder(tallies, toolLabel);
    this.#runMoves = new Moves((from, to) => counters.transitions.at("run", from, to));
    this.#stepMoves = new Moves((from, to) => counters.transitions.at("step", from, to));
    // A series that is there before its first event lets Prometheus see the first event too.
    for (const name of FAILURE_CLASSES) counters.retries.at(name);
    for (const strategy of [...Object.values(STRATEGY_BY_STATE), "fail", "run"]) counters.timeouts.at(strategy);
    for (const reason of SKIP_REASONS) counters.skips.at(reason);
  }

  record(batch: readonly CommittedEntry[]): void {
    const [first] = batch;
    if (first === undefined) return;
    this.#eventLag.observe(Math.max(0, this.#now() - first.entry.at) / 1_000);
    let run = first.run;
    let series = this.#definitions.of(run);
    let times = this.#times.of(run, first.entry.seq === 1);
    for (const { run: owner, entry } of batch) {
      if (owner !== run) {
        if (owner.definition !== run.definition) series = this.#definitions.of(owner);
        run = owner;
        times = this.#times.of(run, entry.seq === 1);
      }
      if (entry.actor === "run") {
        this.#runMoves.count(entry);
        this.#recordRun(run, entry, times, series);
      } else {
        this.#stepMoves.count(entry);
        const step = series.steps.get(entry.actor) ?? itemSeries(series, times, entry.actor);
        if (step !== undefined) this.#recordStep(run, entry, times, series.workflow, step);
      }
    }
  }

  #recordRun(run: ObservedRun, { type, to, at }: Entry, times: RunTimes, { workflow }: DefinitionSeries): void {
    const { counters, histograms } = this.#tallies;
    switch (type) {
      case "run.created":
        for (const outcome of RUN_OUTCOMES) counters.runs.at(workflow, outcome);
        return;
      case "run.started":
        times.startedAt = at;
        return;
      case "run.timed_out":
        counters.timeouts.at("run").value += 1;
        return;
      case "run.succeeded":
      case "run.failed":
      case "run.canceled":
        counters.runs.at(workflow, to).value += 1;
        if (times.startedAt !== UNKNOWN)
          histograms.runDuration.at(workflow, to).observeFor(run, null, secondsBetween(times.startedAt, at), at);
        this.#times.forget(run.runId);
        return;
    }
  }

  #recordStep(run: ObservedRun, entry: Entry, times: RunTimes, workflow: string, series: StepSeries): void {
    const { counters, histograms } = this.#tallies;
    const { actor: step, on, at } = entry;
    const { index } = series;
    switch (on) {
      case "attempt.succeeded":
      case "attempt.failed":
      case "attempt.timed_out":
      case "attempt.stopped":
      case "attempt.lost":
      case "attempt.parked":
      case "attempt.fanned":
        // A result that was taken over from an earlier run comes without an attempt.
        if (entry.from !== "running.waiting") this.#recordAttemptEnd(run, entry, series);
        break;
      case "attempt.orphaned":
        counters.recoveries.at().value += 1;
        break;
    }
    if (entry.from === PARKED) this.#recordAnswer(run, entry, times);
    switch (entry.type) {
      case "step.waiting":
        if (isApproval(entry.data)) {
          times.askedAt ??= new Map();
          times.askedAt.set(step, at);
        }
        return;
      case "step.ready":
      case "step.queued":
        times.queuedAt[index] = at;
        return;
      case "step.started":
      case "attempt.started": {
        if (!times.stepStartedAt[index]) times.stepStartedAt[index] = at;
        const queuedAt = times.queuedAt[index] ?? UNKNOWN;
        if (queuedAt !== UNKNOWN) this.#stepQueue.observeFor(run, step, secondsBetween(queuedAt, at), at);
        times.queuedAt[index] = UNKNOWN;
        return;
      }
      case "step.retrying": {
        const { outcome, delayMs } = entry.data as AttemptEndData; // See AttemptEndData.
        counters.retries.at(classOf(outcome?.failure)).value += 1;
        if (typeof delayMs === "number") histograms.retryDelay.at().observeFor(run, step, delayMs / 1_000, at);
        return;
      }
      case "step.released":
        times.stepStartedAt[index] = UNKNOWN;
        return;
      case "step.skipped":
        counters.skips.at(skipReason(entry)).value += 1;
        countEnd(run, entry, times, series, counters.steps.at(workflow, series.type, "skipped"));
        return;
      case "step.succeeded":
        this.#recordSaved(entry, times, series);
        countEnd(run, entry, times, series, series.succeeded);
        return;
      case "step.failed":
      case "step.canceled":
        countEnd(run, entry, times, series, counters.steps.at(workflow, series.type, entry.to));
        return;
    }
  }

  #recordAttemptEnd({ tenant }: ObservedRun, { on, to, data }: Entry, { type, attemptSucceeded }: StepSeries): void {
    const { counters } = this.#tallies;
    const { outcome, usage } = data as AttemptEndData; // See AttemptEndData.
    if (on === "attempt.succeeded") attemptSucceeded.value += 1;
    else counters.attempts.at(type, on.slice("attempt.".length), classOf(outcome?.failure)).value += 1;
    if (on === "attempt.timed_out") counters.timeouts.at(STRATEGY_BY_STATE[to] ?? "fail").value += 1;
    const costUsd = usage?.costUsd;
    if (typeof costUsd === "number" && costUsd > 0) counters.costUsd.at(this.#tenantLabel(tenant), type).value += costUsd;
    if (usage) this.#usage.record(usage);
  }

  #recordAnswer(run: ObservedRun, { actor: step, seq, at }: Entry, times: RunTimes): void {
    const askedAt = this.#times.takeAskedAt(run, times, step, seq);
    if (askedAt !== null) this.#tallies.histograms.approvalWait.at().observeFor(run, step, secondsBetween(askedAt, at), at);
  }

  /** Only for work of its own: neither taken over from a run or a cache before, nor said by a person. */
  #recordSaved({ at, data }: Entry, times: RunTimes, { index, manualSeconds }: StepSeries): void {
    if (manualSeconds === 0) return;
    const startedAt = times.stepStartedAt[index] ?? UNKNOWN;
    const { outcome, usage } = data as AttemptEndData; // See AttemptEndData.
    if (startedAt === UNKNOWN || outcome?.kind !== "succeeded" || isCacheHit(usage ?? undefined)) return;
    const savedSeconds = manualSeconds - secondsBetween(startedAt, at);
    if (savedSeconds > 0) this.#tallies.counters.timeSaved.at().value += savedSeconds;
  }
}

/** An item counts under the type of the step that fanned out, with times of its own behind those of the steps. */
function itemSeries({ steps }: DefinitionSeries, times: RunTimes, actor: string): StepSeries | undefined {
  const of = steps.get(stepNameOf(actor));
  if (of === undefined) return undefined;
  times.itemPositions ??= new Map();
  const { itemPositions } = times;
  const position = itemPositions.get(actor) ?? itemPositions.size;
  itemPositions.set(actor, position);
  return { ...of, index: steps.size + position };
}

/** The transitions of one kind of actor: two looks into maps for an entry instead of three, and no text is put together. */
class Moves {
  readonly #cellOf: (from: string, to: string) => CounterCell;
  readonly #byFrom = new Map<string, Map<string, CounterCell>>();

  constructor(cellOf: (from: string, to: string) => CounterCell) {
    this.#cellOf = cellOf;
  }

  count({ from, to }: Entry): void {
    const cell = this.#byFrom.get(from)?.get(to) ?? this.#first(from, to);
    cell.value += 1;
  }

  #first(from: string, to: string): CounterCell {
    const cell = this.#cellOf(from, to);
    const known = this.#byFrom.get(from);
    if (known === undefined) this.#byFrom.set(from, new Map([[to, cell]]));
    else known.set(to, cell);
    return cell;
  }
}

function countEnd(
  run: ObservedRun,
  { actor: step, at }: Entry,
  times: RunTimes,
  { index, duration }: StepSeries,
  ended: CounterCell,
): void {
  ended.value += 1;
  const startedAt = times.stepStartedAt[index] ?? UNKNOWN;
  if (startedAt === UNKNOWN) return;
  duration.observeFor(run, step, secondsBetween(startedAt, at), at);
  times.stepStartedAt[index] = UNKNOWN;
}

/** A failure of a plug-in may claim any class. */
function classOf(failure: TaskFailure | undefined): FailureClass | "none" | typeof OTHER {
  if (failure === undefined) return "none";
  return classes.has(failure.class) ? failure.class : OTHER;
}

function skipReason({ on, data }: Entry): string {
  return on === "attempt.timed_out" ? "timeout" : ((data as AttemptEndData).reason?.kind ?? OTHER); // See AttemptEndData.
}

/** The machine's clock may have been set back between the two. */
function secondsBetween(fromMs: number, toMs: number): number {
  return Math.max(0, toMs - fromMs) / 1_000;
}
