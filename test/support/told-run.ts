/** Journals told line by line, with the times that a test is about; the kernel's own are in `kernel-run.ts`. */
import type { CauseId, RunId, StepId, TenantId } from "../../src/core/ids.ts";
import type { JsonObject } from "../../src/core/json.ts";
import type { EntryType, JournalEntry } from "../../src/kernel/entry.ts";

export const RUN = `run_${"1".repeat(32)}` as RunId;

export class ToldRun {
  readonly entries: JournalEntry[] = [];
  readonly #states = new Map<string, string>();

  constructor(id: RunId = RUN, start: JsonObject = {}) {
    const definition = "0".repeat(64);
    const tenant: TenantId = "default" as TenantId;
    this.#tell(0, "run", "run.created", "pending", {
      start: { runId: id, definition, workflow: "sample", tenant, parent: null, ...start },
    });
    this.#tell(0, "run", "run.started", "running.executing");
  }

  ready(at: number, step: string): this {
    return this.#tell(at, step, "step.ready", "pending.queued");
  }

  start(at: number, step: string, attempt = 1): this {
    return this.#tell(at, step, attempt === 1 ? "step.started" : "attempt.started", "running.executing", { attempt });
  }

  /** The attempt's own time is what the usage says, else none is told. */
  succeed(at: number, step: string, attempt = 1, usage: JsonObject | null = null): this {
    return this.#tell(at, step, "step.succeeded", "succeeded", { attempt, outcome: { kind: "succeeded", output: "done" }, usage });
  }

  fail(at: number, step: string, attempt = 1, usage: JsonObject | null = null): this {
    return this.#tell(at, step, "step.failed", "failed", { attempt, outcome: { kind: "failed", failure: {} }, usage });
  }

  retry(at: number, step: string, attempt: number, usage: JsonObject | null = null): this {
    return this.#tell(at, step, "step.retrying", "retrying", { attempt, outcome: { kind: "failed", failure: {} }, usage });
  }

  fan(at: number, step: string, keys: readonly string[]): this {
    return this.#tell(at, step, "step.expanded", "running.fanned", { attempt: 1, outcome: { kind: "fanned", keys }, keys, usage: null });
  }

  join(at: number, step: string): this {
    return this.#tell(at, step, "step.succeeded", "succeeded", { failed: 0, failure: null });
  }

  wake(at: number, step: string): this {
    return this.#tell(at, step, "step.queued", "running.waiting");
  }

  orphan(at: number, step: string, attempt: number, epoch: number): this {
    return this.#tell(at, step, "attempt.orphaned", "running.executing", { attempt, epoch, quarantine: false });
  }

  lose(at: number, step: string, attempt: number): this {
    return this.#tell(at, step, "attempt.lost", "running.waiting", { attempt, outcome: { kind: "lost", failure: {} }, usage: null });
  }

  quarantine(at: number, step: string, attempt: number): this {
    return this.#tell(at, step, "step.quarantined", "quarantined", { attempt, outcome: { kind: "lost", failure: {} }, usage: null });
  }

  release(at: number, step: string): this {
    return this.#tell(at, step, "step.released", "pending.queued", { by: "ada" });
  }

  skip(at: number, step: string, text: string): this {
    return this.#tell(at, step, "step.skipped", "skipped", { reason: { kind: "when", text } });
  }

  reuse(at: number, step: string): this {
    this.#tell(at, step, "step.cached", "running.executing", { attempt: 1, from: "run_0" });
    return this.#tell(at, step, "step.succeeded", "succeeded", { attempt: 1, outcome: { kind: "succeeded", output: 1 }, usage: null });
  }

  end(at: number, state: "succeeded" | "failed" = "succeeded"): this {
    return this.#tell(at, "run", `run.${state}`, state);
  }

  #tell(at: number, actor: string, type: EntryType, to: string, data: JsonObject = {}): this {
    const from = this.#states.get(actor) ?? (actor === "run" ? "" : "pending.blocked");
    this.#states.set(actor, to);
    const seq = this.entries.length + 1;
    // Tests name steps by plain text; a cause id is nothing that a report looks at.
    this.entries.push({ seq, actor: actor as StepId, type, on: "", from, to, data, causeId: "" as CauseId, at });
    return this;
  }
}
