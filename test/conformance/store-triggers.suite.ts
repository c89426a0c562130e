/** What every store must hold about schedules (I-23) and deliveries (I-9). */
import { describe, expect, test } from "vitest";
import type { Digest, Epoch, RunId, TenantId } from "../../src/core/ids.ts";
import type { NewSlot, ScheduleKey } from "../../src/ports/triggers.ts";
import { DEFINITION, definitionRow, T0 } from "./store.entries.ts";
import type { StoreHarness, TestedStore } from "./store.harness.ts";

const ACME = "acme" as TenantId;
const OTHER = "other" as TenantId;
const RUN = `run_${"a".repeat(32)}` as RunId;
const key: ScheduleKey = { tenant: ACME, workflow: "nightly", schedule: "1" };
const row = { ...key, rule: "@daily UTC", decidedUntil: T0 };
const slot = (slotAt: number, more: Partial<NewSlot> = {}): NewSlot => ({
  ...key,
  slotAt,
  outcome: "due",
  version: DEFINITION,
  reason: null,
  ...more,
});
const delivery = {
  tenant: ACME,
  event: "push",
  delivery: "d-1",
  digest: DEFINITION,
  plan: { starts: [] },
  keptUntil: Number.MAX_SAFE_INTEGER,
};

const deploy = (store: TestedStore, name: string, on: object | null, tenant = ACME) =>
  store.deploy({
    tenant,
    definition: {
      ...definitionRow(),
      name,
      hash: `${tenant}${name}`.padEnd(64, "0") as Digest,
      document: { name, ...(on !== null && { on: { ...on } }) },
    },
    source: name,
    title: null,
    steps: 1,
    by: "ada",
  });

export function describeTriggers({ openFresh, openReady, reopen }: StoreHarness): void {
  describe("schedules and events", () => {
    test("are those of workflows that are deployed now, of every tenant", async () => {
      const store = await openFresh();
      const before = store.triggersRevision();
      await deploy(store, "a", { schedule: [{ cron: "@daily" }] });
      await deploy(store, "b", null);
      await deploy(store, "c", { event: [{ name: "push" }] }, OTHER);
      expect(store.triggered().map(({ tenant, name, on }) => [tenant, name, on])).toEqual([
        [ACME, "a", { schedule: [{ cron: "@daily" }] }],
        [OTHER, "c", { event: [{ name: "push" }] }],
      ]);
      const deployed = store.triggersRevision();
      expect(deployed).toBeGreaterThan(before);
      await store.undeploy({ tenant: OTHER, name: "c", by: "ada" });
      expect(store.triggered().map(({ name }) => name)).toEqual(["a"]);
      expect(store.triggersRevision()).toBeGreaterThan(deployed);
      const since = store.triggered()[0]?.deployedSince ?? 0;
      await deploy(store, "a", { schedule: [{ cron: "@hourly" }] });
      expect(store.triggered()[0]).toMatchObject({ deployedSince: since });
      await store.undeploy({ tenant: ACME, name: "a", by: "ada" });
      await deploy(store, "a", { schedule: [{ cron: "@daily" }] });
      expect(store.triggered()[0]?.deployedSince).toBe(store.triggered()[0]?.deployedAt);
    });

    test("a slot is decided once, whoever decides again, and keeps its outcome when it is final (I-23)", async () => {
      const { store, epoch } = await openReady();
      const at = epoch as Epoch;
      expect(
        await store.decideSlots(at, {
          decidedAt: T0,
          gone: [],
          schedules: [row],
          slots: [slot(T0), slot(T0 + 1, { outcome: "missed", reason: "nobody was there" })],
        }),
      ).toHaveLength(2);
      expect(
        await store.decideSlots(at, {
          decidedAt: T0,
          gone: [],
          schedules: [{ ...row, decidedUntil: T0 + 2 }],
          slots: [slot(T0), slot(T0 + 2)],
        }),
      ).toEqual([slot(T0 + 2)]);
      expect(store.openSlots().map(({ slotAt }) => slotAt)).toEqual([T0, T0 + 2]);
      await store.settleSlots(at, [{ ...key, slotAt: T0, outcome: "started", run: RUN, reason: null }]);
      await store.settleSlots(at, [{ ...key, slotAt: T0, outcome: "failed", run: null, reason: "too late" }]);
      expect(store.startedBy(key, 10)).toEqual([RUN]);
      const again = (await reopen(store)) ?? store;
      expect(again.slots(key, 10).map(({ slotAt, outcome, run, reason }) => [slotAt, outcome, run, reason])).toEqual([
        [T0 + 2, "due", null, null],
        [T0 + 1, "missed", null, "nobody was there"],
        [T0, "started", RUN, null],
      ]);
      expect(again.schedules()).toEqual([{ ...row, decidedUntil: T0 + 2, stop: null }]);
    });

    test("an engine that lost its epoch decides and settles nothing (I-10)", async () => {
      const { store, epoch } = await openReady();
      await store.decideSlots(epoch as Epoch, { decidedAt: T0, gone: [], schedules: [row], slots: [slot(T0)] });
      const late = (epoch - 1) as Epoch;
      await expect(store.decideSlots(late, { decidedAt: T0, gone: [], schedules: [], slots: [slot(T0 + 1)] })).rejects.toMatchObject({
        code: "EPOCH_LOST",
      });
      await expect(store.settleSlots(late, [{ ...key, slotAt: T0, outcome: "failed", run: null, reason: "" }])).rejects.toMatchObject({
        code: "EPOCH_LOST",
      });
      expect(store.slots(key, 10)).toMatchObject([{ slotAt: T0, outcome: "due" }]);
    });

    test("a schedule is stopped by name and goes on from then, each with a note of who did it (S-47)", async () => {
      const store = await openFresh();
      const revision = store.triggersRevision();
      expect(await store.stopSchedule(row, { kind: "paused", by: "ada", reason: "holidays" }, "ada")).toBe(true);
      expect(await store.stopSchedule(row, { kind: "paused", by: "bob", reason: null }, "bob")).toBe(false);
      expect(store.schedules()).toMatchObject([{ ...key, stop: { kind: "paused", by: "ada", reason: "holidays" } }]);
      expect(store.triggersRevision()).toBeGreaterThan(revision);
      expect(await store.stopSchedule({ ...row, decidedUntil: T0 + 9 }, null, "bob")).toBe(true);
      expect(store.schedules()).toEqual([{ ...row, decidedUntil: T0 + 9, stop: null }]);
      expect(store.audits(0, 10).map(({ actor, what }) => [actor, what])).toEqual([
        ["ada", "schedule.paused"],
        ["bob", "schedule.resumed"],
      ]);
      expect(store.verify().breaks).toEqual([]);
    });

    test("one that is gone is forgotten, but not that somebody had stopped it", async () => {
      const { store, epoch } = await openReady();
      const other = { ...row, schedule: "2" };
      await store.decideSlots(epoch as Epoch, { decidedAt: T0, gone: [], schedules: [row, other], slots: [] });
      await store.stopSchedule(other, { kind: "paused", by: "ada", reason: null }, "ada");
      await store.decideSlots(epoch as Epoch, { decidedAt: T0, gone: [key, other], schedules: [], slots: [] });
      expect(store.schedules().map(({ schedule }) => schedule)).toEqual(["2"]);
    });

    test("of slots the newest thousand are kept, and open ones whatever their age", async () => {
      const { store, epoch } = await openReady();
      await store.decideSlots(epoch as Epoch, {
        decidedAt: T0,
        gone: [],
        schedules: [],
        slots: [slot(T0, { outcome: "queued" }), slot(T0 + 1, { outcome: "missed" })],
      });
      const later = Array.from({ length: 1_000 }, (_, index) => slot(T0 + 2 + index, { outcome: "skipped" }));
      await store.decideSlots(epoch as Epoch, { decidedAt: T0, gone: [], schedules: [], slots: later });
      const kept = store.slots(key, 2_000);
      expect(kept).toHaveLength(1_001);
      expect(kept.at(-1)).toMatchObject({ slotAt: T0, outcome: "queued" });
    });

    test("a delivery is taken once by its id, and its first answer stays (I-9)", async () => {
      const store = await openFresh();
      expect(await store.takeEvent(delivery)).toBeNull();
      expect(await store.takeEvent({ ...delivery, plan: { starts: [1] } })).toMatchObject({ plan: { starts: [] }, answer: null });
      expect(store.openEvents(10)).toHaveLength(1);
      await store.settleEvent(delivery, { started: [RUN] });
      await store.settleEvent(delivery, { started: [] });
      const again = (await reopen(store)) ?? store;
      expect(again.takenEvent(delivery)).toMatchObject({ delivery: "d-1", digest: DEFINITION, answer: { started: [RUN] } });
      expect(again.openEvents(10)).toEqual([]);
      expect(await again.takeEvent({ ...delivery, tenant: OTHER })).toBeNull();
    });

    test("deliveries are forgotten after their time, but never one that is still to be answered", async () => {
      const store = await openFresh();
      await store.takeEvent({ ...delivery, delivery: "answered", keptUntil: 1 });
      await store.settleEvent({ ...delivery, delivery: "answered" }, {});
      await store.takeEvent({ ...delivery, delivery: "open", keptUntil: 1 });
      await store.takeEvent(delivery);
      const known = (id: string): boolean => store.takenEvent({ ...delivery, delivery: id }) !== null;
      expect([known("answered"), known("open"), known("d-1")]).toEqual([false, true, true]);
    });
  });
}
