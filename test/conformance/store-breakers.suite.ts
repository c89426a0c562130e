/** What every store must hold about circuit breakers (I-36) and tools. */
import { describe, expect, test } from "vitest";
import type { TenantId } from "../../src/core/ids.ts";
import type { JsonObject } from "../../src/core/json.ts";
import { BREAKER_INITIAL, type BreakerEvent, type BreakerMove, moveBreaker } from "../../src/kernel/breaker.ts";
import type { BreakerKey } from "../../src/ports/breaker.ts";
import { Script, T0 } from "./store.entries.ts";
import type { StoreHarness } from "./store.harness.ts";

const FAILED: BreakerEvent = { type: "call.failed", at: 1_000, failures: 5, calls: 6, limit: 5, delayMs: 60_000, dueAt: 61_000 };
const key: BreakerKey = { tenant: "acme" as TenantId, target: "tool:codex" };

function movesOf(...events: readonly BreakerEvent[]): readonly BreakerMove[] {
  let actor = BREAKER_INITIAL;
  return events.map((event) => {
    const move = moveBreaker(actor, event);
    if (move === null) throw new Error(`${event.type} moves nothing`);
    actor = move.to;
    return move;
  });
}

export function describeBreakers({ openReady, reopen }: StoreHarness): void {
  describe("tools", () => {
    test("have the figures of their latest calls, by tenant", async () => {
      const { store, commit } = await openReady();
      const mine = { tenant: key.tenant };
      const usage = (endedAt: number, more: JsonObject) => ({ startedAt: T0, endedAt: T0 + endedAt, tool: "codex", ...more });
      await commit(
        new Script(1)
          .create(mine)
          .begin()
          .queue("test")
          .start("test", 1)
          .succeed("test", 1, usage(30, { costUsd: 0.1 }))
          .end()
          .take(),
        new Script(2)
          .create(mine)
          .begin()
          .queue("test")
          .start("test", 1)
          .succeed("test", 1, usage(10, { costUsd: 0.3 }))
          .end()
          .take(),
        new Script(3)
          .create(mine)
          .begin()
          .queue("test")
          .start("test", 1)
          .retry("test", 1, T0 + 9_000, usage(5, {}))
          .take(),
        new Script(4)
          .create()
          .begin()
          .queue("test")
          .start("test", 1)
          .succeed("test", 1, usage(1, { costUsd: 9 }))
          .end()
          .take(),
        new Script(5).whole().take(),
      );
      const { calls, successes, p50Ms, costUsd } = store.toolRecord("codex", key.tenant);
      expect({ calls, successes, p50Ms }).toEqual({ calls: 3, successes: 2, p50Ms: 10 });
      expect(costUsd).toBeCloseTo(0.2);
      expect(store.toolRecord("aider", key.tenant)).toEqual({ calls: 0, successes: 0, p50Ms: null, costUsd: null });
    });
  });

  describe("breakers", () => {
    test("are read back as their last move left them, by whoever opens the store next", async () => {
      const { store, epoch } = await openReady();
      const [opened, probing] = movesOf(FAILED, { type: "xstate.after.recovery.breaker-v1.open", at: 61_000, dueAt: null });
      if (opened === undefined || probing === undefined) throw new Error("two moves were asked for");
      expect(store.breakers(0)).toEqual([]);
      await store.keepBreaker(key, opened, epoch);
      await store.keepBreaker({ ...key, tenant: "other" as TenantId }, opened, epoch);
      await store.keepBreaker(key, probing, epoch);
      const rows = (await reopen(store))?.breakers(0) ?? store.breakers(0);
      expect(rows.map(({ tenant, actor }) => [tenant, actor.state])).toEqual([
        ["other", "open"],
        ["acme", "half_open"],
      ]);
      expect(rows[1]).toMatchObject({ ...key, actor: probing.to, changedAt: 61_000, changedBy: `engine ${epoch}` });
    });

    test("are notes of the audit log, in its chain, and news has a higher revision", async () => {
      const { store, epoch } = await openReady();
      const [opened, closed] = movesOf(FAILED, { type: "breaker.reset", at: 2_000, by: "ada", dueAt: null });
      if (opened === undefined || closed === undefined) throw new Error("two moves were asked for");
      await store.keepBreaker(key, opened, epoch);
      const seen = store.breakers(0)[0]?.revision ?? 0;
      expect(store.breakers(seen)).toEqual([]);
      await store.keepBreaker(key, closed, "ada");
      expect(store.breakers(seen)).toMatchObject([{ actor: { state: "closed" }, changedBy: "ada" }]);
      const notes = store.audits(0, 10).filter(({ what }) => what.startsWith("breaker."));
      expect(notes.map(({ what, actor, data }) => [what, actor, data.from, data.to])).toEqual([
        ["breaker.opened", `engine ${epoch}`, "closed", "open"],
        ["breaker.closed", "ada", "open", "closed"],
      ]);
      expect(store.verify().breaks).toEqual([]);
    });

    test("are rebuilt from the audit log", async () => {
      const { store, epoch } = await openReady();
      for (const move of movesOf(FAILED, { type: "breaker.reset", at: 2_000, by: "ada", dueAt: null }, { ...FAILED, at: 3_000 }))
        await store.keepBreaker(key, move, epoch);
      await store.note("ada", "breakers were looked at", {});
      const before = store.breakers(0);
      await store.rebuild("ada");
      expect(store.breakers(0)).toEqual(before);
    });

    test("are not moved by an engine that has been replaced (I-10)", async () => {
      const { store, epoch } = await openReady();
      const [opened] = movesOf(FAILED);
      if (opened === undefined) throw new Error("one move was asked for");
      await expect(store.keepBreaker(key, opened, epoch - 1)).rejects.toMatchObject({ code: "EPOCH_LOST" });
      expect(store.breakers(0)).toEqual([]);
    });
  });
}
