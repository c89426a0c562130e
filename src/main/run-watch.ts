/**
 * Everybody in this process who follows runs (ADR-0027).
 *
 * RW1 One look a moment serves all of them: it finds which runs have moved, and wakes who follows those. The store knows; an engine in this
 *     process tells what it has committed, and then the store is asked now and then only, for what nobody told.
 * RW2 What is new of a run is read and made into events once, however many follow it.
 * RW3 Nothing is queued for anybody. A follower has a place in the journal and reads on from there, so one that is slow costs nothing, and
 *     one that comes back misses nothing (I-6).
 * RW4 While others have no time left on the thread, looks and followers take a bounded share of it: there are fewer of them, with more at
 *     once.
 */
import type { PlacedEvent } from "../contract/placed-event.ts";
import type { RunId, TenantId } from "../core/ids.ts";
import type { TraceParent } from "../core/trace.ts";
import type { RunStart } from "../kernel/cause.ts";
import type { Observer } from "../ports/observer.ts";
import type { StoredEntry, StoreReader } from "../ports/store.ts";
import { createEventChannel, type EventChannel, type EventPage } from "./event-channel.ts";
import { type Looks, startLooks } from "./looks.ts";
import { eventView } from "./views.ts";
import { createTurns } from "./wake-in-turns.ts";
import { ASK_EVERY_MS, createWhoMoved } from "./who-moved.ts";

const PAGE = 1_000;
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
  /** To be told by the engine of this process, if it has one (RW1). */
  readonly observer: Observer;
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
  const turns = createTurns();
  const whoMoved = createWhoMoved(store, { runs, tenants });
  let looks: Looks | null = null;

  const observer: Observer = {
    name: "followers",
    committed(batch) {
      if (looks === null) return;
      whoMoved.tell(batch);
      looks.soon();
    },
  };

  function look(): void {
    const moved = whoMoved.take();
    for (const channel of [...channelsOf(runs, moved.runs), ...channelsOf(tenants, moved.tenants)]) {
      channel.moved();
      turns.add(channel.followers);
    }
    if (moved.isHearsay) looks?.later(ASK_EVERY_MS);
  }

  function begin(): Looks {
    whoMoved.begin();
    return startLooks({ store, look, servedMs: () => turns.spentMs });
  }

  function end(): void {
    looks?.[Symbol.dispose]();
    looks = null;
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
    looks ??= begin();
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
        if (runs.size === 0 && tenants.size === 0) end();
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
    observer,
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
    [Symbol.dispose]() {
      end();
      turns[Symbol.dispose]();
    },
  };
}

function channelsOf<TKey>(all: ReadonlyMap<TKey, EventChannel>, moved: readonly TKey[] | null): readonly EventChannel[] {
  return moved === null ? [...all.values()] : moved.flatMap((key) => all.get(key) ?? []);
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
