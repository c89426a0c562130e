/** The engine of a state directory: the embedded host with everything it needs from the machine. */
import { resolve } from "node:path";
import { createSystemClock } from "../adapters/clock-system/clock.ts";
import { FencedError, toError } from "../core/errors.ts";
import type { Digest, RunId } from "../core/ids.ts";
import { createEmbeddedHost } from "../hosts/embedded/host.ts";
import type { EmbeddedHost } from "../hosts/embedded/host-shape.ts";
import type { ReadRun } from "../hosts/embedded/read-run.ts";
import type { RunStart } from "../kernel/cause.ts";
import type { CompiledWorkflow } from "../plan/workflow.ts";
import type { NewBlob } from "../ports/attempt-runner.ts";
import type { BreakerStore } from "../ports/breaker.ts";
import type { Clock } from "../ports/clock.ts";
import type { EngineState } from "../ports/engine-meter.ts";
import type { Observer } from "../ports/observer.ts";
import type { Outbox } from "../ports/outbox.ts";
import type { Ownership, Store } from "../ports/store.ts";
import type { CompiledCache } from "./compiled-cache.ts";
import { crashPointsFrom } from "./crash-points.ts";
import { defaultMaxWorkers } from "./default-workers.ts";
import { encloseAttempts } from "./enclose-attempts.ts";
import { pumpLetters } from "./letters.ts";
import type { Notifications, NotifyMeans, NotifyOptions } from "./notify/shape.ts";
import { isSameStart, mismatch } from "./prepare-run.ts";
import { timeCommits } from "./timed-store.ts";
import type { Workshop } from "./workshop.ts";

export interface EngineOptions {
  readonly store: Store & BreakerStore & Outbox;
  readonly compiled: CompiledCache;
  readonly read: ReadRun;
  readonly workshop: Workshop;
  readonly adopt: "all" | "asked";
  readonly takeover: "if-dead" | "force";
  readonly maxWorkers?: number;
  readonly observers?: readonly Observer[];
  /** Who is told of what; nobody of anything without it. */
  readonly notify?: NotifyOptions;
  readonly warn: (message: string) => void;
  readonly died: (error: Error) => void;
}

/** Engine deaths within this time after which nothing is dispatched by itself (I-20). */
const CRASH_LOOP_WINDOW_MS = 60_000;
const CRASH_LOOP_COUNT = 3;

const KEEP_ALIVE_MS = 60_000;
/** What the end of a process may wait for messages that are on their way (F-45). */
const NOTIFY_GRACE_MS = 3_000;
/** A look at a store that nobody has written to costs some microseconds. */
const FENCE_LOOK_EVERY_MS = 100;

/** Keeps the process alive until it is closed. */
export interface Engine extends AsyncDisposable {
  readonly host: EmbeddedHost;
  readonly isSafeMode: boolean;
  load(): EngineState;
  /** Starts a run once: the same id again is the same run, if definition and input are (I-8). */
  start(workflow: CompiledWorkflow, start: RunStart, blobs: readonly NewBlob[], key: string | undefined): Promise<RunId>;
  /** Stops granting places, waits for what runs until the deadline, and lets go of the store. Asked again, it may only be sooner. */
  suspend(graceMs: number): Promise<void>;
}

/** @throws RequestError STORE_OWNED while another engine lives */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  const { store, compiled, workshop, adopt, warn, died } = options;
  const clock = createSystemClock();
  const ownership = await store.own(options.takeover);
  const isSafeMode = adopt === "all" && isCrashLoop(ownership, clock.now());
  if (isSafeMode)
    warn(
      `The last ${CRASH_LOOP_COUNT} engines of this state directory crashed within a minute: nothing is dispatched. Resume runs one by one.`,
    );
  await workshop.isolation.reconcile((runId) => store.run(runId)?.endedAt === null);
  const meters = (options.observers ?? []).flatMap(({ meter }) => meter ?? []);
  const measuring = new DisposableStack();
  measuring.use(await workshop.breakers.keep(store, ownership.epoch, warn));
  const reach = crashPointsFrom(process.env.TROUPE_CRASH_AT);
  const host = createEmbeddedHost({
    store: timeCommits(store, meters),
    ownership,
    runner: encloseAttempts(workshop.runner, options.observers ?? []),
    clock,
    read: options.read,
    limit: options.maxWorkers ?? defaultMaxWorkers(),
    // In safe mode nothing goes on by itself; a person may still resume runs one by one.
    adopt: isSafeMode ? "asked" : adopt,
    reach,
    died,
    warn,
  });
  for (const observer of options.observers ?? []) host.publisher.subscribe(observer);
  for (const meter of meters) {
    measuring.use(meter.opened(() => readEngine(host, workshop)));
    measuring.use(workshop.breakers.watch((target, state) => meter.breakerChanged(target, state)));
  }
  const notifications = await startNotifications(
    { store, epoch: ownership.epoch, breakers: workshop.breakers, meters, reach, warn },
    options.notify,
  );
  const letters = pumpLetters(store, host, compiled, warn);
  const fence = watchFence(store, ownership.epoch, (error) => host.fail(error));
  // Watches and idle threads let the process end; an engine that is open must not.
  const keepAlive = setInterval(() => {}, KEEP_ALIVE_MS);
  let closing: Promise<void> | null = null;
  const { promise: hurried, resolve: hurry } = Promise.withResolvers<void>();

  async function close(graceMs: number): Promise<void> {
    letters[Symbol.dispose]();
    fence[Symbol.dispose]();
    measuring.dispose();
    clearInterval(keepAlive);
    if (graceMs > 0) await Promise.race([host.drain(clock.now() + graceMs), hurried]);
    await host.close();
    await notifications?.leave(NOTIFY_GRACE_MS);
    await store.disown();
  }

  /** Asked again, it has as much patience as it was given last. It has closed when the store knows, for whoever asked (I-41). */
  function suspend(graceMs: number): Promise<void> {
    if (closing !== null) void host.drain(clock.now() + graceMs).then(hurry);
    closing ??= close(graceMs);
    return closing;
  }

  const keepDefinition = createDefinitionShelf(store, compiled, clock);
  const has = (runId: RunId): boolean => store.run(runId) !== null;
  workshop.children.attach(has, async (workflow, start, blobs) => {
    await keepDefinition(workflow);
    await host.start(workflow, start, { blobs, isChild: true });
    return start.runId;
  });

  return {
    host,
    isSafeMode,
    load: () => readEngine(host, workshop),
    async start(workflow, start, blobs, key) {
      const { runId } = start;
      await keepDefinition(workflow);
      await host.start(workflow, start, { blobs, isNew: key === undefined });
      // Asked after the start, since another one with this key may have come first meanwhile.
      if (key !== undefined && !isSameStart(host.snapshot(runId).snapshot.start, start)) throw mismatch(key, runId);
      return runId;
    },
    suspend,
    [Symbol.asyncDispose]: () => suspend(0),
  };
}

/** Null without rules. What keeps them from being told must not keep runs from going on (I-38). */
async function startNotifications(means: NotifyMeans, how: NotifyOptions | undefined): Promise<Notifications | null> {
  if (how === undefined || how.rules.length === 0) return null;
  try {
    const { openNotifications } = await import("./notify/open-notifications.ts");
    return await openNotifications(means, how);
  } catch (thrown) {
    means.warn(`Nobody is notified: ${toError(thrown).message}`);
    return null;
  }
}

/** A thousand runs of a workflow store its definition once. */
function createDefinitionShelf(store: Store, compiled: CompiledCache, clock: Pick<Clock, "now">) {
  /** On disk, or on their way there. */
  const kept = new Map<Digest, Promise<void>>();
  return (workflow: CompiledWorkflow): Promise<void> => {
    compiled.put(workflow);
    const { hash, name, document, file } = workflow;
    const known = kept.get(hash);
    if (known !== undefined) return known;
    const keeping = store.putDefinition({ hash, name, document, file: resolve(file), createdAt: clock.now() });
    kept.set(hash, keeping);
    keeping.catch(() => kept.delete(hash));
    return keeping;
  };
}

function readEngine(host: EmbeddedHost, workshop: Workshop): EngineState {
  const { running, limit, queueBound } = host.load();
  return { waiting: host.waitingByPriority(), queueBound, running, limit, ...workshop.tools() };
}

/** An engine that commits hears from its commit that another one has taken over (I-10). One that is idle sees it here. */
function watchFence(store: Store, epoch: number, lost: (error: FencedError) => void): Disposable {
  return store.watch(() => {
    try {
      const current = store.epoch();
      if (current !== epoch) lost(new FencedError("EPOCH_LOST", { current, epoch }));
    } catch (thrown) {
      if (!(thrown instanceof FencedError)) throw thrown;
      lost(thrown); // Who cannot read the store any more does not own it either (I-39).
    }
  }, FENCE_LOOK_EVERY_MS);
}

function isCrashLoop({ recentCrashes }: Ownership, now: number): boolean {
  return recentCrashes.filter((at) => now - at < CRASH_LOOP_WINDOW_MS).length >= CRASH_LOOP_COUNT;
}
