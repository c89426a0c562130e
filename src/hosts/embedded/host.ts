/**
 * The embedded host: drives the runs of one store in one process.
 *
 * H1 What `start` and `post` have answered is on disk (I-43).
 * H2 At the start every adopted run goes on from its journal; attempts that were in flight are asked after, never assumed (I-14).
 * H3 `close` loses nothing: what still runs outside is left to the next engine, what runs inside is started again by it.
 * H4 A run whose journal cannot be read stands still and is reported; the others go on.
 */
import type { LoadBlob } from "../../core/blob.ts";
import { isTroupeError, RequestError, TransientError, toError } from "../../core/errors.ts";
import type { CauseId, Epoch, RunId } from "../../core/ids.ts";
import type { CauseEvent, RunStart } from "../../kernel/cause.ts";
import type { Decision } from "../../kernel/decide.ts";
import type { Effect } from "../../kernel/effect.ts";
import type { RunSnapshot } from "../../kernel/snapshot.ts";
import type { CompiledWorkflow } from "../../plan/workflow.ts";
import type { NewBlob } from "../../ports/attempt-runner.ts";
import { type ActiveRun, createActiveRuns, stepOf } from "./active-runs.ts";
import { type AttemptRun, type Attempts, createAttempts } from "./attempts.ts";
import { type Children, createChildren, type ParentStep } from "./children.ts";
import { AGING_MS_DEFAULT, Dispatcher } from "./dispatcher.ts";
import type { EmbeddedHost, EmbeddedHostOptions, HostLoad, StartOptions } from "./host-shape.ts";
import { createPublisher, type Publisher } from "./publisher.ts";
import { createRecovery, type Recovery } from "./recovery.ts";
import { createRunOutput } from "./run-output.ts";
import { createRunWaker, type RunWaker } from "./run-waker.ts";
import { createTimers } from "./timers.ts";
import { TurnLoop } from "./turn-loop.ts";

/** Requests for a place and undecided causes that may wait before new runs are refused; refusing begins at `BACKPRESSURE_RATIO` of it. */
const QUEUE_BOUND_DEFAULT = 10_000;
const BACKPRESSURE_RATIO = 0.8;

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
  readonly #children: Children;
  readonly #waker: RunWaker;
  readonly #recovery: Recovery;
  readonly #makeOutput: (run: ActiveRun) => void;
  readonly #loop: TurnLoop;
  readonly #adopted = new Set<RunId>();
  #drained: (() => void)[] = [];
  #isClosed = false;

  constructor(options: EmbeddedHostOptions) {
    const { store, ownership, runner, clock, read, limit, reach, warn } = options;
    this.#options = options;
    this.epoch = ownership.epoch;
    this.#load = (ref) => this.#read(() => store.blob(ref));
    this.#runs = createActiveRuns(read);
    this.#waker = createRunWaker(this.#runs, warn, (error) => this.#failIfFenced(error));
    this.#dispatcher = new Dispatcher({ limit, agingMs: options.agingMs ?? AGING_MS_DEFAULT });
    this.publisher = createPublisher((name, error) => warn(`The observer ${name} failed and its failures are ignored: ${error.message}`));
    this.#attempts = createAttempts({
      runner,
      epoch: this.epoch,
      load: this.#load,
      deliver: (runId, causeId, event, blobs) => this.#settle(runId, causeId, event, blobs),
      ended: () => this.#attemptEnded(),
    });
    this.#children = createChildren({
      reader: store,
      snapshotOf: (runId) => this.snapshot(runId),
      deliver: (runId, causeId, event) => {
        const run = this.#waker.wake(runId);
        if (run !== null) this.#deliver(run, causeId, event);
      },
    });
    this.#timers = createTimers({
      reader: store,
      clock,
      fire: (runId, causeId, event, decided) => {
        const run = this.#waker.wake(runId);
        if (run === null) decided();
        else this.#deliver(run, causeId, event, { decided });
      },
      scope: () => (options.adopt === "all" ? null : [...this.#adopted]),
      failed: (error) => this.#failIfFenced(error),
    });
    this.#loop = new TurnLoop({
      store,
      epoch: this.epoch,
      runs: this.#runs,
      dispatcher: this.#dispatcher,
      clock,
      load: this.#load,
      reach,
      prepare: (run, { step: id, attempt }) => this.#withStep(run, id, (known, step) => this.#attempts.prepare(known, step, attempt)),
      act: (run, effect) => this.#act(run, effect),
      publish: (entries) => this.publisher.publish(entries),
      died: (error) => this.#died(error),
    });
    this.#makeOutput = createRunOutput({
      runner,
      clock,
      epoch: this.epoch,
      load: this.#load,
      deliver: (run, causeId, event, blobs) => this.#deliver(run, causeId, event, { blobs }),
    });
    this.#recovery = createRecovery({
      runs: this.#runs,
      waker: this.#waker,
      attempts: this.#attempts,
      children: this.#children,
      dispatcher: this.#dispatcher,
      ownership,
      clock,
      deliver: (run, causeId, event, decided) => this.#deliver(run, causeId, event, { decided }),
      act: (run, effect) => this.#act(run, effect),
      asked: () => this.#loop.nudge(),
    });
    this.#recover();
  }

  async start(workflow: CompiledWorkflow, start: RunStart, how: StartOptions = {}): Promise<void> {
    const { blobs = [], letter = null, isNew = false, isChild = false } = how;
    const { runId } = start;
    this.#refuseWhenClosed();
    let run = this.#runs.awake(runId);
    if (run === undefined && !isNew && this.#options.store.run(runId) !== null) run = this.#runs.wake(runId);
    if (run === undefined) {
      if (!isChild) this.#demandRoom();
      this.#adopted.add(runId);
      run = this.#runs.add(runId, workflow);
    } else this.adopt(runId);
    await this.#ask(run, `create:${runId}` as CauseId, { type: "run.create", start }, letter, blobs);
  }

  async post(runId: RunId, causeId: CauseId, event: CauseEvent, letter?: number): Promise<void> {
    this.#refuseWhenClosed();
    this.adopt(runId);
    await this.#ask(this.#runs.wake(runId), causeId, event, letter ?? null);
  }

  adopt(runId: RunId): void {
    if (this.#options.adopt === "all" || this.#adopted.has(runId)) return;
    this.#recovery.resume(runId);
    this.#adopted.add(runId);
    this.#timers.review();
  }

  fail(error: Error): void {
    this.#loop.fail(error);
  }

  snapshot(runId: RunId): { readonly workflow: CompiledWorkflow; readonly snapshot: RunSnapshot } {
    const awake = this.#runs.awake(runId);
    if (awake?.snapshot) return { workflow: awake.workflow, snapshot: awake.snapshot };
    return this.#options.read(runId);
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
    const run = this.#waker.wake(runId);
    if (run !== null) this.#deliver(run, causeId, event, { blobs });
  }

  /** A store that fails for good takes the host with it, whoever reads (I-39). */
  #read<TValue>(read: () => TValue): TValue {
    try {
      return read();
    } catch (thrown) {
      this.#failIfFenced(toError(thrown));
      throw thrown;
    }
  }

  #failIfFenced(error: Error): void {
    if (isTroupeError(error) && error.kind === "fenced") this.#loop.fail(error);
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
      case "park":
        if (effect.parking.kind === "run") this.#watch(effect.parking.runId, { runId: run.id, step: effect.step, attempt: effect.attempt });
        return;
      case "unpark":
        if (effect.parking.kind === "run") this.#children.unwatch(effect.parking.runId);
        return;
      case "complete":
        if (effect.state === "quarantined") return;
        this.#adopted.delete(run.id);
        this.#children.ended(run.id);
        return;
      case "clearTimer": // The store forgets it with the state that it belonged to.
      case "requestPermit": // Both taken while the turn was decided (L3).
      case "releasePermit":
        return;
    }
  }

  /** A child goes on with whoever owns its parent. */
  #watch(child: RunId, parent: ParentStep): void {
    this.#children.watch(child, parent);
    if (this.#options.adopt !== "all" && this.#options.store.run(child) !== null) this.adopt(child);
  }

  #withStep(run: ActiveRun, stepId: string, then: (run: AttemptRun, step: CompiledWorkflow["steps"][number]) => void): void {
    const step = stepOf(run, stepId);
    const { id, workflow, snapshot } = run;
    if (step !== undefined && snapshot !== null) then({ id, workflow, snapshot }, step);
  }

  /** H2. */
  #recover(): void {
    const { store, adopt, reach } = this.#options;
    if (adopt !== "all") return;
    const active = store.activeRuns();
    if (active.length > 0) reach("in-recovery");
    this.#recovery.resumeAll(active);
    this.#timers.review();
  }

  #demandRoom(): void {
    const depth = this.#dispatcher.load().waiting + this.#loop.undecided;
    const bound = this.#options.queueBound ?? QUEUE_BOUND_DEFAULT;
    if (depth >= bound * BACKPRESSURE_RATIO) throw new TransientError("BACKPRESSURE", { depth, bound });
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
