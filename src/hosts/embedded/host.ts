/**
 * The embedded host: drives the runs of one store in one process.
 *
 * H1 What `start` and `post` have answered is on disk (I-43).
 * H2 At the start every adopted run goes on from its journal; attempts that were in flight are asked after, never assumed (I-14).
 * H3 `close` loses nothing: what still runs outside is left to the next engine, what runs inside is started again by it.
 * H4 A run whose journal cannot be read stands still and is reported; the others go on.
 */
import type { LoadBlob } from "../../core/blob.ts";
import { RequestError, TransientError, toError } from "../../core/errors.ts";
import type { CauseId, Epoch, RunId } from "../../core/ids.ts";
import type { CauseEvent, RunStart } from "../../kernel/cause.ts";
import type { Decision } from "../../kernel/decide.ts";
import type { Effect } from "../../kernel/effect.ts";
import { outstanding } from "../../kernel/outstanding.ts";
import { runScope, sourceOf } from "../../kernel/scope.ts";
import type { RunSnapshot } from "../../kernel/snapshot.ts";
import type { CompiledWorkflow } from "../../plan/workflow.ts";
import type { AttemptRunner, NewBlob } from "../../ports/attempt-runner.ts";
import type { Clock } from "../../ports/clock.ts";
import type { ReachCrashPoint } from "../../ports/crash-points.ts";
import type { Ownership, Store } from "../../ports/store.ts";
import { type ActiveRun, type CompiledByHash, createActiveRuns, readRun } from "./active-runs.ts";
import { type AttemptRun, type Attempts, createAttempts } from "./attempts.ts";
import { AGING_MS_DEFAULT, Dispatcher, type DispatcherLoad } from "./dispatcher.ts";
import { createPublisher, type Publisher } from "./publisher.ts";
import { createTimers } from "./timers.ts";
import { TurnLoop } from "./turn-loop.ts";

/** Requests for a place and undecided causes that may wait before new runs are refused; refusing begins at `BACKPRESSURE_RATIO` of it. */
const QUEUE_BOUND_DEFAULT = 10_000;
const BACKPRESSURE_RATIO = 0.8;

export interface EmbeddedHostOptions {
  readonly store: Store;
  readonly ownership: Ownership;
  readonly runner: AttemptRunner;
  readonly clock: Clock;
  readonly compiled: CompiledByHash;
  /** Attempts that may run at once. */
  readonly limit: number;
  readonly queueBound?: number;
  readonly agingMs?: number;
  /** `all`: every unfinished run of the store goes on. `asked`: only those that are started or adopted here. */
  readonly adopt: "all" | "asked";
  readonly reach: ReachCrashPoint;
  /** The host can no longer trust its store and has stopped (I-39). */
  readonly died: (error: Error) => void;
  readonly warn: (message: string) => void;
}

export interface HostLoad extends DispatcherLoad {
  readonly activeRuns: number;
  readonly inFlight: number;
  readonly queueBound: number;
}

export interface EmbeddedHost {
  readonly epoch: Epoch;
  /**
   * Starts a run; resolves when it is on disk.
   *
   * @throws TransientError BACKPRESSURE while the queue is above 80 % of its bound
   */
  start(workflow: CompiledWorkflow, start: RunStart, blobs?: readonly NewBlob[], letter?: number): Promise<void>;
  /** Resolves when nothing that concerns this run waits for its commit. */
  settled(runId: RunId): Promise<void>;
  /** Puts a cause to a run; resolves when its decision is on disk. @throws the reason for which it was refused */
  post(runId: RunId, causeId: CauseId, event: CauseEvent, letter?: number): Promise<void>;
  /** Takes over a stored run, so that it goes on here. @throws RequestError RUN_NOT_FOUND */
  adopt(runId: RunId): void;
  snapshot(runId: RunId): { readonly workflow: CompiledWorkflow; readonly snapshot: RunSnapshot };
  readonly publisher: Publisher;
  load(): HostLoad;
  /** Requests that wait for a place, by priority; the first is priority 1. */
  waitingByPriority(): readonly number[];
  /** Stops granting places; resolves when nothing is in flight, or at the deadline (epoch milliseconds). */
  drain(deadlineAt: number): Promise<void>;
  /** Lets go of everything after the last commit. The store stays open. */
  close(): Promise<void>;
}

export function createEmbeddedHost(options: EmbeddedHostOptions): EmbeddedHost {
  return new Host(options);
}

class Host implements EmbeddedHost {
  readonly epoch: Epoch;
  readonly publisher: Publisher;
  readonly #options: EmbeddedHostOptions;
  readonly #load: LoadBlob;
  readonly #runs;
  readonly #dispatcher;
  readonly #attempts: Attempts;
  readonly #timers;
  readonly #loop: TurnLoop;
  readonly #adopted = new Set<RunId>();
  #drained: (() => void)[] = [];
  #isClosed = false;

  constructor(options: EmbeddedHostOptions) {
    const { store, ownership, runner, clock, compiled, limit, reach, warn } = options;
    this.#options = options;
    this.epoch = ownership.epoch;
    this.#load = (ref) => store.blob(ref);
    this.#runs = createActiveRuns(store, compiled);
    this.#dispatcher = new Dispatcher({ limit, agingMs: options.agingMs ?? AGING_MS_DEFAULT });
    this.publisher = createPublisher((name, error) => warn(`The observer ${name} failed and its failures are ignored: ${error.message}`));
    this.#attempts = createAttempts({
      runner,
      epoch: this.epoch,
      load: this.#load,
      deliver: (runId, causeId, event, blobs) => this.#settle(runId, causeId, event, blobs),
      ended: () => this.#attemptEnded(),
    });
    this.#timers = createTimers({
      reader: store,
      clock,
      fire: (runId, causeId, event, decided) => {
        const run = this.#wake(runId);
        if (run === null) decided();
        else this.#deliver(run, causeId, event, { decided });
      },
      scope: () => (options.adopt === "all" ? null : [...this.#adopted]),
    });
    this.#loop = new TurnLoop({
      store,
      epoch: this.epoch,
      runs: this.#runs,
      dispatcher: this.#dispatcher,
      clock,
      load: this.#load,
      reach,
      act: (run, effect) => this.#act(run, effect),
      publish: (entries) => this.publisher.publish(entries),
      died: (error) => this.#died(error),
    });
    this.#recover();
  }

  async start(workflow: CompiledWorkflow, start: RunStart, blobs: readonly NewBlob[] = [], letter?: number): Promise<void> {
    this.#refuseWhenClosed();
    const depth = this.#dispatcher.load().waiting + this.#loop.undecided;
    const bound = this.#options.queueBound ?? QUEUE_BOUND_DEFAULT;
    if (depth >= bound * BACKPRESSURE_RATIO) throw new TransientError("BACKPRESSURE", { depth, bound });
    this.#adopted.add(start.runId);
    // Asked again for a run that rests: its journal answers, not a second beginning.
    const isStored = this.#runs.awake(start.runId) === undefined && this.#options.store.run(start.runId) !== null;
    const run = isStored ? this.#runs.wake(start.runId) : this.#runs.add(start.runId, workflow);
    await this.#ask(run, `create:${start.runId}` as CauseId, { type: "run.create", start }, letter ?? null, blobs);
  }

  async settled(runId: RunId): Promise<void> {
    const run = this.#runs.awake(runId);
    if (run !== undefined && (run.uncommitted > 0 || run.inbox.length > 0)) await this.#loop.idle();
  }

  async post(runId: RunId, causeId: CauseId, event: CauseEvent, letter?: number): Promise<void> {
    this.#refuseWhenClosed();
    this.adopt(runId);
    await this.#ask(this.#runs.wake(runId), causeId, event, letter ?? null);
  }

  adopt(runId: RunId): void {
    if (this.#options.adopt === "all" || this.#adopted.has(runId)) return;
    this.#resume(runId);
    this.#adopted.add(runId);
    this.#timers.review();
  }

  snapshot(runId: RunId): { readonly workflow: CompiledWorkflow; readonly snapshot: RunSnapshot } {
    const awake = this.#runs.awake(runId);
    if (awake?.snapshot) return { workflow: awake.workflow, snapshot: awake.snapshot };
    return readRun(this.#options.store, this.#options.compiled, runId);
  }

  load(): HostLoad {
    const queueBound = this.#options.queueBound ?? QUEUE_BOUND_DEFAULT;
    return { ...this.#dispatcher.load(), activeRuns: this.#runs.size, inFlight: this.#attempts.size, queueBound };
  }

  waitingByPriority(): readonly number[] {
    return this.#dispatcher.waitingByPriority();
  }

  async drain(deadlineAt: number): Promise<void> {
    this.#loop.stopGranting();
    if (this.#attempts.size > 0) {
      await new Promise<void>((resolve) => {
        const alarm = this.#options.clock.wakeAt(deadlineAt, resolve);
        this.#drained.push(() => {
          alarm[Symbol.dispose]();
          resolve();
        });
      });
    }
    await this.#loop.idle();
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#loop.stopGranting();
    this.#timers[Symbol.dispose]();
    this.#attempts.abandon();
    await this.#loop.idle();
  }

  #ask(run: ActiveRun, causeId: CauseId, event: CauseEvent, letter: number | null, blobs: readonly NewBlob[] = []): Promise<void> {
    return new Promise((resolve, reject) => {
      const decided = (decision: Decision): void => (decision.refused === null ? resolve() : reject(decision.refused));
      this.#deliver(run, causeId, event, { decided, letter, blobs });
    });
  }

  #deliver(
    run: ActiveRun,
    id: CauseId,
    event: CauseEvent,
    how: { decided?: (decision: Decision) => void; letter?: number | null; blobs?: readonly NewBlob[] } = {},
  ): void {
    const { decided = null, letter = null, blobs } = how;
    this.#loop.deliver(run, { cause: { id, at: this.#options.clock.now(), event }, letter, decided }, blobs);
  }

  #settle(runId: RunId, causeId: CauseId, event: CauseEvent, blobs: readonly NewBlob[]): void {
    if (event.type === "attempt.settled") this.#options.reach("before-settle");
    const run = this.#wake(runId);
    if (run !== null) this.#deliver(run, causeId, event, { blobs });
  }

  /** H4. */
  #wake(runId: RunId): ActiveRun | null {
    try {
      return this.#runs.wake(runId);
    } catch (thrown) {
      this.#standsStill(runId, thrown);
      return null;
    }
  }

  #standsStill(runId: RunId, thrown: unknown): void {
    this.#options.warn(`Run ${runId} cannot be read and stands still: ${toError(thrown).message}`);
  }

  #attemptEnded(): void {
    if (this.#attempts.size > 0) return;
    for (const resolve of this.#drained.splice(0)) resolve();
  }

  #act(run: ActiveRun, effect: Effect): void {
    if (this.#isClosed) return;
    switch (effect.kind) {
      case "startAttempt":
        this.#withStep(run, effect.step, (known, step) => this.#attempts.start(known, step, effect.attempt, effect.deadlineAt));
        return;
      case "stopAttempt":
        if (this.#attempts.stop(run.id, effect.step, effect.attempt, effect.reason)) return;
        this.#withStep(run, effect.step, (known, step) => this.#attempts.adopt(known, step, effect.attempt, null, "kill"));
        return;
      case "setTimer":
        this.#timers.noticed(effect.dueAt);
        return;
      case "makeOutput":
        this.#makeOutput(run);
        return;
      case "complete":
        if (effect.state !== "quarantined") this.#adopted.delete(run.id);
        return;
      case "clearTimer": // The store forgets it with the state that it belonged to.
      case "requestPermit": // Both taken while the turn was decided (L3).
      case "releasePermit":
        return;
    }
  }

  #withStep(run: ActiveRun, stepId: string, then: (run: AttemptRun, step: CompiledWorkflow["steps"][number]) => void): void {
    const step = run.workflow.steps[run.workflow.indexOf.get(stepId) ?? -1];
    const { id, workflow, snapshot } = run;
    if (step !== undefined && snapshot !== null) then({ id, workflow, snapshot }, step);
  }

  #makeOutput(run: ActiveRun): void {
    const { workflow, snapshot } = run;
    if (snapshot === null) return;
    const { result, blobs } = this.#options.runner.makeOutput(workflow, runScope(workflow, sourceOf(snapshot), this.#load));
    this.#deliver(run, `output:${this.epoch}` as CauseId, { type: "run.finished", result }, { blobs });
  }

  /** H2. */
  #recover(): void {
    const { store, adopt, reach } = this.#options;
    if (adopt !== "all") return;
    const active = store.activeRuns();
    if (active.length > 0) reach("in-recovery");
    for (const runId of active) {
      try {
        this.#resume(runId);
      } catch (thrown) {
        this.#standsStill(runId, thrown);
      }
    }
    this.#timers.review();
  }

  /** Asks for all that a stored run waits for, as if it had just been decided. */
  #resume(runId: RunId): void {
    const run = this.#runs.wake(runId);
    const { workflow, snapshot } = run;
    if (snapshot === null) return;
    const { inFlight, effects } = outstanding(workflow, snapshot);
    const { ownership, clock } = this.#options;
    for (const { step: stepId, attempt, deadlineAt, stopping } of inFlight) {
      const step = workflow.steps[workflow.indexOf.get(stepId) ?? -1];
      if (step === undefined) continue;
      const crashed = ownership.previous === "crashed";
      const reattach = (): void =>
        this.#reattach(
          run,
          stepId,
          attempt,
          deadlineAt,
          stopping === "cancel" || step.onEngineCrash === "retry" || step.onEngineCrash === "fail",
        );
      if (!crashed) reattach();
      else
        this.#deliver(
          run,
          `orphaned:${stepId}:${attempt}:${this.epoch}` as CauseId,
          { type: "attempt.orphaned", step: stepId, attempt, epoch: this.epoch },
          { decided: reattach },
        );
    }
    for (const effect of effects) {
      if (effect.kind !== "requestPermit") {
        this.#act(run, effect);
        continue;
      }
      const { tenant, concurrency } = snapshot.start;
      const { step, attempt, priority } = effect;
      this.#dispatcher.request({ runId, step, attempt, tenant, priority, runLimit: concurrency, askedAt: clock.now() });
    }
    this.#loop.nudge();
  }

  #reattach(run: ActiveRun, stepId: string, attempt: number, deadlineAt: number | null, kill: boolean): void {
    this.#withStep(run, stepId, (known, step) => this.#attempts.adopt(known, step, attempt, deadlineAt, kill ? "kill" : "follow"));
  }

  #died(error: Error): void {
    this.#isClosed = true;
    this.#timers[Symbol.dispose]();
    this.#attempts.abandon();
    this.#options.died(error);
  }

  #refuseWhenClosed(): void {
    if (this.#isClosed || this.#loop.isDead) throw new RequestError("ENGINE_STOPPED");
  }
}
