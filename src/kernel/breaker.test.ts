import { describe, expect, test } from "vitest";
import { BREAKER_INITIAL, type BreakerEvent, moveBreaker, parseBreakerState, toBreakerActor } from "./breaker.ts";

const failed: BreakerEvent = { type: "call.failed", at: 1_000, failures: 5, calls: 5, limit: 5, delayMs: 60_000, dueAt: 61_000 };

describe("a breaker's actor", () => {
  test("tells each of its moves with what caused it", () => {
    const opened = moveBreaker(BREAKER_INITIAL, failed);
    expect(opened).toMatchObject({ type: "breaker.opened", on: "call.failed", from: "closed", at: 1_000, to: { state: "open" } });
    const probing = opened && moveBreaker(opened.to, { type: "xstate.after.recovery.breaker-v1.open", at: 61_000, dueAt: null });
    expect(probing).toMatchObject({ type: "breaker.half_open", from: "open", to: { state: "half_open", context: { openings: 1 } } });
    const closed = probing && moveBreaker(probing.to, { type: "call.answered", at: 61_500, dueAt: null });
    expect(closed).toMatchObject({ type: "breaker.closed", to: BREAKER_INITIAL });
  });

  test("is told nothing by what changes nothing", () => {
    expect(moveBreaker(BREAKER_INITIAL, { ...failed, failures: 1 })).toBeNull();
    expect(moveBreaker(BREAKER_INITIAL, { type: "call.answered", at: 1, dueAt: null })).toBeNull();
  });

  test("comes back from a store as it was, whatever the store holds", () => {
    const actor = moveBreaker(BREAKER_INITIAL, failed)?.to ?? BREAKER_INITIAL;
    expect(toBreakerActor(actor.state, JSON.parse(JSON.stringify(actor.context)))).toEqual(actor);
    expect(toBreakerActor("closed", { openings: "many", closedBy: 7 })).toEqual(BREAKER_INITIAL);
    expect(parseBreakerState("ajar")).toBeNull();
  });
});
