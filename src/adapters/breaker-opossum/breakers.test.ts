import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { eventually } from "../../../test/support/eventually.ts";
import type { TenantId } from "../../core/ids.ts";
import type { BreakerMove } from "../../kernel/breaker.ts";
import type { BreakerKey } from "../../ports/breaker.ts";
import { createBreakers, type OpossumBreakers } from "./breakers.ts";

const policy = { failures: 3, windowMs: 10_000, recoveryMs: 60 };
const t: BreakerKey = { tenant: "default" as TenantId, target: "t" };
const judge = (answer: string) => (answer === "bad" ? "failed" : answer === "stopped" ? "undecided" : "answered");

let moves: BreakerMove[] = [];
let breakers: OpossumBreakers;
beforeEach(() => {
  moves = [];
  breakers = createBreakers({ policy, moved: (_key, move) => moves.push(move) });
});
afterEach(() => breakers[Symbol.dispose]());

const call = (answer: string, key = t): Promise<unknown> => breakers.call(key, () => Promise.resolve(answer), judge);
const halfOpen = (): Promise<void> => eventually(() => expect(breakers.state(t)).toBe("half_open"));
const told = (): readonly string[] => moves.map(({ type }) => type);

async function open(): Promise<void> {
  for (let i = 0; i < 3; i++) expect(await call("bad")).toBe("bad");
  expect(breakers.state(t)).toBe("open");
}

/** A call that is under way. */
function begin(): { readonly end: (answer: string) => void; readonly answer: Promise<unknown> } {
  const work = Promise.withResolvers<string>();
  return { end: work.resolve, answer: breakers.call(t, () => work.promise, judge) };
}

describe("a breaker", () => {
  test("opens on failures of its target only, and tells when to come back", async () => {
    await open();
    let ran = false;
    const work = (): Promise<string> => {
      ran = true;
      return Promise.resolve("");
    };
    const answer = (await breakers.call(t, work, judge)) as { readonly open: true; readonly retryAfterMs: number };
    expect(answer.open).toBe(true);
    expect(answer.retryAfterMs).toBeGreaterThan(0);
    expect(answer.retryAfterMs).toBeLessThanOrEqual(60);
    expect(ran).toBe(false);
    expect(await call("good", { ...t, target: "other" })).toBe("good");
    expect(await call("good", { ...t, tenant: "other" as TenantId })).toBe("good");
  });

  test("is listed with its state once its target has been called", async () => {
    expect(breakers.states()).toEqual([]);
    await call("good", { ...t, target: "other" });
    await open();
    expect(breakers.states().map(({ target, actor }) => [target, actor.state])).toEqual([
      ["other", "closed"],
      ["t", "open"],
    ]);
  });

  test("stays closed below its number, while half of the calls succeed, and for failures that are not its target's", async () => {
    for (let i = 0; i < 2; i++) await call("bad");
    for (let i = 0; i < 6; i++) await call("good");
    for (let i = 0; i < 3; i++) await call("bad");
    expect(breakers.state(t)).toBe("closed");
    for (let i = 0; i < 3; i++) await expect(breakers.call(t, () => Promise.reject(new Error("thrown")), judge)).rejects.toThrow("thrown");
    expect(breakers.state(t)).toBe("closed");
    expect(moves).toEqual([]);
  });

  test("lets exactly one probe through when half open; a good one closes it", async () => {
    await open();
    await halfOpen();
    const probe = begin();
    expect(await call("good")).toEqual({ open: true, retryAfterMs: 1_000 });
    probe.end("back");
    expect(await probe.answer).toBe("back");
    expect(breakers.state(t)).toBe("closed");
    expect(told()).toEqual(["breaker.opened", "breaker.half_open", "breaker.closed"]);
  });

  test("opens again on a bad probe, without a second proof", async () => {
    await open();
    await halfOpen();
    expect(await call("bad")).toBe("bad");
    expect(breakers.state(t)).toBe("open");
    expect(moves.at(-1)?.to.context.openings).toBe(2);
  });

  test("waits for another probe when one was stopped or broke (O3)", async () => {
    await open();
    await halfOpen();
    expect(await call("stopped")).toBe("stopped");
    expect(breakers.state(t)).toBe("half_open");
    await expect(breakers.call(t, () => Promise.reject(new Error("ours")), judge)).rejects.toThrow("ours");
    expect(breakers.state(t)).toBe("half_open");
    expect(await call("good")).toBe("good");
    expect(breakers.state(t)).toBe("closed");
  });

  test("hears nothing of calls that began before its last move (O1)", async () => {
    const [late, later] = [begin(), begin()];
    await open();
    late.end("good");
    expect(await late.answer).toBe("good");
    expect(breakers.state(t)).toBe("open");
    await halfOpen();
    later.end("bad");
    expect(await later.answer).toBe("bad");
    expect(breakers.state(t)).toBe("half_open");
  });

  test("goes on from what an engine left: open for the rest of its time, half open with one probe (I-36)", async () => {
    await open();
    const left = breakers.states()[0]?.actor;
    if (left === undefined) throw new Error("it was opened");
    using next = createBreakers({ policy });
    next.assume(t, { ...left, context: { ...left.context, dueAt: Date.now() + 30 } });
    expect(await next.call(t, () => Promise.resolve("good"), judge)).toMatchObject({ open: true });
    await eventually(() => expect(next.state(t)).toBe("half_open"));
    next.assume({ ...t, target: "probing" }, { ...left, state: "half_open" });
    const probe = Promise.withResolvers<string>();
    const first = next.call({ ...t, target: "probing" }, () => probe.promise, judge);
    expect(await next.call({ ...t, target: "probing" }, () => Promise.resolve("good"), judge)).toMatchObject({ open: true });
    probe.resolve("good");
    await first;
    expect(next.state({ ...t, target: "probing" })).toBe("closed");
  });

  test("that was due while no engine ran probes at once, and a clock set back makes none wait longer", async () => {
    await open();
    const left = breakers.states()[0]?.actor;
    if (left === undefined) throw new Error("it was opened");
    using next = createBreakers({ policy });
    next.assume(t, { ...left, context: { ...left.context, dueAt: 0 } });
    await eventually(() => expect(next.state(t)).toBe("half_open"));
    next.assume({ ...t, target: "future" }, { ...left, context: { ...left.context, dueAt: Date.now() + 1e9 } });
    await eventually(() => expect(next.state({ ...t, target: "future" })).toBe("half_open"));
  });

  test("is closed by a person at once", async () => {
    await open();
    breakers.assume(t, { state: "closed", context: { ...(breakers.states()[0]?.actor.context as object) } as never });
    expect(await call("good")).toBe("good");
  });

  test("of a target never called is closed, and many targets do not fill the memory", async () => {
    expect(breakers.state({ ...t, target: "unknown" })).toBe("closed");
    for (let i = 0; i < 1_100; i++) await call("good", { ...t, target: `host-${i}` });
    expect(breakers.states().length).toBe(1_000);
  });
});
