import { afterEach, describe, expect, test } from "vitest";
import { ManualClock } from "../../../test/support/manual-clock.ts";
import { createCronTimes } from "../../adapters/cron-croner/times.ts";
import { openStore, type SqliteStore } from "../../adapters/store-sqlite/store.ts";
import { DefinitionError, FencedError, TransientError } from "../../core/errors.ts";
import type { Digest, Epoch, TenantId } from "../../core/ids.ts";
import type { JsonObject } from "../../core/json.ts";
import { triggersOf } from "../../definition/index.ts";
import { digestOf, runIdOfKey } from "../ids.ts";
import { nameOf } from "./schedule-table.ts";
import { createScheduler, type Scheduler, type SchedulerOptions } from "./scheduler.ts";

const TENANT = "default" as TenantId;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const key = (workflow: string, schedule = "1") => ({ tenant: TENANT, workflow, schedule });

class Bench {
  readonly clock: ManualClock;
  /** `workflow/schedule slot`, each time that a run was asked for. */
  readonly starts: string[] = [];
  readonly warnings: string[] = [];
  readonly outcomes: string[] = [];
  readonly store: SqliteStore;
  epoch: Epoch | null;
  fail: (name: string) => Error | null = () => null;
  #scheduler: Scheduler | null = null;

  private constructor(clock: ManualClock, store: SqliteStore, epoch: number) {
    this.clock = clock;
    this.store = store;
    this.epoch = epoch as Epoch;
  }

  static async open(at: string): Promise<Bench> {
    const clock = new ManualClock(Date.parse(at));
    const store = await openStore({ directory: "", durability: "full", memory: true, now: () => clock.now() });
    const { epoch } = await store.own("if-dead");
    const bench = new Bench(clock, store, epoch);
    benches.push(bench);
    return bench;
  }

  async deploy(name: string, on: JsonObject): Promise<void> {
    const document = { name, on, steps: [] };
    const definition = { hash: digestOf(JSON.stringify([name, on])) as Digest, name, document, file: name, createdAt: 0 };
    await this.store.deploy({ tenant: TENANT, definition, source: JSON.stringify(document), title: null, steps: 1, by: "ada" });
  }

  daily(name: string, more: JsonObject = {}): Promise<void> {
    return this.deploy(name, { schedule: [{ cron: "0 6 * * *", ...more }] });
  }

  get scheduler(): Scheduler {
    const options: SchedulerOptions = {
      store: this.store,
      clock: this.clock,
      times: createCronTimes(),
      read: triggersOf,
      epoch: () => this.epoch,
      start: async (entry, slotAt) => {
        const name = nameOf(entry.key);
        const error = this.fail(name);
        if (error !== null) throw error;
        this.starts.push(`${name} ${new Date(slotAt).toISOString().slice(0, 16)}`);
        return runIdOfKey(TENANT, `${name} ${slotAt}`);
      },
      cancel: async () => {},
      warn: (message) => void this.warnings.push(message),
      settled: (outcome) => void this.outcomes.push(outcome),
    };
    this.#scheduler ??= createScheduler(options);
    return this.#scheduler;
  }

  /** In steps as small as an engine's looks. */
  async pass(ms: number, step = 30_000): Promise<void> {
    await this.scheduler.caughtUp();
    for (let left = ms; left > 0; left -= step) {
      this.clock.pass(Math.min(step, left));
      await this.scheduler.caughtUp();
    }
  }

  /** Nobody is there meanwhile. */
  async down(ms: number): Promise<void> {
    await this.stop();
    this.clock.set(this.clock.now() + ms);
    await this.scheduler.caughtUp();
  }

  async stop(): Promise<void> {
    await this.#scheduler?.[Symbol.asyncDispose]();
    this.#scheduler = null;
  }

  async close(): Promise<void> {
    await this.stop();
    await this.store[Symbol.asyncDispose]();
  }

  slots(workflow: string, schedule = "1"): readonly string[] {
    return this.store
      .slots(key(workflow, schedule), 1_000)
      .map(({ slotAt, outcome }) => `${new Date(slotAt).toISOString().slice(0, 16)} ${outcome}`)
      .reverse();
  }
}

const benches: Bench[] = [];
afterEach(async () => {
  for (const bench of benches.splice(0)) await bench.close();
});

describe("slots of a day on which clocks change (I-23)", () => {
  test.each([
    ["Europe/Berlin", "2026-03-28T12:00Z", "30 2 * * *", ["2026-03-29T01:00", "2026-03-30T00:30"]],
    ["Europe/Berlin", "2026-10-24T12:00Z", "30 2 * * *", ["2026-10-25T00:30", "2026-10-26T01:30"]],
    ["America/New_York", "2026-03-07T12:00Z", "30 2 * * *", ["2026-03-08T07:00", "2026-03-09T06:30"]],
    ["America/New_York", "2026-10-31T12:00Z", "30 1 * * *", ["2026-11-01T05:30", "2026-11-02T06:30"]],
  ])("in %s from %s start one run each: %s", async (timezone, from, cron, expected) => {
    const bench = await Bench.open(from);
    await bench.deploy("n", { schedule: [{ cron, timezone }] });
    await bench.pass(43 * HOUR, 10 * MINUTE);
    expect(bench.starts).toEqual(expected.map((at) => `n/1 ${at}`));
    expect(bench.slots("n")).toEqual(expected.map((at) => `${at} started`));
  });

  test("every half hour is every half hour on both of them: 48 runs in 24 hours", async () => {
    for (const from of ["2026-03-28T22:00Z", "2026-10-24T22:00Z"]) {
      const bench = await Bench.open(from);
      await bench.deploy("n", { schedule: [{ cron: "*/30 * * * *", timezone: "Europe/Berlin" }] });
      await bench.pass(DAY, 10 * MINUTE);
      expect(new Set(bench.starts).size).toBe(48);
      expect(bench.starts).toHaveLength(48);
    }
  });
});

describe("slots that were missed (I-23)", () => {
  const late = async (catchup: string, days: number): Promise<Bench> => {
    const bench = await Bench.open("2026-05-01T12:00Z");
    await bench.daily("n", { catchup });
    await bench.pass(HOUR, HOUR);
    await bench.down(days * DAY);
    return bench;
  };

  test("catchup none: they are recorded, and nothing is started", async () => {
    const bench = await late("none", 3);
    expect(bench.starts).toEqual([]);
    expect(bench.slots("n")).toEqual(["2026-05-02T06:00 missed", "2026-05-03T06:00 missed", "2026-05-04T06:00 missed"]);
    expect(bench.outcomes).toEqual(["missed", "missed", "missed"]);
  });

  test("catchup last: the newest is started", async () => {
    const bench = await late("last", 3);
    expect(bench.starts).toEqual(["n/1 2026-05-04T06:00"]);
    expect(bench.outcomes).toEqual(["missed", "missed", "started"]);
  });

  test("catchup all: each is started, in order, up to a hundred", async () => {
    expect((await late("all", 3)).starts).toEqual(["n/1 2026-05-02T06:00", "n/1 2026-05-03T06:00", "n/1 2026-05-04T06:00"]);
    const bench = await late("all", 150);
    expect(bench.starts).toHaveLength(100);
    expect(bench.slots("n")[0]).toMatch(/ missed$/);
  });

  test("an engine that starts within the minute is in time", async () => {
    const bench = await Bench.open("2026-05-01T05:00Z");
    await bench.daily("n", { catchup: "none" });
    await bench.pass(MINUTE);
    await bench.down(HOUR - MINUTE + 59_000);
    expect(bench.starts).toEqual(["n/1 2026-05-01T06:00"]);
  });

  test("what was deployed while nobody was there counts from then", async () => {
    const bench = await Bench.open("2026-05-01T05:00Z");
    await bench.daily("n", { catchup: "all" });
    await bench.down(2 * DAY);
    expect(bench.starts).toEqual(["n/1 2026-05-01T06:00", "n/1 2026-05-02T06:00"]);
  });

  test("a rule that was changed begins anew, and so does a workflow that was away", async () => {
    const bench = await Bench.open("2026-05-01T05:00Z");
    await bench.daily("n", { catchup: "all" });
    await bench.pass(MINUTE);
    await bench.stop();
    bench.clock.set(bench.clock.now() + 3 * DAY);
    await bench.deploy("n", { schedule: [{ cron: "0 7 * * *", catchup: "all" }] });
    await bench.pass(MINUTE);
    expect(bench.starts).toEqual([]);
    await bench.stop();
    await bench.store.undeploy({ tenant: TENANT, name: "n", by: "ada" });
    bench.clock.set(bench.clock.now() + 3 * DAY);
    await bench.deploy("n", { schedule: [{ cron: "0 7 * * *", catchup: "all" }] });
    await bench.pass(MINUTE);
    expect(bench.starts).toEqual([]);
  });

  test("another version with the same rule takes nothing away that was missed before it", async () => {
    const bench = await Bench.open("2026-05-01T05:00Z");
    await bench.daily("n", { catchup: "all" });
    await bench.pass(MINUTE);
    await bench.stop();
    bench.clock.set(bench.clock.now() + 2 * DAY);
    await bench.daily("n", { catchup: "all", input: { x: 1 } });
    await bench.pass(MINUTE);
    expect(bench.starts).toEqual(["n/1 2026-05-01T06:00", "n/1 2026-05-02T06:00"]);
  });
});

describe("a clock that is set (I-22)", () => {
  test("back: no slot is started again, and the next ones come in time", async () => {
    const bench = await Bench.open("2026-05-01T05:00Z");
    await bench.daily("n");
    await bench.pass(2 * HOUR);
    bench.clock.set(Date.parse("2026-05-01T05:30Z"));
    await bench.pass(DAY, MINUTE);
    expect(bench.starts).toEqual(["n/1 2026-05-01T06:00"]);
    await bench.pass(HOUR, MINUTE);
    expect(bench.starts).toEqual(["n/1 2026-05-01T06:00", "n/1 2026-05-02T06:00"]);
  });

  test("far ahead and back: the schedule does not wait for the time that it saw", async () => {
    const bench = await Bench.open("2026-05-01T05:00Z");
    await bench.daily("n");
    await bench.pass(MINUTE);
    bench.clock.set(Date.parse("2030-01-01T00:00Z"));
    await bench.pass(MINUTE);
    expect(bench.starts).toEqual(["n/1 2029-12-31T06:00"]);
    bench.clock.set(Date.parse("2026-05-01T05:10Z"));
    await bench.pass(HOUR, MINUTE);
    expect(bench.starts).toEqual(["n/1 2029-12-31T06:00", "n/1 2026-05-01T06:00"]);
  });

  test("far ahead and back over a restart: the same", async () => {
    const bench = await Bench.open("2026-05-01T05:00Z");
    await bench.daily("n");
    await bench.pass(MINUTE);
    bench.clock.set(Date.parse("2030-01-01T00:00Z"));
    await bench.pass(MINUTE);
    await bench.stop();
    bench.clock.set(Date.parse("2026-05-01T05:10Z"));
    await bench.pass(HOUR, MINUTE);
    expect(bench.starts.at(-1)).toBe("n/1 2026-05-01T06:00");
  });
});

describe("a crash around a slot (I-23)", () => {
  test("between the decision and the start: the next engine starts it, with the same key", async () => {
    const bench = await Bench.open("2026-05-01T05:00Z");
    await bench.daily("n", { catchup: "none" });
    await bench.pass(MINUTE);
    bench.fail = () => new FencedError("COMMIT_UNKNOWN", { problem: "the engine is gone" });
    await bench.pass(HOUR);
    expect(bench.slots("n")).toEqual(["2026-05-01T06:00 due"]);
    bench.fail = () => null;
    await bench.down(5 * HOUR);
    expect(bench.starts).toEqual(["n/1 2026-05-01T06:00"]);
    expect(bench.slots("n")).toEqual(["2026-05-01T06:00 started"]);
  });

  test("an engine that lost its epoch decides nothing (I-10), and one that does not own the store neither", async () => {
    const bench = await Bench.open("2026-05-01T05:00Z");
    await bench.daily("n");
    await bench.pass(MINUTE);
    const epoch = bench.epoch;
    bench.epoch = ((epoch ?? 0) - 1) as Epoch;
    await bench.pass(2 * HOUR, HOUR);
    bench.epoch = null;
    await bench.pass(HOUR, HOUR);
    expect([bench.starts, bench.slots("n"), bench.warnings]).toEqual([[], [], []]);
    bench.epoch = epoch;
    await bench.pass(MINUTE);
    expect(bench.starts).toEqual(["n/1 2026-05-01T06:00"]);
  });

  test("two schedulers on one store start each slot once", async () => {
    const bench = await Bench.open("2026-05-01T05:00Z");
    for (let index = 0; index < 20; index++) await bench.daily(`n${index}`);
    await bench.scheduler.caughtUp();
    const starts: string[] = [];
    await using other = createScheduler({
      store: bench.store,
      clock: bench.clock,
      times: createCronTimes(),
      read: triggersOf,
      epoch: () => bench.epoch,
      start: async ({ key: of }, slotAt) => runIdOfKey(TENANT, `${starts.push(nameOf(of)) && nameOf(of)} ${slotAt}`),
      cancel: async () => {},
      warn: (message) => void bench.warnings.push(message),
    });
    await other.caughtUp();
    bench.clock.pass(HOUR);
    await Promise.all([bench.scheduler.caughtUp(), other.caughtUp()]);
    // Both may ask for a run, under one key; each slot has one row and one run.
    for (let index = 0; index < 20; index++) expect(bench.slots(`n${index}`)).toEqual(["2026-05-01T06:00 started"]);
    expect(new Set([...bench.starts.map((one) => one.split(" ")[0]), ...starts]).size).toBe(20);
  });
});

describe("a schedule that is stopped", () => {
  test("starts nothing while it is paused, and goes on from where it is resumed", async () => {
    const bench = await Bench.open("2026-05-01T05:00Z");
    await bench.daily("n", { catchup: "all" });
    const row = () => ({ ...key("n"), rule: "UTC 0 6 * * *", decidedUntil: bench.clock.now() });
    await bench.store.stopSchedule(row(), { kind: "paused", by: "ada", reason: null }, "ada");
    await bench.pass(3 * DAY, HOUR);
    await bench.store.stopSchedule(row(), null, "ada");
    await bench.pass(DAY, HOUR);
    expect(bench.starts).toEqual(["n/1 2026-05-04T06:00"]);
    expect(bench.slots("n")).toEqual(["2026-05-04T06:00 started"]);
  });

  test("that cannot be compiled any more is quarantined, the others go on, and another version lifts it (I-19)", async () => {
    const bench = await Bench.open("2026-05-01T05:00Z");
    await bench.daily("bad");
    await bench.daily("good");
    bench.fail = (name) => (name === "bad/1" ? new DefinitionError("DEF_UNKNOWN_TYPE", { type: "gone" }) : null);
    await bench.pass(3 * DAY, HOUR);
    expect(bench.slots("bad")).toEqual(["2026-05-01T06:00 failed"]);
    expect(bench.store.schedules().find(({ workflow }) => workflow === "bad")?.stop).toMatchObject({
      kind: "quarantined",
      by: "schedule:bad/1",
    });
    expect(bench.slots("good")).toHaveLength(3);
    expect(bench.warnings).toEqual(["The schedule bad/1 of tenant default is quarantined: There is no step type `gone`."]);
    bench.fail = () => null;
    bench.clock.set(bench.clock.now() + 1);
    await bench.daily("bad", { input: { fixed: true } });
    await bench.pass(DAY, HOUR);
    expect(bench.slots("bad").at(-1)).toBe("2026-05-04T06:00 started");
  });

  test("whose time zone this machine does not know is quarantined, and is nobody else's trouble", async () => {
    const bench = await Bench.open("2026-05-01T05:00Z");
    await bench.deploy("bad", { schedule: [{ cron: "@daily", timezone: "Mars/Olympus" }] });
    await bench.deploy("odd", { schedule: "nonsense" });
    await bench.daily("good");
    await bench.pass(2 * HOUR, HOUR);
    expect(bench.starts).toEqual(["good/1 2026-05-01T06:00"]);
    expect(bench.store.schedules().find(({ workflow }) => workflow === "bad")?.stop).toMatchObject({ kind: "quarantined" });
  });

  test("an engine that takes nothing more is asked again, and no slot is lost", async () => {
    const bench = await Bench.open("2026-05-01T05:00Z");
    await bench.daily("n", { catchup: "none" });
    bench.fail = () => new TransientError("BACKPRESSURE", { queued: 1, limit: 1 });
    await bench.pass(HOUR + MINUTE);
    expect(bench.slots("n")).toEqual(["2026-05-01T06:00 due"]);
    bench.fail = () => null;
    await bench.pass(2_000, 1_000);
    expect(bench.starts).toEqual(["n/1 2026-05-01T06:00"]);
  });
});

test("ten thousand schedules are one alarm, and all of a minute are started in it", { timeout: 60_000 }, async () => {
  const bench = await Bench.open("2026-05-01T05:00Z");
  for (let index = 0; index < 200; index++)
    await bench.deploy(`n${index}`, {
      schedule: Array.from({ length: 50 }, (_, number) => ({ cron: `${number < 25 ? 0 : 30} 6 * * *`, name: `s${number}` })),
    });
  await bench.scheduler.caughtUp();
  expect(bench.clock.alarms).toBe(1);
  bench.clock.pass(HOUR);
  await bench.scheduler.caughtUp();
  expect(bench.starts).toHaveLength(5_000);
  expect(bench.store.openSlots()).toEqual([]);
  bench.clock.pass(30 * MINUTE);
  await bench.scheduler.caughtUp();
  expect(new Set(bench.starts).size).toBe(10_000);
  expect(bench.clock.alarms).toBe(1);
});
