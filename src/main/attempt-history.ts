/** What became of each attempt of a step and what followed from it, told by the journal: the answer to "why was this not repeated?". */
import type { Verdict } from "../../actors/step/step.events.ts";
import { entriesOf } from "../../observability/run-entries.ts";
import type { TaskFailure } from "../core/failure.ts";
import type { RunId } from "../core/ids.ts";
import { isJsonObject, type Json, type JsonObject } from "../core/json.ts";
import type { JournalEntry } from "../kernel/entry.ts";
import type { CompiledStep, RetryPolicy } from "../plan/workflow.ts";
import type { StoreReader } from "../ports/store.ts";

export interface AttemptReport {
  readonly attempt: number;
  /** Epoch milliseconds. */
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  readonly durationMs: number | null;
  /** `succeeded failed timed_out stopped lost`, or null while it runs. */
  readonly outcome: string | null;
  readonly failure: TaskFailure | null;
  /** Whether another attempt followed or will follow; null where none was needed. */
  readonly repeated: boolean | null;
  /** Milliseconds that the next attempt had to wait. */
  readonly delayMs: number | null;
  /** Why it was repeated or not, in words. */
  readonly because: string | null;
}

/** A place handed back before the attempt began: nothing was used up. */
export interface Handback {
  readonly at: number;
  readonly reason: string;
}

export interface AttemptHistory {
  readonly attempts: readonly AttemptReport[];
  /** The latest one, where no attempt has ended since: what is dispatched again may well be turned away again. */
  readonly handback: Handback | null;
}

/** Of the steps asked for, by id, in one pass over the journal. */
export function readAttemptHistories(
  store: StoreReader,
  runId: RunId,
  steps: readonly CompiledStep[],
): ReadonlyMap<string, AttemptHistory> {
  const tellers = new Map<string, Teller>(steps.map((step) => [step.id, new Teller(step)]));
  if (tellers.size > 0) for (const entry of entriesOf(store, runId)) tellers.get(entry.actor)?.take(entry);
  return new Map([...tellers].map(([id, teller]) => [id, teller.history]));
}

/** Follows one step through its entries. */
class Teller {
  readonly #step: CompiledStep;
  readonly #reports = new Map<number, AttemptReport>();
  #handback: Handback | null = null;
  /** Retries since a person released the step, who gives it all of them anew. */
  #retries = 0;

  constructor(step: CompiledStep) {
    this.#step = step;
  }

  get history(): AttemptHistory {
    return { attempts: [...this.#reports.values()], handback: this.#handback };
  }

  take(entry: JournalEntry): void {
    const { on, at, data } = entry;
    const attempt = typeof data.attempt === "number" ? data.attempt : 0;
    if (on === "step.release") this.#retries = 0;
    if (on === "attempt.start") {
      this.#reports.set(attempt, { ...NOT_ENDED, attempt, startedAt: at });
    } else if (on === "attempt.requeued") {
      this.#reports.delete(attempt);
      this.#handback = { at, reason: String(data.reason ?? "") };
    } else if (isJsonObject(data.outcome)) {
      const report = ended(this.#reports.get(attempt) ?? { ...NOT_ENDED, attempt }, entry, data.outcome);
      this.#reports.set(attempt, { ...report, ...followUp(this.#step, entry, report.failure, this.#retries) });
      if (entry.to === "retrying") this.#retries += 1;
      this.#handback = null;
    }
  }
}

const NOT_ENDED = {
  startedAt: null,
  endedAt: null,
  durationMs: null,
  outcome: null,
  failure: null,
  repeated: null,
  delayMs: null,
  because: null,
} as const;

function ended(report: AttemptReport, { at, data }: JournalEntry, outcome: JsonObject): AttemptReport {
  const usage = isJsonObject(data.usage) ? data.usage : {};
  const startedAt = numberOr(usage.startedAt, report.startedAt);
  const endedAt = numberOr(usage.endedAt, at);
  const failure = isJsonObject(outcome.failure) ? (outcome.failure as unknown as TaskFailure) : null; // Written by the kernel as such.
  const durationMs = startedAt === null || endedAt === null ? null : Math.max(0, endedAt - startedAt);
  return { ...report, startedAt, endedAt, durationMs, outcome: String(outcome.kind), failure };
}

function numberOr(value: Json | undefined, otherwise: number | null): number | null {
  return typeof value === "number" ? value : otherwise;
}

type FollowUp = Pick<AttemptReport, "repeated" | "delayMs" | "because">;

function followUp(step: CompiledStep, { from, to, on, data }: JournalEntry, failure: TaskFailure | null, retries: number): FollowUp {
  const delayMs = typeof data.delayMs === "number" ? data.delayMs : null;
  if (to === "succeeded" && on === "attempt.succeeded") return { repeated: null, delayMs: null, because: null };
  if (from === "quarantined") return { repeated: null, delayMs: null, because: "it came while a person was being asked" };
  if (to === "canceled") return { repeated: false, delayMs: null, because: "the run was being canceled" };
  const { retry } = step;
  if (to === "retrying" && failure !== null) {
    return { repeated: true, delayMs, because: `${coverage(retry, failure)}; retry ${retries + 1} of ${retry.max}` };
  }
  if (to === "running.waiting") return { repeated: true, delayMs: null, because: `\`on_engine_crash: ${step.onEngineCrash}\`` };
  return { repeated: false, delayMs: null, because: refusal(step, on, failure, verdictIn(data), retries) };
}

function verdictIn({ verdict }: JsonObject): Partial<Verdict> {
  return isJsonObject(verdict) ? (verdict as unknown as Verdict) : {}; // Written by the kernel as such.
}

/** By which of its rules the policy covers a failure. */
function coverage({ exitCodes, statuses, match, on }: RetryPolicy, { class: name, exitCode, status }: TaskFailure): string {
  if (exitCode !== undefined && exitCodes.includes(exitCode)) return `\`retry.exit_codes\` has ${exitCode}`;
  if (status !== undefined && statuses.includes(status)) return `\`retry.statuses\` has ${status}`;
  return on.includes(name) ? `\`retry.on\` has ${name}` : `\`retry.match\` (${match ?? ""}) fits`;
}

function refusal(step: CompiledStep, on: string, failure: TaskFailure | null, verdict: Partial<Verdict>, retries: number): string {
  const { retry, sideEffect, onEngineCrash } = step;
  if (on === "attempt.lost") return sideEffect === "once" ? "`side_effect: once` forbids it" : lossText(onEngineCrash);
  if (retry.max === 0) return "the step has no `retry`";
  if (sideEffect === "once") return "`side_effect: once` forbids it";
  if (verdict.retryable === false) return `\`retry.on\` has ${retry.on.join(", ")}, not ${failure?.class ?? "this"}`;
  return `no retry is left: ${retries} of ${retry.max} used`;
}

function lossText(policy: CompiledStep["onEngineCrash"]): string {
  return policy === "fail" || policy === "quarantine" ? `\`on_engine_crash: ${policy}\`` : "too many of its attempts were lost";
}
