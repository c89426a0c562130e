import { describe, expect, test } from "vitest";
import type { Json } from "../../../src/core/json.ts";
import type { Field } from "../../../src/plan/field.ts";
import type { CompiledStep } from "../../../src/plan/workflow.ts";
import type { Execution } from "../../../src/ports/attempt.ts";
import { checkWait } from "../../../src/steps/wait/check.ts";
import { createWaitStep } from "../../../src/steps/wait/execute.ts";
import { matchesEvent } from "../../../src/steps/wait/match.ts";
import { parseTime } from "../../../src/steps/wait/time.ts";
import { type ContextDiffers, literal, makeContext, makeStep, map, text } from "../../support/attempts.ts";

const NOW = Date.parse("2026-11-21T12:00:00Z");
const DAY_MS = 86_400_000;
const step = createWaitStep({ clock: { now: () => NOW } });
const wait = async (
  config: Record<string, Field>,
  differs: ContextDiffers = {},
  policies: Partial<CompiledStep> = {},
): Promise<Execution> => step.execute(makeContext(makeStep("wait", config, policies), differs));

describe("a wait for a time", () => {
  test.each([
    ["for", "90s", 90_000],
    ["for", 2, 2_000],
    ["for", "{{ input.value }}", 60_000],
    ["until", "2026-11-21T13:00:00+01:00", 0],
    ["until", "2026-11-22", DAY_MS / 2],
    ["until", "2026-11-21T12:00:00.5Z", 500],
    ["for", "30d", 30 * DAY_MS],
    ["until", "2036-01-01T00:00:00Z", Date.parse("2036-01-01") - NOW],
  ])("%s %j parks it for the time that is left", async (field, value, ms) => {
    const given = typeof value === "string" ? text(value) : literal(value);
    const output = field === "for" ? { waitedMs: ms } : { until: new Date(NOW + ms).toISOString() };
    expect(await wait({ [field]: given }, { input: { value: "1m" } })).toEqual(
      ms === 0
        ? { kind: "succeeded", output }
        : { kind: "parked", until: { parking: { kind: "timer" }, dueAt: NOW + ms, onDue: { kind: "succeeded", output } } },
    );
  });

  test("that has passed ends at once", async () => {
    expect(await wait({ until: text("2020-01-01T00:00:00Z") })).toEqual({
      kind: "succeeded",
      output: { until: "2020-01-01T00:00:00.000Z" },
    });
    expect(await wait({ for: literal(0) })).toMatchObject({ kind: "succeeded" });
  });

  test.each([
    ["for", "soon"],
    ["for", "-5s"],
    ["for", true],
    ["for", "99999d"],
    ["until", "tomorrow"],
    ["until", "2026-11-21T12:00:00"],
    ["until", "2026-02-31"],
    ["until", "2099-01-01"],
    ["until", 1_800_000_000],
  ])("%s %j is a failure with a code", async (field, value) => {
    const error = { code: "WAIT_INVALID", class: "validation" };
    await expect(wait({ [field]: text("{{ input.value }}") }, { input: { value } })).rejects.toMatchObject(error);
  });

  test("whose engine died has never begun", async () => {
    const context = makeContext(makeStep("wait", { for: literal(5) }));
    expect(await step.reattach?.(context, "follow")).toMatchObject({ kind: "not_started" });
  });

  test("reads times exactly", () => {
    expect(parseTime("2026-11-21T12:00:00.123+0530")).toBe(Date.parse("2026-11-21T12:00:00.123+05:30"));
    for (const none of ["2026-13-01", "2026-11-21T25:00Z", "2026-11-21 12:00", "", "2026", null]) expect(parseTime(none)).toBeNull();
  });
});

describe("a wait for an event", () => {
  test("parks it under the event's name, without a time unless it has a limit", async () => {
    expect(
      await wait(
        { event: text("{{ input.name }}.done"), match: map({ id: text("{{ input.id }}") }) },
        { input: { name: "deploy", id: 7 } },
      ),
    ).toEqual({
      kind: "parked",
      until: { parking: { kind: "event", name: "deploy.done", match: { id: 7 } }, dueAt: null, onDue: { kind: "again" } },
    });
  });

  test.each([
    ["fail", null, { kind: "failed", failure: { class: "timeout", code: "TIMEOUT" } }],
    ["fallback", literal({ late: true }), { kind: "succeeded", output: { late: true } }],
  ] as const)("with a limit ends as its time-out says: %s", async (then, value, onDue) => {
    const timeout = { afterMs: 5_000, then, value, graceMs: 0 };
    const parked = await wait({ event: text("e") }, { deadlineAt: NOW + 5_000 }, { timeout });
    expect(parked).toMatchObject({ kind: "parked", until: { dueAt: NOW + 5_000, onDue } });
  });

  test.each([
    [null, { a: 1 }, true],
    [{}, null, false],
    [{}, {}, true],
    [{ a: 1 }, { a: 1, b: 2 }, true],
    [{ a: 1 }, { a: "1" }, false],
    [{ a: { b: [1, 2] } }, { a: { b: [1, 2], c: 3 } }, true],
    [{ a: { b: [1, 2] } }, { a: { b: [2, 1] } }, false],
    [{ a: null }, {}, false],
    [{ a: { b: 1 } }, { a: 5 }, false],
    [{ toString: 1 }, {}, false],
  ] as readonly [Record<string, Json> | null, Json, boolean][])("%j is held by %j: %s", (wanted, data, holds) => {
    expect(matchesEvent(wanted, data)).toBe(holds);
  });
});

test("what cannot be waited for is found before a run", () => {
  const found = (config: Record<string, Field>, policies: Partial<CompiledStep> = {}) =>
    checkWait(makeStep("wait", config, policies)).map(({ code, field }) => `${code} ${field}`);
  const limit = (then: "fail" | "skip") => ({ timeout: { afterMs: 1, then, value: null, graceMs: 0 } });
  expect(found({})).toEqual(["WAIT_AIM for"]);
  expect(found({ for: text("1s"), event: text("e") })).toEqual(["WAIT_AIM event"]);
  expect(found({ for: text("soon") })).toEqual(["WAIT_TIME for"]);
  expect(found({ until: text("2026-11-21T12:00") })).toEqual(["WAIT_TIME until"]);
  expect(found({ for: text("1s"), match: literal({}) })).toEqual(["WAIT_AIM match"]);
  expect(found({ for: text("1s") }, limit("fail"))).toEqual(["WAIT_TIMEOUT timeout"]);
  expect(found({ event: text("e") }, limit("skip"))).toEqual(["WAIT_TIMEOUT timeout"]);
  expect(found({ event: text("e") }, limit("fail"))).toEqual([]);
  expect(found({ until: text("{{ input.at }}") })).toEqual([]);
});
