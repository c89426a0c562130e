import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { TenantId } from "../../core/ids.ts";
import type { NewDelivery } from "../../ports/outbox.ts";
import { openStore, type SqliteStore } from "./index.ts";

let directory = "";
let store: SqliteStore;
let epoch = 0;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "troupe-outbox-"));
  store = await openStore({ directory: join(directory, "state"), durability: "relaxed" });
  epoch = (await store.own("if-dead")).epoch;
});
afterEach(async () => {
  await store[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true, force: true });
});

function delivery(index: number, more: Partial<NewDelivery> = {}): NewDelivery {
  const base = {
    rule: "a",
    channel: "slack",
    tenant: "default" as TenantId,
    run: null,
    type: "run.failed",
    action: "trigger",
    scope: "",
  } as const;
  return {
    id: `msg_${index}`,
    ...base,
    thread: `t${index}`,
    windowAt: 1,
    gathers: false,
    state: "pending",
    facts: { what: `${index}` },
    at: index,
    dueAt: index,
    ...more,
  };
}

const keep = (added: readonly NewDelivery[], { position = 1, bound = 1_000, at = 100 } = {}) =>
  store.keepDecisions({ epoch, cursor: { position, audit: 2 }, added, folds: [], drops: [], at, bound });
const settle = (id: string, state: "sent" | "failed" | "dropped" | "pending", more = {}) =>
  store.settleDeliveries(epoch, [{ id, state, attempts: 1, at: 200, dueAt: 200, error: null, ...more }]);
const due = (rule = "a") => store.dueDeliveries(rule, 1_000, 100).map(({ id }) => id);

describe("the outbox", () => {
  test("keeps a decision once, with how far was read", async () => {
    expect(store.notifyCursor()).toBeNull();
    await keep([delivery(1)], { position: 7 });
    await keep([delivery(1, { facts: { what: "other" } })], { position: 9 });
    expect(store.notifyCursor()).toEqual({ position: 9, audit: 2 });
    expect(store.deliveries({ limit: 9 })).toMatchObject([{ id: "msg_1", state: "pending", facts: { what: "1" }, events: 1 }]);
  });

  test("is written by the engine that owns the store, and by no other (I-10)", async () => {
    const lost = expect.objectContaining({ code: "EPOCH_LOST" });
    const order = { cursor: { position: 1, audit: 1 }, added: [delivery(1)], folds: [], drops: [], at: 1, bound: 10 };
    await expect(store.keepDecisions({ ...order, epoch: epoch - 1 })).rejects.toEqual(lost);
    await expect(store.settleDeliveries(epoch - 1, [])).rejects.toEqual(lost);
    expect([store.notifyCursor(), store.deliveries({ limit: 9 })]).toEqual([null, []]);
  });

  test("gives what is due; an end waits for its beginning, and nobody else waits", async () => {
    const end = delivery(3, { thread: "t1", action: "resolve" });
    await keep([delivery(1), delivery(2, { thread: "t1" }), end, delivery(4, { dueAt: 5_000 }), delivery(5, { rule: "b" })]);
    expect(due()).toEqual(["msg_1", "msg_2"]);
    await settle("msg_1", "sent");
    await settle("msg_2", "failed", { error: "no" });
    expect([due(), due("b"), store.nextDeliveryAt(1_000)]).toEqual([["msg_3"], ["msg_5"], 5_000]);
  });

  test("folds more events into a message that waits, and into none that has gone", async () => {
    await keep([delivery(1, { gathers: true })]);
    const fold = (facts: { what: string }) =>
      store.keepDecisions({
        epoch,
        cursor: { position: 2, audit: 2 },
        added: [],
        folds: [{ id: "msg_1", events: 5, facts }],
        drops: [],
        at: 1,
        bound: 10,
      });
    await fold({ what: "five" });
    await settle("msg_1", "sent");
    await fold({ what: "ten" });
    expect(store.delivery("msg_1")).toMatchObject({ events: 6, facts: { what: "five" } });
  });

  test("has a bound: the oldest are dropped, counted and shown (I-38)", async () => {
    await keep(
      Array.from({ length: 30 }, (_, index) => delivery(index)),
      { bound: 10 },
    );
    expect(due()).toHaveLength(10);
    expect(due()[0]).toBe("msg_20");
    expect(store.deliveries({ states: ["dropped"], limit: 99 })).toHaveLength(20);
    expect(store.deliveryCounts()).toEqual([
      { channel: "slack", outcome: "dropped", count: 20 },
      { channel: "slack", outcome: "pending", count: 10 },
    ]);
  });

  test("forgets the oldest of ten thousand that have ended", async () => {
    const ended = Array.from({ length: 10_010 }, (_, index) => delivery(index, { state: "grouped" }));
    await keep([delivery(99_999)]);
    await keep(ended);
    expect(store.deliveries({ limit: 20_000 })).toHaveLength(10_001);
    expect([store.delivery("msg_9"), store.delivery("msg_99999")]).toEqual([null, expect.objectContaining({ state: "pending" })]);
  });

  test("sends again what failed or was dropped, and nothing else", async () => {
    await keep([delivery(1), delivery(2), delivery(3), delivery(4)]);
    await settle("msg_1", "failed", { error: "gone" });
    await settle("msg_2", "dropped");
    await settle("msg_3", "sent");
    expect(await store.retryDeliveries("msg_3", 900)).toBe(0);
    expect(await store.retryDeliveries(null, 900)).toBe(2);
    expect(store.delivery("msg_1")).toMatchObject({ state: "pending", attempts: 0, at: 900, endedAt: null });
    expect(due()).toEqual(["msg_4", "msg_1", "msg_2"]);
  });

  test("knows the latest window and the latest of a thread", async () => {
    await keep([
      delivery(1, { windowAt: 5 }),
      delivery(2, { windowAt: 9 }),
      delivery(3, { windowAt: 9, gathers: true }),
      delivery(4, { windowAt: 9, state: "grouped" }),
    ]);
    expect([store.notifyWindow("a", ""), store.notifyWindow("a", "other")]).toEqual([{ at: 9, messages: 1 }, null]);
    expect(store.latestOfThread("a", "t3")?.id).toBe("msg_3");
  });

  test("tells of a row that cannot be read as well as it can (S-48)", async () => {
    await keep([delivery(1), delivery(2)]);
    const db = new DatabaseSync(store.file ?? "");
    db.exec("UPDATE notifications SET facts = '{' WHERE id = 'msg_1'");
    db.close();
    expect(due()).toEqual(["msg_1", "msg_2"]);
    expect(store.delivery("msg_1")?.facts).toEqual({ what: expect.stringContaining("cannot be read") });
  });
});
