/**
 * Everybody in this process who follows runs.
 *
 * RW1 One look at the store a moment serves all of them: it reads which runs have moved, and wakes who follows those.
 * RW2 What is new of a run is read and made into events once, however many follow it.
 * RW3 Nothing is queued for anybody. A follower has a place in the journal and reads on from there, so one that is slow costs nothing, and
 *     one that comes back misses nothing (I-6).
 * RW4 Serving followers takes a bounded share of the thread: under load they are woken less often, with more at once.
 */
import type { PlacedEvent } from "../contract/placed-event.ts";
import type { RunId, TenantId } from "../core/ids.ts";
import type { TraceParent } from "../core/trace.ts";
import type { RunStart } from "../kernel/cause.ts";
import type { StoredEntry, StoreReader } from "../ports/store.ts";
import { createEventChannel, type EventChannel, type EventPage } from "./event-channel.ts";
import { eventView } from "./views.ts";

const PAGE = 1_000;
const LOOK_EVERY_MS = 25;
const KEEP_ALIVE_MS = 60_000;
/** After a look that kept the thread for so long, it is let alone for this many times as long. */
const REST_FACTOR = 3;
/** However long a look took, nobody waits longer than this for the next one. */
const REST_MAX_MS = 500;
/** Traces of runs that are kept for those who follow all runs. */
const TRACES_MAX = 10_000;

/** A follower's hold on what it follows. */
export interface Following extends Disposable {
  /** The next page after a place, whether or not there is anything. */
  after(place: number): EventPage;
  /** Resolves when there may be more; at once when that was so since the last call. */
  changed(): Promise<void>;
}

/** When one of them aborts, nobody need wait any more. */
type Signals = readonly AbortSignal[];

export interface RunWatch extends Disposable {
  /** A page for somebody who does not follow. */
  read(run: RunId, place: number): EventPage;
  /** Places are numbers of the run's entries. */
  follow(run: RunId, signals: Signals): Following;
  /** Places are positions in the store's order. */
  followTenant(tenant: TenantId, signals: Signals): Following;
}

type WatchedStore = Pick<StoreReader, "watch" | "moves" | "lastPosition" | "placedEntries" | "tail" | "entries">;

export function createRunWatch(store: WatchedStore): RunWatch {
  const runs = new Map<RunId, EventChannel>();
  const tenants = new Map<TenantId, EventChannel>();
  const traces = createTraces(store);
  const toEvent = ({ position, runId, tenant, entry }: StoredEntry): PlacedEvent => {
    return { position, event: eventView({ runId, trace: traces(runId) }, tenant, entry) };
  };
  let position = 0;
  let looking: Disposable | null = null;

  function look(): void {
    try {
      const moved = store.moves(position);
      position = moved.position;
      for (const run of moved.lastSeqs.keys()) runs.get(run)?.moved();
      if (moved.lastSeqs.size > 0) for (const channel of tenants.values()) channel.moved();
    } catch {
      // Whoever reads next meets the reason, and can say what it means.
      for (const channel of [...runs.values(), ...tenants.values()]) channel.moved();
    }
  }

  function join<TKey>(channels: Map<TKey, EventChannel>, key: TKey, make: () => EventChannel, signals: Signals): Following {
    const channel = channels.get(key) ?? make();
    channels.set(key, channel);
    let isChanged = false;
    let wakeUp: (() => void) | null = null;
    const note = (): void => {
      isChanged = true;
      wakeUp?.();
    };
    channel.followers.add(note);
    for (const signal of signals) signal.addEventListener("abort", note);
    if (looking === null) {
      position = store.lastPosition();
      looking = lookNowAndThen(store, look);
    }
    return {
      after: (place) => channel.after(place),
      async changed() {
        if (!isChanged && !signals.some(({ aborted }) => aborted)) await new Promise<void>((resolve) => (wakeUp = resolve));
        isChanged = false;
        wakeUp = null;
      },
      [Symbol.dispose]() {
        for (const signal of signals) signal.removeEventListener("abort", note);
        channel.followers.delete(note);
        if (channel.followers.size === 0 && channels.get(key) === channel) channels.delete(key);
        if (runs.size > 0 || tenants.size > 0) return;
        looking?.[Symbol.dispose]();
        looking = null;
      },
    };
  }

  const readRun = (run: RunId, place: number): EventPage => {
    const events = store.placedEntries(run, place, PAGE).map(toEvent);
    return { events, through: events.at(-1)?.event.seq ?? place, isLast: events.length < PAGE };
  };
  const readTenant = (tenant: TenantId, place: number): EventPage => {
    const entries = store.tail(place, PAGE);
    const events = entries.filter((one) => one.tenant === tenant).map(toEvent);
    return { events, through: entries.at(-1)?.position ?? place, isLast: entries.length < PAGE };
  };
  return {
    read: readRun,
    follow(run, signals) {
      const make = (): EventChannel => createEventChannel({ read: (place) => readRun(run, place), placeOf: ({ event }) => event.seq });
      return join(runs, run, make, signals);
    },
    followTenant(tenant, signals) {
      const make = (): EventChannel =>
        createEventChannel({ read: (place) => readTenant(tenant, place), placeOf: (event) => event.position });
      return join(tenants, tenant, make, signals);
    },
    [Symbol.dispose]: () => looking?.[Symbol.dispose](),
  };
}

/** RW4. Keeps the process alive: a watch of the store lets it end, somebody who follows does not. */
function lookNowAndThen(store: Pick<StoreReader, "watch">, look: () => void): Disposable {
  let notBefore = 0;
  let late: NodeJS.Timeout | null = null;
  const lookOnce = (): void => {
    late = null;
    const began = performance.now();
    look();
    // Followers write in microtasks; this comes after them.
    setImmediate(() => {
      const now = performance.now();
      notBefore = now + Math.min(REST_MAX_MS, (now - began) * REST_FACTOR);
    });
  };
  const watch = store.watch(() => {
    const waitMs = notBefore - performance.now();
    if (waitMs <= 0 && late === null) lookOnce();
    else late ??= setTimeout(lookOnce, waitMs);
  }, LOOK_EVERY_MS);
  const keepAlive = setInterval(() => {}, KEEP_ALIVE_MS);
  return {
    [Symbol.dispose]() {
      watch[Symbol.dispose]();
      clearInterval(keepAlive);
      if (late !== null) clearTimeout(late);
    },
  };
}

/** The trace of whoever started a run, which its first entry tells. */
function createTraces(store: Pick<StoreReader, "entries">): (run: RunId) => TraceParent | null {
  const known = new Map<RunId, TraceParent | null>();
  return (run) => {
    const found = known.get(run);
    if (found !== undefined) return found;
    const [created] = store.entries(run, 0, 1);
    const start = created?.data.start as RunStart | undefined; // Written by the kernel as such.
    const trace = start?.trace ?? null;
    known.set(run, trace);
    const [eldest] = known.keys();
    if (known.size > TRACES_MAX && eldest !== undefined) known.delete(eldest);
    return trace;
  };
}
