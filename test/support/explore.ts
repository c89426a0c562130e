/** Random runs of the kernel: any small workflow, any causes in any order, sensible ones more often than absurd ones. */
import fc from "fast-check";
import { parseExpression } from "../../grammar/parse.ts";
import type { TaskFailure } from "../../src/core/failure.ts";
import type { CauseId, StepId } from "../../src/core/ids.ts";
import { isClosing } from "../../src/kernel/answer.ts";
import type { AttemptOutcome, Carried, Cause, CauseEvent } from "../../src/kernel/cause.ts";
import { type Decision, decide } from "../../src/kernel/decide.ts";
import type { JournalEntry } from "../../src/kernel/entry.ts";
import { itemAt } from "../../src/kernel/paged.ts";
import { stepsOf } from "../../src/kernel/roster.ts";
import { type RunSnapshot, runState } from "../../src/kernel/snapshot.ts";
import type { Field } from "../../src/plan/field.ts";
import type { Answered } from "../../src/plan/parking.ts";
import type { CatchMatch, CatchRule, FanOut } from "../../src/plan/step-policies.ts";
import type { CompiledStep, CompiledWorkflow } from "../../src/plan/workflow.ts";
import type { CheckedStep } from "./checker.ts";
import { LATE, LOST, PERMANENT, runStart, STARTED_AT, TRANSIENT } from "./kernel-run.ts";
import { buildWorkflow, type StepSpec } from "./workflow-builder.ts";

const STEPS_MAX = 7;
const CHOICES_MAX = 120;

const conditions = ["true", "false", "steps.s0.status == 'succeeded'", "steps.s0.output.n > 1", "input.n >= 0"].map((source) => ({
  expression: parseExpression(source),
  source,
  place: { file: "sample.troupe.yaml", line: 1, column: 1 },
}));

const anything: CatchMatch = { classes: null, codes: null, tools: null, statuses: null, when: null };
const skipping: CatchRule = { match: anything, action: { kind: "skip" } };
const giving: CatchRule = {
  match: { ...anything, classes: ["permanent"] },
  action: { kind: "fallback", value: { kind: "literal", value: { n: 9 } } },
};

function fanOutOf(onItemError: FanOut["onItemError"], maxParallel: number | null): FanOut {
  return { over: { kind: "list", items: { kind: "literal", value: [] } }, key: null, maxParallel, onItemError };
}

/** Steps of the later phases, and handlers behind their steps: each main step draws which of them it has. */
interface Extras {
  readonly handled: boolean;
  readonly compensated: boolean;
}

/** The main steps with what belongs to some of them, and one last step if wanted. */
function withExtras(specs: readonly StepSpec[], extras: readonly Extras[], hasLast: boolean): readonly StepSpec[] {
  const more: StepSpec[] = [];
  const main = specs.map((spec, index) => {
    const { handled = false, compensated = false } = extras[index] ?? {};
    const own = handled && spec.catches?.length === 0;
    if (own) more.push({ id: `h${index}`, needs: [spec.id], phase: { kind: "handler", of: index, rule: 0 } });
    if (compensated) more.push({ id: `c${index}`, phase: { kind: "compensation", of: index } });
    return own
      ? { ...spec, catches: [{ match: anything, action: { kind: "handle", steps: [specs.length + more.length - 1] } } as const] }
      : spec;
  });
  const hasHandler = (id: string): boolean => more.some((one) => one.phase?.kind === "handler" && one.needs?.[0] === id);
  const needing = main.map((spec) => {
    const handlers = (spec.needs ?? []).flatMap((need) => (typeof need === "string" && hasHandler(need) ? [need.replace("s", "h")] : []));
    return { ...spec, needs: [...(spec.needs ?? []), ...handlers] };
  });
  return [...needing, ...more, ...(hasLast ? [{ id: "last", phase: { kind: "finally" } } as const] : [])];
}

function anyTimeout(): fc.Arbitrary<Exclude<StepSpec["timeout"], undefined>> {
  const policy = fc.tuple(fc.constantFrom(100, 5_000), fc.constantFrom("fail", "fallback", "skip"));
  return fc.option(policy.map(([afterMs, then]) => ({ afterMs, then })));
}

function anyStep(index: number): fc.Arbitrary<StepSpec> {
  const before = Array.from({ length: index }, (_, earlier) => `s${earlier}`);
  const spec = {
    id: fc.constant(`s${index}`),
    needs: fc.subarray(before, { maxLength: Math.min(3, index) }),
    join: fc.constantFrom("all_success", "all_done", "any_success", "none_failed"),
    when: fc.oneof({ weight: 4, arbitrary: fc.constant(null) }, { weight: index === 0 ? 0 : 1, arbitrary: fc.constantFrom(...conditions) }),
    routedBy: fc.oneof(
      { weight: 5, arbitrary: fc.constant([]) },
      { weight: index === 0 ? 0 : 1, arbitrary: fc.subarray(before, { maxLength: Math.min(1, index) }) },
    ),
    optional: fc.boolean(),
    locks: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: fc.subarray(["db", "web"]) }),
    timeout: anyTimeout(),
    retry: fc.record({
      max: fc.nat({ max: 2 }),
      baseMs: fc.constantFrom(0, 500),
      on: fc.subarray(["permanent", "transient", "timeout"] as const),
      onExhausted: fc.constantFrom("fail", "quarantine"),
      never: fc.oneof({ weight: 7, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
    } as const),
    catches: fc.oneof({ weight: 4, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: fc.subarray([skipping, giving]) }),
    fanOut: fc.oneof(
      { weight: 4, arbitrary: fc.constant(null) },
      {
        weight: 1,
        arbitrary: fc.tuple(fc.constantFrom("fail", "collect"), fc.constantFrom(null, 1)).map(([on, max]) => fanOutOf(on as "fail", max)),
      },
    ),
    sideEffect: fc.constantFrom("none", "repeatable", "once"),
    onEngineCrash: fc.constantFrom("reattach", "retry", "fail", "quarantine"),
  };
  return fc.record(spec) as fc.Arbitrary<StepSpec>; // Each member is one of its values; inference widens the texts.
}

const sometimes = fc.oneof({ weight: 3, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) });

const anyRunWorkflow: fc.Arbitrary<CompiledWorkflow> = fc
  .nat({ max: STEPS_MAX })
  .chain((count) =>
    fc.tuple(
      fc.tuple(...Array.from({ length: count }, (_, index) => anyStep(index))),
      fc.boolean(),
      fc.option(fc.constantFrom(1_000, 20_000), { freq: 3 }),
      fc.array(fc.record({ handled: sometimes, compensated: sometimes }), { minLength: count, maxLength: count }),
      sometimes,
    ),
  )
  // The kernel only asks whether there is an output.
  .map(([specs, hasOutput, timeoutMs, extras, hasLast]) =>
    buildWorkflow(withExtras(specs, extras, hasLast), { output: hasOutput ? { sum: null as unknown as Field } : null, timeoutMs }),
  );

/** What kind of cause, about which step, and how it looks in detail. */
type Choice = readonly [kind: number, step: number, detail: number];

export interface Exploration {
  readonly workflow: CompiledWorkflow;
  /** Steps whose results are taken over from an earlier run. */
  readonly carried: readonly string[];
  readonly choices: readonly Choice[];
}

export const anyExploration: fc.Arbitrary<Exploration> = fc.record({
  workflow: anyRunWorkflow,
  carried: fc.oneof({ weight: 4, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: fc.subarray(["s0", "s1", "s3"]) }),
  choices: fc.array(fc.tuple(fc.nat({ max: 99 }), fc.nat({ max: STEPS_MAX }), fc.nat({ max: 99 })), { maxLength: CHOICES_MAX }),
});

/** One decision with all that went in. */
export interface Explored {
  readonly before: RunSnapshot | null;
  readonly cause: Cause;
  readonly now: number;
  readonly decision: Decision;
}

export function explore({ workflow, carried, choices }: Exploration): {
  readonly steps: readonly Explored[];
  readonly journal: readonly JournalEntry[];
} {
  const steps: Explored[] = [];
  const journal: JournalEntry[] = [];
  const timers = new Map<string, number>();
  let snapshot: RunSnapshot | null = null;
  let now = STARTED_AT;
  const send = (cause: Cause): void => {
    const decision = decide(workflow, snapshot, cause, now);
    steps.push({ before: snapshot, cause, now, decision });
    journal.push(...decision.journal);
    for (const effect of decision.effects) {
      if (effect.kind === "setTimer") timers.set(effect.id, effect.dueAt);
      if (effect.kind === "clearTimer") timers.delete(effect.id);
    }
    snapshot = decision.snapshot;
  };
  const start = runStart({ input: { n: 1 }, carried: carried.map(toCarried) });
  send({ id: "create" as CauseId, at: now, event: { type: "run.create", start } });
  for (const [index, choice] of choices.entries()) {
    const [kind, , detail] = choice;
    now += detail % 7 === 0 ? 1_000 : 1;
    const event = eventOf(workflow, snapshot, choice, timers, (dueAt) => {
      now = Math.max(now, dueAt);
    });
    if (event === null) continue;
    const repeated = kind >= 97 ? steps.at(-1)?.cause : undefined;
    send(repeated ?? { id: `cause:${index}` as CauseId, at: now, event }); // Any text is an id here.
  }
  return { steps, journal };
}

function toCarried(step: string, index: number): Carried {
  // Any text is an id here.
  return { step: step as StepId, state: index === 1 ? "skipped" : "succeeded", output: { n: 2 }, reason: null, attempt: 2 };
}

function eventOf(
  workflow: CompiledWorkflow,
  snapshot: RunSnapshot | null,
  [kind, at, detail]: Choice,
  timers: ReadonlyMap<string, number>,
  waitUntil: (dueAt: number) => void,
): CauseEvent | null {
  if (snapshot === null) return null;
  const by = "ada";
  if (kind < 30) {
    const step = pick(workflow, snapshot, at, ["pending.queued", "running.waiting"]);
    return step && { type: "permit.granted", step: step.id, attempt: attemptOf(snapshot, step) + (detail % 12 === 0 ? 2 : 1) };
  }
  if (kind < 62) {
    const step = pick(workflow, snapshot, at, ["running.executing", "running.stopping", "quarantined"]);
    if (step === null) return null;
    return {
      type: "attempt.settled",
      step: step.id,
      attempt: attemptOf(snapshot, step) - (detail % 13 === 0 ? 1 : 0),
      outcome: outcomeOf(step, detail),
      usage: null,
    };
  }
  // A person comes soon: what happens after that is worth more than what cannot happen before.
  if (kind < 68 && snapshot.run.value === "quarantined") return { type: "run.resume", by };
  if (kind < 74) {
    const [timer, dueAt] = [...timers][at % Math.max(1, timers.size)] ?? [];
    if (timer === undefined || dueAt === undefined) return null;
    if (detail % 9 !== 0) waitUntil(dueAt);
    return { type: "timer.fired", timer };
  }
  const all = [...stepsOf({ workflow, fans: snapshot.fans })];
  const step = all[at % Math.max(1, all.length)];
  const name = step?.id ?? ("ghost" as StepId);
  const attempt = step === undefined ? 1 : attemptOf(snapshot, step);
  const parked = pick(workflow, snapshot, at, ["running.parked"]);
  if (parked !== null && detail % 3 === 0 && itemAt(snapshot.steps, parked.index).state === "running.parked") {
    const answer = ANSWERS[detail % ANSWERS.length] as Answered; // In range.
    return {
      type: "step.answer",
      step: parked.id,
      attempt: attemptOf(snapshot, parked),
      answer,
      by,
      digest: detail % 9 === 0 ? "d" : null,
    };
  }
  if (kind < 79) return { type: "attempt.orphaned", step: name, attempt, epoch: detail };
  if (kind < 81) return { type: "attempt.progress", step: name, attempt, data: { detail } };
  if (kind < 89) {
    const held = pick(workflow, snapshot, at, ["quarantined"])?.id ?? name;
    if (detail % 4 === 0) return { type: "step.skip", step: held, by, reason: null };
    if (detail % 4 === 1) return { type: "step.override", step: held, by, output: { n: detail } };
    if (detail % 4 === 2) return { type: "step.fail", step: held, by, reason: null };
    return { type: "step.release", step: held, by };
  }
  if (kind < 91) return { type: "run.pause", by };
  if (kind < 94) return { type: "run.resume", by };
  if (kind < 96)
    return detail < 30 || isClosing(runState(snapshot))
      ? { type: "run.cancel", by, reason: null }
      : { type: "run.quarantine", reason: "a person asked" };
  return { type: "run.finished", result: detail % 2 === 0 ? { ok: true, output: detail } : { ok: false, failure: PERMANENT } };
}

/** The step at this place among those in one of the states; any step if there is none. */
function pick(workflow: CompiledWorkflow, snapshot: RunSnapshot, at: number, states: readonly string[]): CompiledStep | null {
  const all = [...stepsOf({ workflow, fans: snapshot.fans })];
  const fitting = all.filter(({ index }) => states.includes(itemAt(snapshot.steps, index).state));
  const from = fitting.length > 0 ? fitting : all;
  return from[at % Math.max(1, from.length)] ?? null;
}

function attemptOf(snapshot: RunSnapshot, step: CompiledStep): number {
  return itemAt(snapshot.steps, step.index).actor.context.attempt;
}

const ANSWERS: readonly Answered[] = [{ kind: "succeeded", output: { n: 1 } }, { kind: "failed", failure: PERMANENT }, { kind: "again" }];

function outcomeOf({ fanOut }: CompiledStep, detail: number): AttemptOutcome {
  if (fanOut !== null && detail < 40) {
    const keys = Array.from({ length: detail % 4 }, (_, index) => String(index));
    return { kind: "fanned", keys, items: keys };
  }
  if (detail >= 96) {
    const dueAt = detail % 2 === 0 ? null : STARTED_AT + 30_000;
    return { kind: "parked", until: { parking: { kind: "timer" }, dueAt, onDue: ANSWERS[detail % 3] as Answered } }; // In range.
  }
  const failures: readonly TaskFailure[] = [PERMANENT, TRANSIENT, { ...PERMANENT, class: "validation", code: "OUTPUT_SCHEMA" }];
  const failure = failures[detail % failures.length] ?? PERMANENT;
  if (detail < 40) return { kind: "succeeded", output: { n: detail % 3, chosen: `s${detail % 5}` } };
  if (detail < 65) return { kind: "failed", failure };
  if (detail < 75) return { kind: "timed_out", failure: LATE, fallback: null };
  if (detail < 82) return { kind: "stopped" };
  if (detail < 92) return { kind: "lost", reason: "its engine died", failure: LOST };
  return { kind: "not_started", reason: "revoked" };
}

/** What the checker is told of a workflow. */
export function checkedSteps(workflow: CompiledWorkflow): readonly CheckedStep[] {
  const name = (index: number): string => workflow.steps[index]?.id ?? "";
  return workflow.steps.map(({ id, needs, join, optional, sideEffect, retry, conflicts, phase, fanOut }) => ({
    id,
    needs: needs.map(({ from }) => name(from)),
    join,
    optional,
    once: sideEffect === "once" || retry.never,
    maxRetries: retry.max,
    excludes: conflicts.map(name),
    fansOut: fanOut !== null,
    phase: phase.kind === "handler" || phase.kind === "compensation" ? { kind: phase.kind, of: name(phase.of) } : { kind: phase.kind },
  }));
}

export function stateBefore({ before }: Explored): string {
  return before === null ? "" : runState(before);
}
