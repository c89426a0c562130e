import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { RunId } from "../../core/ids.ts";
import type { CauseEvent } from "../../kernel/cause.ts";
import type { Clock } from "../../ports/clock.ts";
import type { DueTimer } from "../../ports/store.ts";
import { createTimers, IGNORED_FOR_MS, TIMERS_AT_ONCE, type Timers } from "./timers.ts";

const RUN = "run_1" as RunId;

/** A clock that is moved by hand, and a store of timers that forgets one when its decision is on disk. */
class Rig {
  now = 1_000;
  readonly stored: DueTimer[] = [];
  readonly fired: { readonly timer: string; readonly at: number }[] = [];
  /** Timers that the run ignores: they stay in the store. */
  readonly ignored = new Set<string>();
  /** Largest number of timers that were on their way at one time. */
  most = 0;
  readonly timers: Timers;
  readonly #alarms = new Set<{ readonly at: number; readonly wake: () => void }>();
  readonly #undecided: (() => void)[] = [];
  scope: readonly RunId[] | null = null;
  /** Thrown by every read of the store while it is set. */
  unreadable: Error | null = null;
  readonly failures: Error[] = [];

  constructor() {
    const clock: Clock = {
      now: () => this.now,
      wakeAt: (at, wake) => {
        const alarm = { at, wake };
        this.#alarms.add(alarm);
        return { [Symbol.dispose]: () => void this.#alarms.delete(alarm) };
      },
    };
    const inScope = ({ runId }: DueTimer, runs: readonly RunId[] | null): boolean => runs === null || runs.includes(runId);
    this.timers = createTimers({
      clock,
      reader: {
        dueTimers: (until, limit, runs) => {
          if (this.unreadable !== null) throw this.unreadable;
          return this.stored
            .filter((timer) => timer.dueAt <= until && inScope(timer, runs))
            .sort((one, other) => one.dueAt - other.dueAt)
            .slice(0, limit);
        },
        nextDueAt: (runs) => {
          const due = this.stored.filter((timer) => inScope(timer, runs)).map(({ dueAt }) => dueAt);
          return due.length === 0 ? null : Math.min(...due);
        },
      },
      fire: (runId, _causeId, event, decided) => this.#fire(runId, event, decided),
      scope: () => this.scope,
      failed: (error) => this.failures.push(error),
    });
  }

  get alarms(): number {
    return this.#alarms.size;
  }

  set(timer: string, dueAt: number, runId = RUN): void {
    this.stored.push({ runId, actor: "s", timer, dueAt });
    this.timers.noticed(dueAt);
  }

  /** Commits what is on its way: the store forgets those timers, and the host hears of it. */
  commit(): void {
    for (const decided of this.#undecided.splice(0)) decided();
  }

  /** Moves time on, ringing every alarm on the way at its time. */
  pass(ms: number): void {
    const until = this.now + ms;
    for (;;) {
      const [next] = [...this.#alarms].filter(({ at }) => at <= until).sort((one, other) => one.at - other.at);
      if (next === undefined) break;
      this.#alarms.delete(next);
      this.now = Math.max(this.now, next.at);
      next.wake();
      this.commit();
    }
    this.now = until;
  }

  #fire(_runId: RunId, event: CauseEvent, decided: () => void): void {
    if (event.type !== "timer.fired") throw new Error("only timers fire here");
    const { timer } = event;
    this.fired.push({ timer, at: this.now });
    this.#undecided.push(() => {
      const index = this.stored.findIndex((one) => one.timer === timer);
      if (index >= 0 && !this.ignored.has(timer)) this.stored.splice(index, 1);
      decided();
    });
    this.most = Math.max(this.most, this.#undecided.length);
  }
}

describe("timers", () => {
  test("fire once, at their time and not before (T1)", () => {
    const rig = new Rig();
    rig.set("a", 1_500);
    rig.pass(499);
    expect(rig.fired).toEqual([]);
    rig.pass(1);
    rig.pass(10_000);
    expect(rig.fired).toEqual([{ timer: "a", at: 1_500 }]);
    expect(rig.alarms).toBe(0);
  });

  test("never fire early nor twice, whatever their number and order (T1, I-21)", () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 500 }), { maxLength: 40 }), fc.array(fc.nat({ max: 60 }), { maxLength: 20 }), (delays, steps) => {
        const rig = new Rig();
        for (const [index, delay] of delays.entries()) rig.set(`t${index}`, 1_000 + delay);
        for (const ms of steps) rig.pass(ms);
        rig.pass(1_000);
        expect(rig.fired.map(({ timer }) => timer).toSorted()).toEqual(delays.map((_, index) => `t${index}`).toSorted());
        for (const { timer, at } of rig.fired) expect(at).toBe(1_000 + (delays[Number(timer.slice(1))] ?? 0));
      }),
    );
  });

  test("that are overdue fire in the order in which they were due (T2)", () => {
    const rig = new Rig();
    for (const [timer, dueAt] of [
      ["c", 30],
      ["a", 10],
      ["b", 20],
    ] as const)
      rig.stored.push({ runId: RUN, actor: "s", timer, dueAt });
    rig.timers.review();
    expect(rig.fired.map(({ timer }) => timer)).toEqual(["a", "b", "c"]);
  });

  test("one that is sooner takes the alarm over", () => {
    const rig = new Rig();
    rig.set("late", 9_000);
    rig.set("soon", 2_000);
    rig.set("later", 12_000);
    expect(rig.alarms).toBe(1);
    rig.pass(1_000);
    expect(rig.fired).toEqual([{ timer: "soon", at: 2_000 }]);
    rig.pass(20_000);
    expect(rig.fired.map(({ timer }) => timer)).toEqual(["soon", "late", "later"]);
  });

  test("far in the future wait for their time", () => {
    const rig = new Rig();
    const year = 365 * 86_400_000;
    rig.set("far", 1_000 + year);
    rig.pass(year - 1);
    expect(rig.fired).toEqual([]);
    rig.pass(1);
    expect(rig.fired).toHaveLength(1);
  });

  test("that are due at once, ten thousand of them, come in bounded batches and all of them once", () => {
    const rig = new Rig();
    for (let index = 0; index < 10_000; index++) rig.stored.push({ runId: RUN, actor: "s", timer: `t${index}`, dueAt: index % 7 });
    rig.timers.review();
    for (let round = 0; round < 20; round++) rig.commit();
    expect(new Set(rig.fired.map(({ timer }) => timer)).size).toBe(10_000);
    expect(rig.fired).toHaveLength(10_000);
    expect(rig.most).toBe(TIMERS_AT_ONCE);
  });

  test("on their way are not fired again by another look", () => {
    const rig = new Rig();
    rig.set("a", 1_000);
    rig.timers.review();
    rig.timers.review();
    rig.pass(0);
    expect(rig.fired).toHaveLength(1);
  });

  test("set while others are on their way are not lost", () => {
    const rig = new Rig();
    rig.set("a", 1_000);
    rig.timers.review();
    rig.set("b", 1_000);
    rig.commit();
    rig.pass(0);
    expect(rig.fired.map(({ timer }) => timer)).toEqual(["a", "b"]);
  });

  test("that their run ignores are offered again in a while, never in a loop, and keep nobody else waiting for long (T3)", () => {
    const rig = new Rig();
    rig.ignored.add("stale");
    rig.set("stale", 1_000);
    rig.set("good", 1_400);
    rig.pass(10 * IGNORED_FOR_MS);
    const offers = rig.fired.filter(({ timer }) => timer === "stale");
    expect(offers.length).toBeGreaterThan(5);
    expect(offers.length).toBeLessThan(13);
    const good = rig.fired.filter(({ timer }) => timer === "good");
    expect(good).toHaveLength(1);
    expect((good[0]?.at ?? 0) - 1_400).toBeLessThanOrEqual(IGNORED_FOR_MS);
  });

  test("of a store that cannot be read for a while fire when it can; that it could not is told", () => {
    const rig = new Rig();
    rig.set("late", 1_000);
    rig.unreadable = new Error("disk I/O error");
    rig.pass(1_000 + 2 * IGNORED_FOR_MS);
    expect(rig.fired).toEqual([]);
    expect(rig.failures).toEqual(Array(rig.failures.length).fill(rig.unreadable));
    expect(rig.failures.length).toBeGreaterThan(1);
    rig.unreadable = null;
    rig.pass(IGNORED_FOR_MS);
    expect(rig.fired.map(({ timer }) => timer)).toEqual(["late"]);
  });

  test("of other runs are left alone where only some are driven here", () => {
    const rig = new Rig();
    rig.scope = [RUN];
    rig.set("theirs", 1_000, "run_2" as RunId);
    rig.set("ours", 1_100);
    rig.pass(5_000);
    expect(rig.fired.map(({ timer }) => timer)).toEqual(["ours"]);
  });

  test("are silent after disposal", () => {
    const rig = new Rig();
    rig.set("a", 2_000);
    rig.timers[Symbol.dispose]();
    rig.timers.review();
    rig.timers.noticed(1_500);
    rig.pass(5_000);
    expect(rig.fired).toEqual([]);
    expect(rig.alarms).toBe(0);
  });
});
