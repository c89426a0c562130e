/**
 * The heart of the host. A turn drains every ready mailbox, decides all causes, and writes one transaction; only when that is on
 * disk do effects act and observers hear. The next turn decides while the last one commits, so throughput grows with load.
 *
 * L1 Effects of a decision act after the commit that holds its entries, in order (I-1).
 * L2 Batches commit in the order in which they were decided; what a later one decided on, an earlier one holds.
 * L3 Permits are memory only, so they are asked for and granted while a turn is being decided.
 * L4 After a commit with an unknown outcome nothing acts and nothing is decided: the loop is dead (I-39).
 * L5 A decision that changed nothing may repeat one that is on its way to disk, so its answer waits for that commit (I-43).
 * L6 A decision that met a store which could not be read is none: it is taken again, or the loop dies with its store (I-39).
 */
import type { LoadBlob } from "../../core/blob.ts";
import { toError } from "../../core/errors.ts";
import type { CauseId, Epoch } from "../../core/ids.ts";
import type { Json } from "../../core/json.ts";
import { decide } from "../../kernel/decide.ts";
import type { Effect } from "../../kernel/effect.ts";
import { isAtRest } from "../../kernel/outstanding.ts";
import type { NewBlob } from "../../ports/attempt-runner.ts";
import type { Clock } from "../../ports/clock.ts";
import type { ReachCrashPoint } from "../../ports/crash-points.ts";
import type { CommittedEntry } from "../../ports/observer.ts";
import type { Store } from "../../ports/store.ts";
import type { ActiveRun, ActiveRuns, Mail } from "./active-runs.ts";
import { type Batch, committedIn, createBatch, joinBatch, toCommit } from "./batch.ts";
import type { Dispatcher } from "./dispatcher.ts";

/** Batches that may be on their way to disk while the next is decided. */
const COMMITS_IN_FLIGHT_MAX = 3;
/** Entries after which a turn commits even though more mail waits: bounds the time to the first acknowledgement. */
export const TURN_ENTRIES_MAX = 512;
/** Until what could not be read for the moment is read again. The store has waited for a good while itself by then. */
export const STORE_RETRY_MS = 250;

export interface TurnLoopOptions {
  readonly store: Store;
  readonly epoch: Epoch;
  readonly runs: ActiveRuns;
  readonly dispatcher: Dispatcher;
  readonly clock: Clock;
  readonly load: LoadBlob;
  readonly reach: ReachCrashPoint;
  /** Gets ready for an attempt, before the commit that holds its start; nobody outside may notice. */
  readonly prepare: (run: ActiveRun, effect: Extract<Effect, { kind: "startAttempt" }>) => void;
  /** Acts on one effect, after its commit. */
  readonly act: (run: ActiveRun, effect: Effect) => void;
  readonly publish: (entries: readonly CommittedEntry[]) => void;
  /** The loop has died; nothing will be decided any more. */
  readonly died: (error: Error) => void;
}

export class TurnLoop {
  readonly #options: TurnLoopOptions;
  #ready: ActiveRun[] = [];
  #blobs: NewBlob[] = [];
  /** Values that no reader of the store can see yet, by digest. */
  readonly #fresh = new Map<string, NewBlob>();
  readonly #load: LoadBlob;
  #inFlight = 0;
  #undecided = 0;
  /** The batch that was sent to disk last. */
  #latest: Batch | null = null;
  #isScheduled = false;
  /** The last turn ended at its bound, perhaps with places to hand out. */
  #isPostponed = false;
  #isDead = false;
  #isGranting = true;
  #grants = 0;
  #idleWaiters: (() => void)[] = [];

  constructor(options: TurnLoopOptions) {
    this.#options = options;
    this.#load = (ref) => {
      const fresh = this.#fresh.get(ref.$blob);
      return fresh === undefined ? options.load(ref) : (JSON.parse(fresh.text) as Json); // A blob's text is canonical JSON.
    };
  }

  /** Puts mail into a run's mailbox; it is decided in the next turn. */
  deliver(run: ActiveRun, mail: Mail, blobs: readonly NewBlob[] = []): void {
    run.inbox.push(mail);
    this.#undecided += 1;
    for (const blob of blobs) {
      this.#blobs.push(blob);
      this.#fresh.set(blob.ref.$blob, blob);
    }
    if (!run.isReady) {
      run.isReady = true;
      this.#ready.push(run);
    }
    this.#schedule();
  }

  /** Lets requests for permits that came from outside a decision be looked at. */
  nudge(): void {
    this.#schedule();
  }

  stopGranting(): void {
    this.#isGranting = false;
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  /** Causes that wait in mailboxes. */
  get undecided(): number {
    return this.#undecided;
  }

  /** Resolves when no mail waits and every batch is on disk, or the loop has died. */
  idle(): Promise<void> {
    if (this.#isDead || (this.#inFlight === 0 && this.#ready.length === 0 && !this.#isScheduled)) return Promise.resolve();
    return new Promise((resolve) => this.#idleWaiters.push(resolve));
  }

  #schedule(): void {
    if (this.#isScheduled || this.#isDead || this.#inFlight >= COMMITS_IN_FLIGHT_MAX) return;
    this.#isScheduled = true;
    queueMicrotask(() => {
      this.#isScheduled = false;
      try {
        this.#turn();
      } catch (thrown) {
        this.fail(toError(thrown));
      }
    });
  }

  #turn(): void {
    if (this.#isDead) return;
    const batch = createBatch(this.#blobs);
    this.#blobs = [];
    this.#isPostponed = !this.#drain(batch);
    if (this.#isDead) return;
    if (batch.entries === 0 && batch.letters.length === 0) {
      this.#blobs = batch.blobs;
      if (this.#inFlight > 0 && this.#latest !== null) joinBatch(this.#latest, batch);
      else this.#conclude(batch);
      this.#settleIdle();
      return;
    }
    this.#commit(batch);
    this.#goOn();
  }

  /** Decides all mail there is; permits granted on the way make more of it (L3). False if it stopped at the bound of a turn. */
  #drain(batch: Batch): boolean {
    let position = 0;
    do {
      while (position < this.#ready.length && batch.entries < TURN_ENTRIES_MAX) {
        const run = this.#ready[position++] as ActiveRun; // In range.
        run.isReady = false;
        this.#empty(run, batch);
      }
    } while (batch.entries < TURN_ENTRIES_MAX && this.#grant());
    this.#ready = this.#ready.slice(position);
    return batch.entries < TURN_ENTRIES_MAX;
  }

  #empty(run: ActiveRun, batch: Batch): void {
    const mails = run.inbox.splice(0);
    for (const [index, mail] of mails.entries()) {
      if (this.#decide(run, mail, batch)) continue;
      run.inbox.unshift(...mails.slice(index));
      this.#putOff(run);
      return;
    }
  }

  /** L6. What comes for the run meanwhile joins its mailbox, behind what waits there. */
  #putOff(run: ActiveRun): void {
    const { clock } = this.#options;
    run.isReady = true;
    clock.wakeAt(clock.now() + STORE_RETRY_MS, () => {
      this.#ready.push(run);
      this.#schedule();
    });
  }

  /** Mail that waits needs another turn, and so do free places that the last one had no room to hand out. */
  #goOn(): void {
    if (this.#ready.length > 0 || this.#isPostponed) this.#schedule();
  }

  /** False when nothing could be decided (L6). */
  #decide(run: ActiveRun, mail: Mail, batch: Batch): boolean {
    const decision = decide(run.workflow, run.snapshot, mail.cause, this.#options.clock.now(), this.#load);
    if (decision.refused?.kind === "fenced") this.fail(decision.refused);
    if (decision.refused?.kind === "fenced" || decision.refused?.kind === "transient") return false;
    run.snapshot = decision.snapshot;
    batch.runs.add(run);
    this.#undecided -= 1;
    if (mail.letter !== null) {
      batch.letters.push(mail.letter);
      if (decision.refused !== null) batch.refusals.push({ letter: mail.letter, error: decision.refused.toJSON() });
    }
    if (decision.journal.length > 0) {
      batch.entries += decision.journal.length;
      const known = batch.appended.get(run);
      if (known !== undefined) known.entries.push(...decision.journal);
      else batch.appended.set(run, { runId: run.id, entries: [...decision.journal] });
    }
    for (const effect of decision.effects) this.#take(run, effect, batch);
    const { decided } = mail;
    if (decided !== null) batch.answers.push(() => decided(decision));
    return true;
  }

  #take(run: ActiveRun, effect: Effect, batch: Batch): void {
    const { dispatcher, clock } = this.#options;
    const start = run.snapshot?.start;
    if (effect.kind === "requestPermit" && start !== undefined) {
      const { tenant, concurrency } = start;
      const { step, attempt, priority } = effect;
      dispatcher.request({ runId: run.id, step, attempt, tenant, priority, runLimit: concurrency, askedAt: clock.now() });
    } else if (effect.kind === "releasePermit") {
      dispatcher.release(run.id, effect.step);
    } else {
      batch.effects.push({ run, effect });
    }
  }

  /** Hands out the places that are free; true if there was one to hand out. */
  #grant(): boolean {
    if (!this.#isGranting) return false;
    const { dispatcher, clock, runs } = this.#options;
    const now = clock.now();
    let granted = false;
    for (let request = dispatcher.grant(now); request !== null; request = dispatcher.grant(now)) {
      const run = runs.awake(request.runId);
      if (run === undefined) {
        dispatcher.release(request.runId, request.step);
        continue;
      }
      const { step, attempt } = request;
      this.#grants += 1;
      const id = `permit:${step}:${attempt}:${this.#options.epoch}.${this.#grants}` as CauseId;
      this.deliver(run, { cause: { id, at: now, event: { type: "permit.granted", step, attempt } }, letter: null, decided: null });
      granted = true;
    }
    return granted;
  }

  #commit(batch: Batch): void {
    const { store, epoch, reach, prepare } = this.#options;
    for (const { run, effect } of batch.effects) if (effect.kind === "startAttempt") prepare(run, effect);
    this.#inFlight += 1;
    this.#latest = batch;
    for (const run of batch.appended.keys()) run.uncommitted += 1;
    reach("before-commit");
    store.commit(epoch, toCommit(batch)).then(
      () => this.#committed(batch),
      (thrown: unknown) => this.fail(toError(thrown)),
    );
  }

  #committed(batch: Batch): void {
    this.#inFlight -= 1;
    if (this.#isDead) return;
    try {
      for (const run of batch.appended.keys()) run.uncommitted -= 1;
      for (const blob of batch.blobs) if (this.#fresh.get(blob.ref.$blob) === blob) this.#fresh.delete(blob.ref.$blob);
      this.#options.reach("after-commit");
      this.#conclude(batch);
      this.#goOn();
      this.#settleIdle();
    } catch (thrown) {
      this.fail(toError(thrown));
    }
  }

  /** What a batch stands for is true now: tell, act, answer, and let runs that rest go to sleep. */
  #conclude(batch: Batch): void {
    const { publish, act, reach } = this.#options;
    if (batch.appended.size > 0) publish(committedIn(batch));
    for (const { run, effect } of batch.effects) {
      act(run, effect);
      reach("after-effect");
    }
    for (const answer of batch.answers) answer();
    for (const run of batch.runs) this.#restIfIdle(run);
  }

  #restIfIdle(run: ActiveRun): void {
    if (run.inbox.length > 0 || run.uncommitted > 0) return;
    const { snapshot } = run;
    if (snapshot === null || (isAtRest(snapshot) && !isFinishing(snapshot.run.value))) this.#options.runs.sleep(run);
  }

  /** L4. Said by the host too, when a read shows that the store can no longer be trusted. */
  fail(error: Error): void {
    if (this.#isDead) return;
    this.#isDead = true;
    this.#options.died(error);
    this.#settleIdle();
  }

  #settleIdle(): void {
    if (!this.#isDead && (this.#inFlight > 0 || this.#ready.length > 0 || this.#isScheduled)) return;
    for (const resolve of this.#idleWaiters.splice(0)) resolve();
  }
}

function isFinishing(value: unknown): boolean {
  return typeof value === "object" && value !== null && (value as { running?: string }).running === "finishing";
}
