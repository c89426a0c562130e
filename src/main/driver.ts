/**
 * Gets runs driven. One process owns a state directory; others put their causes into its mailbox and follow the journal, and the
 * first of them to notice that the owner has gone takes over.
 */
import { resolve } from "node:path";
import type { RunView } from "../contract/run-view.ts";
import { isTroupeError, RequestError } from "../core/errors.ts";
import type { Epoch, RunId } from "../core/ids.ts";
import type { Json } from "../core/json.ts";
import { reviveError } from "../core/revive-error.ts";
import type { ReadRun } from "../hosts/embedded/read-run.ts";
import type { CauseEvent, RunStart } from "../kernel/cause.ts";
import { decide } from "../kernel/decide.ts";
import type { CompiledWorkflow } from "../plan/workflow.ts";
import type { NewBlob } from "../ports/attempt-runner.ts";
import type { BreakerStore } from "../ports/breaker.ts";
import type { EngineState } from "../ports/engine-meter.ts";
import type { Outbox } from "../ports/outbox.ts";
import type { Store } from "../ports/store.ts";
import type { CompiledCache } from "./compiled-cache.ts";
import { type Engine, openEngine } from "./engine.ts";
import { isRestState } from "./events.ts";
import { newCauseId, newRunId } from "./ids.ts";
import { packStart } from "./letters.ts";
import { carriedFrom } from "./linked-run.ts";
import { copyJson, isSameStart, mismatch, prepareRun } from "./prepare-run.ts";
import type { DriveOptions, Driver, Relation } from "./project-shape.ts";
import type { TroubleReport } from "./store-trouble.ts";
import type { RunOptions } from "./troupe.ts";
import { Unanswered } from "./unanswered.ts";
import { runView } from "./views.ts";
import { Waiters } from "./waiters.ts";
import type { Workshop } from "./workshop.ts";

export interface DriverOptions extends DriveOptions {
  readonly store: Store & BreakerStore & Outbox;
  readonly compiled: CompiledCache;
  readonly read: ReadRun;
  readonly workshop: Workshop;
  readonly trouble: TroubleReport;
  readonly workspace: string;
  /** Security profile under which all runs that are started here stand. */
  readonly profile: string | null;
  /** The engine here can no longer trust its store (I-39). */
  readonly died?: (error: Error) => void;
}

export async function openDriver(options: DriverOptions): Promise<Driver> {
  const driver = new SharedDriver(options);
  await driver.tryToOwn();
  return driver;
}

class SharedDriver implements Driver {
  readonly #options: DriverOptions;
  readonly #wanted = new Set<RunId>();
  readonly #waiters: Waiters;
  readonly #unanswered = new Unanswered();
  #engine: Engine | null = null;
  #trying: Promise<void> | null = null;
  #isEnding = false;
  #hasEnded = false;

  constructor(options: DriverOptions) {
    this.#options = options;
    if (options.warn !== undefined) options.trouble.listen(options.warn);
    this.#waiters = new Waiters(options.store, () => this.tryToOwn());
  }

  get kind(): "local" | "remote" {
    return this.#engine === null ? "remote" : "local";
  }

  get epoch(): Epoch | null {
    return this.#engine?.host.epoch ?? null;
  }

  get safeMode(): boolean {
    return this.#engine?.isSafeMode ?? false;
  }

  load(): EngineState | null {
    return this.#engine?.load() ?? null;
  }

  /** Becomes the owner if nobody else is; runs wanted here then go on here. */
  tryToOwn(): Promise<void> {
    this.#trying ??= this.#own().finally(() => {
      this.#trying = null;
    });
    return this.#trying;
  }

  async #own(): Promise<void> {
    if (this.#engine !== null) return;
    const {
      store,
      compiled,
      read,
      workshop,
      adopt = "asked",
      takeover = "if-dead",
      maxWorkers,
      observers = [],
      notify,
      warn = () => {},
      died,
    } = this.#options;
    try {
      this.#engine = await openEngine({
        store,
        compiled,
        read,
        workshop,
        adopt,
        takeover,
        warn,
        ...(maxWorkers !== undefined && { maxWorkers }),
        ...(notify !== undefined && { notify }),
        observers: [...observers, this.#waiters.observer],
        died: (error) => {
          this.#waiters.end(error);
          this.#unanswered.end(error);
          died?.(error);
        },
      });
    } catch (error) {
      if (!isTroupeError(error) || error.code !== "STORE_OWNED") throw error;
      return;
    }
    this.#waiters.becameLocal();
    for (const runId of this.#wanted) if (!isRestState(store.run(runId)?.state ?? "failed")) this.#engine.host.adopt(runId);
  }

  warm(workflow: CompiledWorkflow): void {
    if (this.#engine !== null && !this.#isEnding) this.#options.workshop.warm(workflow);
  }

  async start(workflow: CompiledWorkflow, options: RunOptions = {}): Promise<RunId> {
    this.#demandGoing();
    this.warm(workflow);
    const { start, blobs } = prepareRun(workflow, options, this.#options);
    return this.#startPrepared(workflow, start, blobs, options.key);
  }

  async startFrom(runId: RunId, relation: Relation, options: Pick<RunOptions, "cache" | "concurrency" | "priority"> = {}): Promise<RunId> {
    this.#demandGoing();
    const { workflow, snapshot } = this.#options.read(runId);
    if (relation.kind === "retry" && !isRestState(String(snapshot.run.value))) throw new RequestError("RUN_NOT_FINISHED", { run: runId });
    const { start: earlier } = snapshot;
    const { carried, blobs } = carriedFrom(workflow, snapshot, relation, (ref) => this.#options.store.blob(ref));
    const start: RunStart = {
      ...earlier,
      ...(options.cache !== undefined && { cache: options.cache }),
      runId: newRunId(),
      priority: options.priority ?? earlier.priority,
      concurrency: options.concurrency === undefined ? earlier.concurrency : options.concurrency,
      parent: {
        runId,
        relation: relation.kind,
        from: relation.kind === "fork" ? (workflow.steps[workflow.indexOf.get(relation.from) ?? -1]?.id ?? null) : null,
      },
      carried,
    };
    return this.#startPrepared(workflow, start, blobs, undefined);
  }

  async adopt(runId: RunId): Promise<void> {
    this.#demandGoing();
    this.#wanted.add(runId);
    this.#engine?.host.adopt(runId);
  }

  async post(runId: RunId, given: CauseEvent): Promise<void> {
    this.#demandGoing();
    const { store } = this.#options;
    // What people give is a value; references are made by us alone.
    const event = given.type === "step.override" ? { ...given, output: copyJson(given.output as Json, "output") ?? null } : given;
    const causeId = newCauseId(event.type);
    if (this.#engine !== null) return this.#unanswered.until(this.#engine.host.post(runId, causeId, event));
    const { workflow, snapshot } = this.#options.read(runId);
    const { refused } = decide(workflow, snapshot, { id: causeId, at: Date.now(), event }, Date.now(), (ref) => store.blob(ref));
    if (refused !== null) throw refused;
    const letter = await store.post(runId, causeId, Date.now(), event);
    await this.#answerTo(runId, letter);
  }

  /** Resolves when the owner has taken a letter. @throws what it was refused with */
  async #answerTo(runId: RunId, letter: number): Promise<void> {
    const { store } = this.#options;
    await this.#waiters.until(runId, () => store.letterFate(letter).kind !== "waiting");
    const fate = store.letterFate(letter);
    if (fate.kind === "refused") throw reviveError(fate.error);
  }

  async rest(runId: RunId): Promise<RunView> {
    const { store } = this.#options;
    this.#wanted.add(runId);
    await this.#waiters.until(runId, () => isRestState(store.run(runId)?.state ?? ""));
    this.#wanted.delete(runId);
    const { workflow, snapshot } = this.#options.read(runId);
    return runView(workflow, snapshot, {
      attempts: store.attempts(runId),
      createdAt: store.run(runId)?.createdAt ?? 0,
      load: (ref) => store.blob(ref),
    });
  }

  async suspend(graceMs: number): Promise<void> {
    this.#isEnding = true;
    this.#waiters.end(new RequestError("ENGINE_STOPPED"));
    await this.#trying?.catch(() => {}); // An engine that is just coming here must not outlive this.
    if (this.#hasEnded) return; // The store may be closed by now, under an engine that could not let go of it.
    const closing = this.#engine?.suspend(graceMs);
    if (closing !== undefined) await this.#options.trouble.whileWritable(closing, graceMs);
    this.#hasEnded = true;
    this.#unanswered.end(new RequestError("ENGINE_STOPPED"));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.suspend(0);
  }

  async #startPrepared(workflow: CompiledWorkflow, start: RunStart, blobs: readonly NewBlob[], key: string | undefined): Promise<RunId> {
    const { store } = this.#options;
    this.#options.trouble.demandWritable();
    if (this.#engine !== null) return this.#unanswered.until(this.#engine.start(workflow, start, blobs, key));
    this.#wanted.add(start.runId);
    await store.putDefinition({
      hash: workflow.hash,
      name: workflow.name,
      document: workflow.document,
      file: resolve(workflow.file),
      createdAt: Date.now(),
    });
    const packed = packStart(start, blobs, (ref) => store.blob(ref));
    const letter = await store.post(start.runId, newCauseId("create"), Date.now(), { type: "run.create", start: packed });
    await this.#answerTo(start.runId, letter);
    if (key !== undefined && !isSameStart(this.#options.read(start.runId).snapshot.start, start)) throw mismatch(key, start.runId);
    return start.runId;
  }

  #demandGoing(): void {
    if (this.#isEnding) throw new RequestError("ENGINE_STOPPED");
  }
}
