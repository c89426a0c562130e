import { describe, expect, test } from "vitest";
import { canonicalJson, type JsonObject } from "../../../src/core/json.ts";
import { sha256 } from "../../../src/core/sha256.ts";
import { validateData } from "../../../src/definition/data-schema.ts";
import { scopeOf } from "../../../src/expression/scope.ts";
import type { Field } from "../../../src/plan/field.ts";
import type { RiskRule } from "../../../src/plan/step-policies.ts";
import type { CompiledStep } from "../../../src/plan/workflow.ts";
import type { Execution } from "../../../src/ports/attempt.ts";
import { EvaluatingContext } from "../../../src/runtime/attempt-context.ts";
import { checkApproval } from "../../../src/steps/approval/check.ts";
import { type Decision, toAnswer } from "../../../src/steps/approval/decide.ts";
import { createApprovalStep } from "../../../src/steps/approval/execute.ts";
import { type ApprovalRequest, fieldsSchema, fromJournal } from "../../../src/steps/approval/request.ts";
import { levelOf } from "../../../src/steps/approval/risk.ts";
import { condition, literal, makeRequest, makeStep, map, text } from "../../support/attempts.ts";

const NOW = Date.parse("2026-11-21T12:00:00Z");
const HOUR_MS = 3_600_000;
const step = createApprovalStep({ clock: { now: () => NOW } });

/** By its name alone, an object with this member would be taken for a promise. */
const THEN = "then";

interface Around {
  readonly input?: JsonObject;
  readonly context?: JsonObject;
  readonly risk?: readonly RiskRule[];
  readonly attempt?: number;
}

const rule = (when: string, score: number, reason = when): RiskRule => ({ when: condition(when) as RiskRule["when"], score, reason });

function ask(config: Record<string, Field>, { input = {}, context = {}, risk = [], attempt = 1 }: Around = {}): Promise<Execution> {
  const made = makeStep("approval", { prompt: text("Deploy {{ input.version ?? '1' }}?"), ...config });
  const around = { scope: scopeOf({ input, context }), signal: new AbortController().signal, progress: () => undefined };
  const request = makeRequest(made, { workflow: { risk }, attempt });
  return step.execute(new EvaluatingContext(request, { ...around, masks: [], isReattached: false, fault: null }));
}

async function asked(config: Record<string, Field> = {}, around: Around = {}) {
  const execution = await ask(config, around);
  if (execution.kind !== "parked" || execution.until.parking.kind !== "approval") throw new Error(JSON.stringify(execution));
  const { parking, dueAt, onDue } = execution.until;
  return { request: fromJournal(parking.request), digest: parking.digest, dueAt, onDue };
}

describe("what is shown", () => {
  test("is bound to its digest: equal for equal requests, another for any change (X12)", async () => {
    const { request, digest } = await asked({ show: map({ cost: text("{{ input.cost }}") }) }, { input: { cost: 5, version: "2" } });
    expect(request).toMatchObject({ prompt: "Deploy 2?", show: { cost: 5 }, who: [], attempt: 1, risk: { score: 0, level: "low" } });
    expect(digest).toBe(sha256(canonicalJson(request)));
    const changes: Partial<ApprovalRequest>[] = [
      { prompt: "Deploy 3?" },
      { show: { cost: 6 } },
      { definition: "f".repeat(64) },
      { who: ["eve"] },
      { attempt: 2 },
      { run: "run_other" },
      { fields: {} },
    ];
    const digests = changes.map((change) => sha256(canonicalJson({ ...request, ...change })));
    expect(new Set([digest, ...digests]).size).toBe(changes.length + 1);
  });

  test("names those who are asked, and those who may not be", async () => {
    const { request } = await asked({ who: literal(["ann", "leads"]), four_eyes: literal(true) }, { context: { startedBy: "bob" } });
    expect(request).toMatchObject({ who: ["ann", "leads"], notBy: "bob" });
    expect((await asked({ who: text("{{ input.owner }}") }, { input: { owner: "zoe" } })).request.who).toEqual(["zoe"]);
  });

  test("is refused where it names nobody, or shows more than anybody can look at", async () => {
    for (const owners of [[], null, ""]) {
      const who = { who: text("{{ input.owners }}") };
      await expect(ask(who, { input: { owners } })).rejects.toMatchObject({ code: "APPROVAL_INVALID" });
    }
    await expect(ask({ show: literal("x".repeat(300_000)) })).rejects.toMatchObject({ code: "APPROVAL_INVALID" });
  });

  test("cannot be about four eyes when nobody knows whose run it is", async () => {
    await expect(ask({ four_eyes: literal(true) })).rejects.toMatchObject({ code: "APPROVAL_STARTER" });
  });
});

describe("risk", () => {
  const risk = [rule("input.prod", 50), rule("input.size > 100", 30), rule("input.tested", -20)];

  test.each([
    [-5, "low"],
    [0, "low"],
    [29, "low"],
    [30, "medium"],
    [60, "high"],
    [89.9, "high"],
    [90, "critical"],
    [1_000, "critical"],
  ])("a score of %d is %s", (score, level) => {
    expect(levelOf(score)).toBe(level);
  });

  test("adds up from the rules that hold", async () => {
    const { request } = await asked({}, { risk, input: { prod: true, size: 200, tested: true } });
    expect(request.risk).toEqual({
      score: 60,
      level: "high",
      reasons: [
        { reason: "input.prod", score: 50 },
        { reason: "input.size > 100", score: 30 },
        { reason: "input.tested", score: -20 },
      ],
    });
  });

  test("counts a rule that cannot be evaluated, unless it would lower the score", async () => {
    const { request } = await asked({}, { risk, input: { prod: false } });
    expect(request.risk).toMatchObject({ score: 30, reasons: [{ score: 30, error: expect.any(String) }] });
  });

  test.each([
    ["level", "high", { prod: true, size: 0, tested: false }],
    ["min_score", 51, { prod: true, size: 0, tested: false }],
  ])("below the step's own %s nobody is asked, and the output says so", async (name, value, input) => {
    expect(await ask({ [name]: literal(value) }, { risk, input })).toMatchObject({
      kind: "succeeded",
      output: { decision: "approved", by: null, automatic: true, at: "2026-11-21T12:00:00.000Z", risk: { score: 50, level: "medium" } },
    });
    expect(await ask({ [name]: literal(value) }, { risk, input: { ...input, size: 200 } })).toMatchObject({ kind: "parked" });
  });
});

describe("time", () => {
  const expires = (more: Record<string, Field> = {}) => ({ expires: map({ after: text("4h"), ...more }) });

  test("has no limit unless the author gives one", async () => {
    expect((await asked()).dueAt).toBeNull();
  });

  test("ends in a rejection, an approval, or the next who are asked", async () => {
    expect(await asked(expires())).toMatchObject({
      dueAt: NOW + 4 * HOUR_MS,
      onDue: { kind: "failed", failure: { class: "policy", code: "APPROVAL_EXPIRED" } },
    });
    expect(await asked(expires({ [THEN]: literal("approve") }))).toMatchObject({
      onDue: { kind: "succeeded", output: { decision: "approved", by: null, automatic: true, at: "2026-11-21T16:00:00.000Z" } },
    });
    const escalating = { who: literal("ann"), ...expires({ [THEN]: literal("escalate"), to: literal(["boss"]) }) };
    expect(await asked(escalating)).toMatchObject({ request: { who: ["ann"] }, onDue: { kind: "again" } });
    expect(await asked(escalating, { attempt: 2 })).toMatchObject({
      request: { who: ["boss"], attempt: 2, expires: { otherwise: "reject" } },
      onDue: { kind: "failed", failure: { code: "APPROVAL_EXPIRED" } },
    });
  });

  test("that is none is a failure", async () => {
    await expect(ask({ expires: map({ after: text("{{ input.x }}") }) }, { input: { x: "soon" } })).rejects.toMatchObject({
      code: "APPROVAL_INVALID",
    });
  });
});

describe("a decision", () => {
  const validate = (schema: JsonObject, data: Parameters<typeof validateData>[1], root: string) =>
    validateData(schema, data, { root }).errors;
  const request: ApprovalRequest = {
    run: "run_1",
    workflow: "w",
    definition: "0",
    step: "ask",
    title: null,
    attempt: 1,
    prompt: "?",
    who: ["ann", "leads"],
    show: null,
    fields: fieldsSchema({ ticket: { type: "string", minLength: 3 }, window: { enum: ["day", "night"], default: "night" } }),
    risk: { score: 40, level: "medium", reasons: [] },
    notBy: "bob",
    expires: { at: new Date(NOW + HOUR_MS).toISOString(), otherwise: "reject", to: [] },
  };
  const by = (name: string, groups: readonly string[] = []) => ({ name, groups });
  const decide = (differs: Partial<Decision> = {}, now = NOW, about = request) =>
    toAnswer(about, { decision: "approved", by: by("ann"), comment: null, fields: { ticket: "T-1" }, ...differs }, now, validate);

  test("of one who is asked is the step's output, with defaults", () => {
    expect(decide({ comment: "fine" })).toEqual({
      kind: "succeeded",
      output: {
        decision: "approved",
        by: "ann",
        at: "2026-11-21T12:00:00.000Z",
        comment: "fine",
        fields: { ticket: "T-1", window: "night" },
        risk: { score: 40, level: "medium", reasons: [] },
        automatic: false,
      },
    });
    expect(decide({ by: by("carl", ["staff", "leads"]) })).toMatchObject({ output: { by: "carl" } });
  });

  test("against it is a failure that nothing repeats, and asks for no fields", () => {
    expect(decide({ decision: "rejected", comment: "not today", fields: {} })).toMatchObject({
      kind: "failed",
      failure: { class: "policy", code: "APPROVAL_REJECTED", title: "ann rejected it: not today", extra: { by: "ann" } },
    });
  });

  test.each([
    ["APPROVAL_NOT_YOURS", { by: by("eve") }, NOW],
    ["APPROVAL_NOT_YOURS", { by: by("eve", ["staff"]) }, NOW],
    ["APPROVAL_OWN_RUN", { by: by("bob", ["leads"]) }, NOW],
    ["APPROVAL_LATE", {}, NOW + HOUR_MS],
    ["APPROVAL_FIELDS", { fields: {} }, NOW],
    ["APPROVAL_FIELDS", { fields: { ticket: "T" } }, NOW],
    ["APPROVAL_FIELDS", { fields: { ticket: "T-1", window: "noon" } }, NOW],
    ["APPROVAL_FIELDS", { fields: { ticket: "T-1", other: 1 } }, NOW],
  ] as const)("is refused with %s for %j", (code, differs, now) => {
    expect(() => decide(differs, now)).toThrow(expect.objectContaining({ code, exitCode: 2 }));
  });

  test("brings no fields where none are asked", () => {
    expect(() => decide({}, NOW, { ...request, fields: null })).toThrow(expect.objectContaining({ code: "APPROVAL_FIELDS" }));
  });
});

test("what cannot be asked is found before a run", () => {
  const found = (config: Record<string, Field>, policies: Partial<CompiledStep> = {}) =>
    checkApproval(makeStep("approval", { prompt: text("?"), ...config }, policies)).map(({ severity, field }) => `${severity} ${field}`);
  expect(found({})).toEqual([]);
  expect(found({ expires: literal({ after: "soon" }) })).toEqual(["error expires.after"]);
  expect(found({ expires: literal({ after: "1h", [THEN]: "escalate" }) })).toEqual(["error expires"]);
  expect(found({ expires: map({ after: literal(5), to: text("{{ input.x }}") }) })).toEqual(["error expires.to"]);
  expect(found({ expires: literal({ after: "1h", [THEN]: "approve" }) })).toEqual(["warning expires.then"]);
  expect(found({ level: literal("low"), min_score: literal(1) })).toEqual(["error min_score"]);
  expect(found({}, { timeout: { afterMs: 1, [THEN]: "fail", value: null, graceMs: 0 } })).toEqual(["error timeout"]);
});
