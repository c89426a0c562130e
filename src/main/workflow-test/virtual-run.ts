/**
 * One run in virtual time: the real kernel over attempts that take no time but what they say, a clock that jumps, and no disk. The same
 * workflow, input and attempts give the same journal, entry by entry.
 */
import type { CauseId, StepId } from "../../core/ids.ts";
import type { Json, JsonObject } from "../../core/json.ts";
import type { Cause, CauseEvent, RunStart } from "../../kernel/cause.ts";
import { decide } from "../../kernel/decide.ts";
import type { Effect } from "../../kernel/effect.ts";
import type { JournalEntry } from "../../kernel/entry.ts";
import { stepById } from "../../kernel/roster.ts";
import { runScope, sourceOf } from "../../kernel/scope.ts";
import { type RunSnapshot, runState } from "../../kernel/snapshot.ts";
import type { Parking } from "../../plan/parking.ts";
import { type CompiledStep, type CompiledWorkflow, GRACE_MS_DEFAULT } from "../../plan/workflow.ts";
import type { AttemptRequest } from "../../ports/attempt.ts";
import type { AttemptRunner, NewBlob } from "../../ports/attempt-runner.ts";
import type { Quiet } from "./quiet.ts";
import type { VirtualClock } from "./virtual-clock.ts";

/** What a parked step hears, and when. */
export interface PlannedAnswer {
  readonly event: CauseEvent;
  readonly afterMs: number;
}

export interface VirtualRunOptions {
  readonly workflow: CompiledWorkflow;
  readonly start: RunStart;
  readonly clock: VirtualClock;
  readonly runner: AttemptRunner;
  readonly quiet: Quiet;
  /** Attempts that may run at once. */
  readonly limit: number;
  /** What somebody answers to a parked step; null when nobody does. */
  readonly answer: (step: CompiledStep, attempt: number, parking: Parking) => PlannedAnswer | null;
  /** Something else that happens to the run, by the virtual time since its start. */
  readonly happenings?: readonly { readonly afterMs: number; readonly event: CauseEvent }[];
}

export interface VirtualRun {
  readonly snapshot: RunSnapshot;
  readonly journal: readonly JournalEntry[];
  /** Why it did not come to rest; null when it did. */
  readonly stuck: string | null;
}

/** More than any sensible run has; one that goes on for ever is stopped here. */
const ENTRIES_MAX = 200_000;

export async function runVirtually(options: VirtualRunOptions): Promise<VirtualRun> {
  const { clock, start, happenings = [] } = options;
  const machine = new Machine(options);
  for (const { afterMs, event } of happenings) clock.wakeAt(clock.now() + afterMs, () => machine.send(event));
  machine.send({ type: "run.create", start });
  for (;;) {
    await options.quiet.idle();
    if (machine.isAtRest || machine.journal.length > ENTRIES_MAX || !clock.advance()) break;
  }
  return { snapshot: machine.snapshot, journal: machine.journal, stuck: machine.isAtRest ? null : machine.whyStuck() };
}

class Machine {
  readonly journal: JournalEntry[] = [];
  readonly #options: VirtualRunOptions;
  readonly #blobs = new Map<string, Json>();
  readonly #asking = new Map<StepId, { readonly attempt: number; readonly order: number; readonly priority: number }>();
  readonly #holding = new Set<StepId>();
  readonly #stops = new Map<string, AbortController>();
  #snapshot: RunSnapshot | null = null;
  #causes = 0;

  constructor(options: VirtualRunOptions) {
    this.#options = options;
  }

  get snapshot(): RunSnapshot {
    if (this.#snapshot === null) throw new TypeError("the run was never created");
    return this.#snapshot;
  }

  get isAtRest(): boolean {
    return ["succeeded", "failed", "canceled", "quarantined"].includes(runState(this.snapshot));
  }

  whyStuck(): string {
    return this.journal.length > ENTRIES_MAX
      ? `it goes on for ever: ${ENTRIES_MAX} transitions`
      : `it waits in \`${runState(this.snapshot)}\` for what nobody brings`;
  }

  send(event: CauseEvent): void {
    const { workflow, clock } = this.#options;
    this.#causes += 1;
    const now = clock.now();
    const cause: Cause = { id: `cause:${this.#causes}` as CauseId, at: now, event }; // Unique within this run, which is all that counts.
    const decision = decide(workflow, this.#snapshot, cause, now, (ref) => this.#blobs.get(ref.$blob) ?? null);
    this.#snapshot = decision.snapshot;
    this.journal.push(...decision.journal);
    for (const effect of decision.effects) this.#act(effect);
    this.#grant();
  }

  #act(effect: Effect): void {
    const { clock } = this.#options;
    switch (effect.kind) {
      case "requestPermit":
        this.#asking.set(effect.step, { attempt: effect.attempt, order: this.#causes, priority: effect.priority });
        return;
      case "releasePermit":
        this.#asking.delete(effect.step);
        this.#holding.delete(effect.step);
        return;
      case "startAttempt":
        this.#startAttempt(effect.step, effect.attempt, effect.deadlineAt);
        return;
      case "stopAttempt":
        this.#stops.get(`${effect.step}/${effect.attempt}`)?.abort(effect.reason);
        return;
      case "setTimer":
        clock.wakeAt(effect.dueAt, () => this.send({ type: "timer.fired", timer: effect.id }));
        return;
      case "park":
        this.#park(effect);
        return;
      case "makeOutput":
        this.#makeOutput();
        return;
      default:
        return;
    }
  }

  /** By priority, then in the order in which they asked, as the dispatcher of the embedded host does for one run. */
  #grant(): void {
    const { limit, start } = this.#options;
    const most = Math.min(limit, start.concurrency ?? limit);
    while (this.#holding.size < most && this.#asking.size > 0) {
      const [step, { attempt }] = [...this.#asking].reduce((best, one) =>
        one[1].priority < best[1].priority || (one[1].priority === best[1].priority && one[1].order < best[1].order) ? one : best,
      );
      this.#asking.delete(step);
      this.#holding.add(step);
      this.send({ type: "permit.granted", step, attempt });
    }
  }

  #startAttempt(id: StepId, attempt: number, deadlineAt: number | null): void {
    const { workflow, runner, start, quiet } = this.#options;
    const { snapshot } = this;
    const step = stepById({ workflow, fans: snapshot.fans }, id);
    if (step === undefined) return;
    const controller = new AbortController();
    this.#stops.set(`${id}/${attempt}`, controller);
    const request: AttemptRequest = {
      runId: start.runId,
      tenant: start.tenant,
      workflow,
      step,
      attempt,
      idempotencyKey: `${start.runId}/${id}`,
      trace: null,
      deadlineAt,
      graceMs: step.timeout?.graceMs ?? GRACE_MS_DEFAULT,
      workspace: start.workspace,
      epoch: 1,
    };
    const scope = runScope(sourceOf(workflow, snapshot), (ref) => this.#blobs.get(ref.$blob) ?? null, { step });
    const progress = (data: JsonObject): void => this.send({ type: "attempt.progress", step: id, attempt, data });
    const ended = quiet.begin();
    void runner.run(request, scope, controller.signal, progress).then(({ outcome, usage, blobs }) => {
      this.#keep(blobs);
      this.send({ type: "attempt.settled", step: id, attempt, outcome, usage });
      ended();
    });
  }

  #keep(blobs: readonly NewBlob[]): void {
    for (const { ref, text } of blobs) this.#blobs.set(ref.$blob, JSON.parse(text) as Json); // Canonical JSON.
  }

  #park({ step: id, attempt, parking }: Extract<Effect, { kind: "park" }>): void {
    const { workflow, clock, answer } = this.#options;
    const step = stepById({ workflow, fans: this.snapshot.fans }, id);
    const planned = step === undefined ? null : answer(step, attempt, parking);
    if (planned !== null) clock.wakeAt(clock.now() + planned.afterMs, () => this.send(planned.event));
  }

  #makeOutput(): void {
    const { workflow, runner, clock } = this.#options;
    const scope = runScope(sourceOf(workflow, this.snapshot), (ref) => this.#blobs.get(ref.$blob) ?? null);
    const { result, blobs } = runner.makeOutput(workflow, scope);
    this.#keep(blobs);
    clock.wakeAt(clock.now(), () => this.send({ type: "run.finished", result }));
  }
}
