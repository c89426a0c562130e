/**
 * Starts what schedules ask for. It decides, commits and only then acts, and one timer waits for the earliest slot of all.
 *
 * SC1 Only the process whose engine owns the store decides (TR2); the others look now and then whether they have become it.
 * SC2 A slot is decided once, so that neither a crash, nor a clock that goes back, nor two engines start it twice (I-23).
 * SC3 What one schedule does wrong concerns that schedule alone: it is quarantined, and the others go on.
 */
import { isTroupeError, toError } from "../../core/errors.ts";
import type { Epoch, RunId } from "../../core/ids.ts";
import type { Clock } from "../../ports/clock.ts";
import type { CronTimes } from "../../ports/cron.ts";
import type { StoreReader } from "../../ports/store.ts";
import type { NewSlot, ScheduleRow, SlotOutcome, SlotRow, TriggerStore } from "../../ports/triggers.ts";
import { dueSlots } from "../../runtime/schedules/due-slots.ts";
import { actOnSlots, type SlotActions, type SlotResult } from "./act-on-slots.ts";
import { keyText, loadTable, nameOf, nextTime, type ReadTriggers, ruleText, type ScheduleEntry } from "./schedule-table.ts";

/** How long it sleeps at most: a clock that was set, and an engine that came here, are noticed by then. */
const LOOK_EVERY_MS = 30_000;
/** After an engine that took nothing more. */
const BUSY_PAUSE_MS = 1_000;
/** A look at a store that has changed: what was deployed or stopped, and runs that others wait for. */
const WATCH_EVERY_MS = 250;
/** Schedules that are decided by one transaction, and acted on at once. */
const AT_ONCE = 200;

export interface SchedulerOptions {
  readonly store: TriggerStore & Pick<StoreReader, "run" | "watch">;
  readonly clock: Clock;
  readonly times: CronTimes;
  readonly read: ReadTriggers;
  /** Of the engine in this process; null while another one owns the store. */
  readonly epoch: () => Epoch | null;
  readonly start: (entry: ScheduleEntry, slotAt: number) => Promise<RunId>;
  readonly cancel: (run: RunId, by: string, reason: string) => Promise<void>;
  readonly warn: (message: string) => void;
  /** Told of every slot whose outcome is final, once it is on disk. */
  readonly settled?: (outcome: SlotOutcome) => void;
}

export interface Scheduler extends AsyncDisposable {
  /** Resolves when everything that is due by now has been decided and acted on. */
  caughtUp(): Promise<void>;
}

const FINAL: ReadonlySet<string> = new Set(["succeeded", "failed", "canceled"]);

export function createScheduler(options: SchedulerOptions): Scheduler {
  return new SlotScheduler(options);
}

class SlotScheduler implements Scheduler {
  readonly #options: SchedulerOptions;
  readonly #actions: SlotActions;
  readonly #watch: Disposable;
  #table: ReadonlyMap<string, ScheduleEntry> = new Map();
  #revision: number | null = null;
  /** There may be slots that are decided and not final. */
  #hasOpen = true;
  #lastNow: number;
  #alarm: Disposable | null = null;
  #turning: Promise<void> | null = null;
  #isPoked = false;
  #isClosed = false;

  constructor(options: SchedulerOptions) {
    const { store, start, cancel, clock } = options;
    this.#options = options;
    this.#lastNow = clock.now();
    this.#actions = {
      start,
      cancel,
      startedBy: ({ key }, limit) => store.startedBy(key, limit),
      openState(run) {
        const state = store.run(run)?.state;
        return state === undefined || FINAL.has(state) ? null : state;
      },
    };
    this.#watch = store.watch(() => {
      if (this.#hasOpen || this.#hasChanged()) this.#poke();
    }, WATCH_EVERY_MS);
    this.#poke();
  }

  async caughtUp(): Promise<void> {
    this.#poke();
    while (this.#turning !== null) await this.#turning;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#watch[Symbol.dispose]();
    this.#alarm?.[Symbol.dispose]();
    while (this.#turning !== null) await this.#turning;
  }

  #poke(): void {
    if (this.#isClosed) return;
    this.#isPoked = true;
    this.#turning ??= this.#turns().finally(() => {
      this.#turning = null;
      if (this.#isPoked) this.#poke(); // Somebody came while it was about to end.
    });
  }

  async #turns(): Promise<void> {
    const { clock, warn } = this.#options;
    let pauseMs = LOOK_EVERY_MS;
    while (this.#isPoked && !this.#isClosed) {
      this.#isPoked = false;
      this.#alarm?.[Symbol.dispose]();
      try {
        pauseMs = await this.#turn();
      } catch (thrown) {
        // Whoever else uses the store says what is wrong with it; a fenced engine has nothing to decide any more.
        const error = toError(thrown);
        if (!(isTroupeError(error) && error.kind === "fenced")) warn(`Schedules could not be looked at: ${error.message}`);
        pauseMs = LOOK_EVERY_MS;
      }
    }
    if (!this.#isClosed) this.#alarm = clock.wakeAt(Math.max(clock.now() + 1, this.#wakeTime(pauseMs)), () => this.#poke());
  }

  #wakeTime(pauseMs: number): number {
    let at = this.#options.clock.now() + pauseMs;
    if (this.#options.epoch() !== null) for (const { nextAt } of this.#table.values()) if (nextAt !== null && nextAt < at) at = nextAt;
    return at;
  }

  /** Answers how long to sleep at most. */
  async #turn(): Promise<number> {
    const { store, clock } = this.#options;
    const epoch = this.#options.epoch();
    if (epoch === null) {
      this.#hasOpen = true; // Whoever owns the store now may leave some.
      this.#revision = null;
      return LOOK_EVERY_MS;
    }
    const now = clock.now();
    const wentBack = now < this.#lastNow;
    this.#lastNow = now;
    const revision = store.triggersRevision();
    if (revision !== this.#revision || wentBack) await this.#load(epoch, now, wentBack);
    this.#revision = revision;
    await this.#decide(epoch, now);
    return this.#hasOpen && (await this.#act(epoch)) ? BUSY_PAUSE_MS : LOOK_EVERY_MS;
  }

  /** A deployment that came after a quarantine is what was waited for; times that cannot be computed are a reason for one. */
  async #load(epoch: Epoch, now: number, isAnew: boolean): Promise<void> {
    const { store } = this.#options;
    const { table, fresh, gone } = await loadTable(this.#options, now, isAnew ? new Map() : this.#table);
    this.#table = table;
    // Known from now on, so that a version that comes later takes no slot away that was missed before it.
    if (fresh.length + gone.length > 0) await store.decideSlots(epoch, { decidedAt: now, gone, schedules: fresh.map(rowOf), slots: [] });
    for (const entry of table.values()) {
      const { stop, workflow, problem, key } = entry;
      if (stop === null && problem !== null) await this.#quarantine(entry, problem);
      if (stop?.kind !== "quarantined" || workflow.deployedAt <= stop.at) continue;
      await store.stopSchedule({ ...rowOf(entry), decidedUntil: now }, null, `schedule:${nameOf(key)}`);
      this.#isPoked = true;
    }
  }

  async #quarantine(entry: ScheduleEntry, reason: string): Promise<void> {
    const { store, warn } = this.#options;
    const by = `schedule:${nameOf(entry.key)}`;
    if (await store.stopSchedule(rowOf(entry), { kind: "quarantined", by, reason }, by))
      warn(`The schedule ${nameOf(entry.key)} of tenant ${entry.key.tenant} is quarantined: ${reason}`);
    this.#isPoked = true; // Its row is another one now.
  }

  async #decide(epoch: Epoch, now: number): Promise<void> {
    const { store, times, settled } = this.#options;
    const due = [...this.#table.values()].filter(({ nextAt }) => nextAt !== null && nextAt <= now);
    for (let from = 0; from < due.length; from += AT_ONCE) {
      const part = due.slice(from, from + AT_ONCE);
      const slots = part.flatMap((entry) => this.#slotsOf(entry, now));
      const schedules = part.map((entry) => ({ ...rowOf(entry), decidedUntil: now }));
      const fresh = await store.decideSlots(epoch, { decidedAt: now, gone: [], schedules, slots });
      for (const entry of part) {
        entry.decidedUntil = now;
        entry.nextAt = nextTime(times, entry.trigger, now).at;
      }
      for (const { outcome } of fresh) if (outcome !== "due") settled?.(outcome);
      this.#hasOpen ||= fresh.some(({ outcome }) => outcome === "due");
      if (part.length === AT_ONCE) await new Promise<void>((resolve) => setImmediate(resolve));
    }
  }

  #slotsOf({ key, trigger, workflow, decidedUntil, nextAt }: ScheduleEntry, now: number): readonly NewSlot[] {
    // A clock that was ahead has decided what is still to come; those rows are there, and nothing comes of deciding them again (TR1).
    const state = { rule: trigger, catchup: trigger.catchup, decidedUntil: Math.min(decidedUntil, (nextAt ?? now) - 1) };
    const slots = dueSlots(state, now, this.#options.times);
    return slots.map(({ at, outcome, reason }) => ({ ...key, slotAt: at, outcome, version: workflow.version, reason }));
  }

  /** Answers whether some must be tried again soon. */
  async #act(epoch: Epoch): Promise<boolean> {
    const { store, settled: told } = this.#options;
    const groups = [...Map.groupBy(store.openSlots(), keyText)];
    this.#hasOpen = groups.length > 0;
    for (let from = 0; from < groups.length; from += AT_ONCE) {
      const part = groups.slice(from, from + AT_ONCE);
      const results = await Promise.all(part.map(([name, slots]) => this.#actSafely(name, slots)));
      const settled = results.flatMap((result) => result.settled);
      if (settled.length > 0) await store.settleSlots(epoch, settled);
      for (const { outcome } of settled) if (outcome !== "queued") told?.(outcome);
      for (const [index, { quarantine }] of results.entries()) {
        const entry = this.#table.get(part[index]?.[0] ?? "");
        if (quarantine !== null && entry !== undefined) await this.#quarantine(entry, quarantine);
      }
      if (results.some(({ isBusy }) => isBusy)) return true;
    }
    return false;
  }

  /** An error that nobody thought of stays with its schedule (SC3). */
  async #actSafely(name: string, slots: readonly SlotRow[]): Promise<SlotResult> {
    try {
      return await actOnSlots(this.#table.get(name), slots, this.#actions);
    } catch (thrown) {
      return { settled: [], quarantine: toError(thrown).message, isBusy: false };
    }
  }

  #hasChanged(): boolean {
    try {
      return this.#options.store.triggersRevision() !== this.#revision;
    } catch {
      return true; // The turn that comes says what is wrong.
    }
  }
}

function rowOf({ key, trigger, decidedUntil }: ScheduleEntry): Omit<ScheduleRow, "stop"> {
  return { ...key, rule: ruleText(trigger), decidedUntil };
}
