/** Journals as the kernel writes them, small enough to read in a test. */
import type { CauseId, Digest, RunId, StepId, TenantId } from "../../src/core/ids.ts";
import type { JsonObject } from "../../src/core/json.ts";
import type { RunStart } from "../../src/kernel/cause.ts";
import type { EntryType, JournalEntry } from "../../src/kernel/entry.ts";
import type { Appended, CommitBatch, DefinitionRow } from "../../src/ports/store.ts";

export const T0 = Date.UTC(2026, 0, 1);
export const DEFINITION = "d0".repeat(32) as Digest;

export function runId(number: number): RunId {
  return `run_${number.toString(16).padStart(32, "0")}` as RunId;
}

export function definitionRow(changes: Partial<DefinitionRow> = {}): DefinitionRow {
  const document = {
    name: "build",
    steps: [
      { id: "compile", type: "shell" },
      { id: "test", type: "shell" },
    ],
  };
  return { hash: DEFINITION, name: "build", document, file: "build.yaml", createdAt: T0, ...changes };
}

export function batchOf(...appended: Appended[]): CommitBatch {
  return { appended, takenLetters: [], blobs: [] };
}

/** Writes one run's journal, numbering entries and keeping each actor's state. */
export class Script {
  readonly id: RunId;
  readonly #states = new Map<string, string>();
  #seq = 0;
  #pending: JournalEntry[] = [];

  readonly #begunAt: number;

  /** @param sinceMs after T0 */
  constructor(number: number, sinceMs = 0) {
    this.id = runId(number);
    this.#begunAt = T0 + sinceMs;
  }

  /** What was written since the last call, for one commit. */
  take(): Appended {
    const entries = this.#pending;
    this.#pending = [];
    return { runId: this.id, entries };
  }

  move(actor: string, type: EntryType, on: string, to: string, data: JsonObject = {}): this {
    const from = this.#states.get(actor) ?? (actor === "run" ? "" : "pending.blocked");
    this.#states.set(actor, to);
    this.#seq += 1;
    const causeId = `${actor}/${on}/${this.#seq}` as CauseId;
    this.#pending.push({ seq: this.#seq, actor: actor as StepId, type, on, from, to, data, causeId, at: this.#begunAt + this.#seq });
    return this;
  }

  create(changes: Partial<RunStart> = {}, stepsTotal = 2): this {
    const start: RunStart = {
      runId: this.id,
      definition: DEFINITION,
      workflow: "build",
      tenant: "default" as TenantId,
      priority: 3,
      input: { load: 1 },
      context: {},
      labels: {},
      concurrency: null,
      parent: null,
      carried: [],
      trace: null,
      workspace: "/work",
      ...changes,
    };
    // A start is plain JSON.
    return this.move("run", "run.created", "run.create", "pending", { start: start as unknown as JsonObject, stepsTotal });
  }

  begin(data: JsonObject = {}): this {
    return this.move("run", "run.started", "run.start", "running.executing", data);
  }

  queue(step: string): this {
    return this.move(step, "step.queued", "step.ready", "pending.queued");
  }

  start(step: string, attempt: number, data: JsonObject = {}): this {
    return this.move(step, "step.started", "attempt.start", "running.executing", { attempt, ...data });
  }

  succeed(step: string, attempt: number, usage: JsonObject | null = null): this {
    return this.move(step, "step.succeeded", "attempt.succeeded", "succeeded", {
      attempt,
      outcome: { kind: "succeeded", output: { ok: true } },
      usage,
    });
  }

  retry(step: string, attempt: number, dueAt: number, usage: JsonObject | null = null): this {
    const failure = { class: "transient", code: "EXIT_CODE", title: "exit 1" };
    const timer = `${step}/backoff/${attempt}`;
    return this.move(step, "step.retrying", "attempt.failed", "retrying", {
      attempt,
      outcome: { kind: "failed", failure },
      usage,
      timer,
      dueAt,
    });
  }

  wake(step: string): this {
    return this.move(step, "step.queued", "xstate.after.backoff.step-v1.retrying", "running.waiting");
  }

  end(): this {
    return this.move("run", "run.succeeded", "run.succeed", "succeeded", { output: { done: true } });
  }

  /** A whole small run of two steps, the first with a retry. */
  whole(): this {
    this.create()
      .begin()
      .queue("compile")
      .start("compile", 1, { timer: "compile/timeout/1", dueAt: T0 + 60_000 });
    this.retry("compile", 1, T0 + 5_000, { startedAt: T0 + 4, endedAt: T0 + 5, costUsd: 0.1 });
    this.wake("compile")
      .start("compile", 2)
      .succeed("compile", 2, { startedAt: T0 + 7, endedAt: T0 + 17, costUsd: 0.2, tool: "cc" });
    return this.queue("test").start("test", 1).succeed("test", 1).end();
  }
}
