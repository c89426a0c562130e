/** Counts committed entries. It runs on the engine's thread after every commit, so it looks each thing up once and computes no id. */
import type { SkipReason } from "../../actors/step/step.events.ts";
import type { FailureClass, TaskFailure } from "../../src/core/failure.ts";
import { FAILURE_CLASSES } from "../../src/core/failure.ts";
import type { CommittedEntry, ObservedRun } from "../../src/ports/observer.ts";
import { createLabelCap, type LabelCap, OTHER } from "./label-cap.ts";
import { type RunTimes, RunTimesBook, stepTimes, type TimesReader } from "./run-times.ts";
import type { Tallies } from "./tallies.ts";

type Entry = CommittedEntry["entry"];

/** Names that keep series of their own, in the order in which they turn up; the rest share `other`. */
export const WORKFLOWS_MAX = 50;
export const TENANTS_MAX = 50;
/** Step types are few: the built-in ones and plug-ins. */
const TYPES_MAX = 30;

/** The members of an attempt's end that count; payloads of the statechart's events (`actors/step/step.events.ts`). */
interface AttemptEndData {
  readonly outcome?: { readonly kind?: string; readonly failure?: TaskFailure };
  readonly usage?: { readonly costUsd?: number } | null;
  readonly delayMs?: number;
  readonly reason?: { readonly kind?: string };
}

/** The events that end an attempt; a requeued one never began. */
const ATTEMPT_ENDS: ReadonlySet<string> = new Set([
  "attempt.succeeded",
  "attempt.failed",
  "attempt.timed_out",
  "attempt.stopped",
  "attempt.lost",
]);

/** What became of a step whose attempt had timed out. */
const STRATEGY_BY_STATE: Readonly<Record<string, string>> = {
  retrying: "retry",
  succeeded: "fallback",
  skipped: "skip",
  quarantined: "quarantine",
};

/** As the statechart has them (`SkipReason` in `actors/step/step.events.ts`). */
const SKIP_REASONS: readonly SkipReason["kind"][] = ["when", "needs", "switch", "timeout", "person", "carried"];

const RUN_OUTCOMES = ["succeeded", "failed", "canceled"] as const;

const classes: ReadonlySet<string> = new Set(FAILURE_CLASSES);

export interface EntryRecorderOptions {
  readonly tallies: Tallies;
  /** Finds when runs began that this process did not see begin; null where there is no store. */
  readonly reader: TimesReader | null;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

export class EntryRecorder {
  readonly #tallies: Tallies;
  readonly #times: RunTimesBook;
  readonly #now: () => number;
  readonly #workflowLabel: LabelCap = createLabelCap(WORKFLOWS_MAX);
  readonly #tenantLabel: LabelCap = createLabelCap(TENANTS_MAX);
  readonly #typeLabel: LabelCap = createLabelCap(TYPES_MAX);

  constructor({ tallies, reader, now }: EntryRecorderOptions) {
    this.#tallies = tallies;
    this.#times = new RunTimesBook(reader);
    this.#now = now;
    for (const name of FAILURE_CLASSES) tallies.counters.retries.at(name);
    for (const strategy of [...Object.values(STRATEGY_BY_STATE), "fail", "run"]) tallies.counters.timeouts.at(strategy);
    for (const reason of SKIP_REASONS) tallies.counters.skips.at(reason);
  }

  record(batch: readonly CommittedEntry[]): void {
    const { counters, histograms } = this.#tallies;
    const [first] = batch;
    if (first !== undefined) histograms.eventLag.at().observe(Math.max(0, this.#now() - first.entry.at) / 1_000);
    let run: ObservedRun | null = null;
    let times: RunTimes | null = null;
    for (const { run: owner, entry } of batch) {
      if (owner !== run || times === null) {
        run = owner;
        times = this.#times.of(run.runId, entry.seq === 1);
      }
      if (entry.actor === "run") {
        counters.transitions.at("run", entry.from, entry.to).value += 1;
        this.#recordRun(run, entry, times);
      } else {
        counters.transitions.at("step", entry.from, entry.to).value += 1;
        this.#recordStep(run, entry, times);
      }
    }
  }

  #recordRun(run: ObservedRun, entry: Entry, times: RunTimes): void {
    switch (entry.type) {
      case "run.created":
        this.#expectRuns(run.workflow);
        return;
      case "run.started":
        times.startedAt = entry.at;
        return;
      case "run.timed_out":
        this.#tallies.counters.timeouts.at("run").value += 1;
        return;
      case "run.succeeded":
      case "run.failed":
      case "run.canceled": {
        const { counters, histograms } = this.#tallies;
        const workflow = this.#workflowLabel(run.workflow);
        counters.runs.at(workflow, entry.to).value += 1;
        if (times.startedAt !== null)
          histograms.runDuration.at(workflow, entry.to).observeFor(run, null, secondsBetween(times.startedAt, entry.at), entry.at);
        this.#times.forget(run.runId);
        return;
      }
    }
  }

  /** A series that is there before its first event lets Prometheus see the first event too. */
  #expectRuns(workflow: string): void {
    const label = this.#workflowLabel(workflow);
    for (const outcome of RUN_OUTCOMES) this.#tallies.counters.runs.at(label, outcome);
  }

  #recordStep(run: ObservedRun, entry: Entry, times: RunTimes): void {
    const { counters, histograms } = this.#tallies;
    const { actor: step, on, at } = entry;
    if (ATTEMPT_ENDS.has(on)) this.#recordAttemptEnd(run, entry);
    else if (on === "attempt.orphaned") counters.recoveries.at().value += 1;
    switch (entry.type) {
      case "step.ready":
      case "step.queued":
        stepTimes(times, step).queuedAt = at;
        return;
      case "step.started":
      case "attempt.started": {
        const known = stepTimes(times, step);
        known.startedAt ??= at;
        if (known.queuedAt !== null) histograms.stepQueue.at().observeFor(run, step, secondsBetween(known.queuedAt, at), at);
        known.queuedAt = null;
        return;
      }
      case "step.retrying": {
        const { outcome, delayMs } = entry.data as AttemptEndData; // See AttemptEndData.
        counters.retries.at(classOf(outcome?.failure)).value += 1;
        if (typeof delayMs === "number") histograms.retryDelay.at().observeFor(run, step, delayMs / 1_000, at);
        return;
      }
      case "step.released":
        times.steps.delete(step);
        return;
      case "step.skipped":
        counters.skips.at(skipReason(entry)).value += 1;
        this.#recordStepEnd(run, entry, times);
        return;
      case "step.succeeded":
      case "step.failed":
      case "step.canceled":
        this.#recordStepEnd(run, entry, times);
        return;
    }
  }

  #recordStepEnd(run: ObservedRun, { actor: step, to, at }: Entry, times: RunTimes): void {
    const { counters, histograms } = this.#tallies;
    const type = this.#typeOf(run, step);
    counters.steps.at(this.#workflowLabel(run.workflow), type, to).value += 1;
    const startedAt = times.steps.get(step)?.startedAt ?? null;
    if (startedAt !== null) histograms.stepDuration.at(type).observeFor(run, step, secondsBetween(startedAt, at), at);
    times.steps.delete(step);
  }

  #recordAttemptEnd(run: ObservedRun, { actor: step, on, to, data }: Entry): void {
    const { counters } = this.#tallies;
    const { outcome, usage } = data as AttemptEndData; // See AttemptEndData.
    const type = this.#typeOf(run, step);
    counters.attempts.at(type, on.slice("attempt.".length), classOf(outcome?.failure)).value += 1;
    if (on === "attempt.timed_out") counters.timeouts.at(STRATEGY_BY_STATE[to] ?? "fail").value += 1;
    const costUsd = usage?.costUsd;
    if (typeof costUsd === "number" && costUsd > 0) counters.costUsd.at(this.#tenantLabel(run.tenant), type).value += costUsd;
  }

  #typeOf({ definition }: ObservedRun, step: string): string {
    return this.#typeLabel(definition.steps[definition.indexOf.get(step) ?? -1]?.type ?? OTHER);
  }
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
