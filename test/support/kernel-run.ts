/** Drives one run through the kernel by hand: every cause goes through `decide`, everything that it answers is kept. */
import type { LoadBlob, Stored } from "../../src/core/blob.ts";
import type { TaskFailure } from "../../src/core/failure.ts";
import type { CauseId, Digest, RunId, StepId, TenantId } from "../../src/core/ids.ts";
import type { AttemptOutcome, Cause, CauseEvent, RunStart } from "../../src/kernel/cause.ts";
import { type Decision, decide } from "../../src/kernel/decide.ts";
import type { Effect } from "../../src/kernel/effect.ts";
import type { JournalEntry } from "../../src/kernel/entry.ts";
import { itemAt } from "../../src/kernel/paged.ts";
import { stepById } from "../../src/kernel/roster.ts";
import { type RunSnapshot, runState, type StepSlot } from "../../src/kernel/snapshot.ts";
import type { CompiledWorkflow } from "../../src/plan/workflow.ts";

export const STARTED_AT = 1_700_000_000_000;

export const PERMANENT: TaskFailure = { class: "permanent", code: "EXIT_CODE", title: "It exited with 1", exitCode: 1 };
export const TRANSIENT: TaskFailure = { class: "transient", code: "ECONNRESET", title: "The connection broke" };
export const LOST: TaskFailure = { class: "lost", code: "LOST", title: "Its engine died" };
export const LATE: TaskFailure = { class: "timeout", code: "TIMEOUT", title: "It took too long" };

export function runStart(parts: Partial<RunStart> = {}): RunStart {
  return {
    // Any text is an id as far as the kernel is concerned.
    runId: "run_00000000000000000000000000000001" as RunId,
    definition: "0".repeat(64) as Digest,
    workflow: "sample",
    tenant: "default" as TenantId,
    priority: 3,
    input: {},
    context: {},
    labels: {},
    concurrency: null,
    parent: null,
    carried: [],
    trace: null,
    workspace: "/srv/workspace",
    ...parts,
  };
}

export class KernelRun {
  readonly workflow: CompiledWorkflow;
  readonly journal: JournalEntry[] = [];
  /** Effects of all decisions so far. */
  readonly effects: Effect[] = [];
  now = STARTED_AT;
  load: LoadBlob | undefined;
  #snapshot: RunSnapshot | null = null;
  #causes = 0;

  constructor(workflow: CompiledWorkflow, load?: LoadBlob) {
    this.workflow = workflow;
    this.load = load;
  }

  get snapshot(): RunSnapshot {
    if (this.#snapshot === null) throw new Error("the run has not been created");
    return this.#snapshot;
  }

  get state(): string {
    return runState(this.snapshot);
  }

  send(event: CauseEvent, id?: string): Decision {
    this.#causes += 1;
    const cause: Cause = { id: (id ?? `cause:${this.#causes}`) as CauseId, at: this.now, event }; // Any text is an id here.
    const decision = decide(this.workflow, this.#snapshot, cause, this.now, this.load);
    this.#snapshot = decision.snapshot;
    this.journal.push(...decision.journal);
    this.effects.push(...decision.effects);
    return decision;
  }

  create(start: Partial<RunStart> = {}): this {
    this.send({ type: "run.create", start: runStart(start) });
    return this;
  }

  slot(step: string): StepSlot {
    return itemAt(this.snapshot.steps, stepById({ workflow: this.workflow, fans: this.snapshot.fans }, step)?.index ?? -1);
  }

  step(step: string): string {
    return this.slot(step).state;
  }

  /** States of all steps by name. */
  steps(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.workflow.steps.map(({ id }) => [id, this.step(id)]));
  }

  context(step: string): StepSlot["actor"]["context"] {
    return this.slot(step).actor.context;
  }

  grant(step: string, attempt = this.context(step).attempt + 1): Decision {
    return this.send({ type: "permit.granted", step: step as StepId, attempt });
  }

  settle(step: string, outcome: AttemptOutcome, attempt = this.context(step).attempt): Decision {
    return this.send({ type: "attempt.settled", step: step as StepId, attempt, outcome, usage: null });
  }

  /** Grants places to the steps in turn and lets each succeed. */
  run(...steps: string[]): this {
    for (const step of steps) {
      this.grant(step);
      this.succeed(step);
    }
    return this;
  }

  succeed(step: string, output: Stored = null): Decision {
    return this.settle(step, { kind: "succeeded", output });
  }

  fail(step: string, failure: TaskFailure = PERMANENT): Decision {
    return this.settle(step, { kind: "failed", failure });
  }

  lose(step: string): Decision {
    return this.settle(step, { kind: "lost", reason: "its engine died", failure: LOST });
  }

  orphan(step: string, epoch = 2): Decision {
    return this.send({ type: "attempt.orphaned", step: step as StepId, attempt: this.context(step).attempt, epoch });
  }

  fire(timer: string): Decision {
    return this.send({ type: "timer.fired", timer });
  }

  cancel(): Decision {
    return this.send({ type: "run.cancel", by: "ada", reason: null });
  }

  pause(): Decision {
    return this.send({ type: "run.pause", by: "ada" });
  }

  resume(): Decision {
    return this.send({ type: "run.resume", by: "ada" });
  }

  release(step: string): Decision {
    return this.send({ type: "step.release", step: step as StepId, by: "ada" });
  }
}

/** Effects in short: their kinds and ids. */
export function named(effects: readonly Effect[]): readonly string[] {
  return effects.map(({ kind, id }) => `${kind} ${id}`);
}

/** Entries in short: `actor type from>to`. */
export function told(entries: readonly JournalEntry[]): readonly string[] {
  return entries.map(({ actor, type, from, to }) => `${actor} ${type} ${from}>${to}`);
}
