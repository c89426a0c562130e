/** Runs the cases of a test in virtual time, and simulates what they ask to have simulated. */

import { parseDurationMs } from "../../core/duration.ts";
import { isTroupeError } from "../../core/errors.ts";
import { stepNameOf } from "../../core/item-id.ts";
import { nearestName } from "../../core/nearest.ts";
import { validateData } from "../../definition/data-schema.ts";
import type { CauseEvent } from "../../kernel/cause.ts";
import type { JournalEntry } from "../../kernel/entry.ts";
import { sourceOf } from "../../kernel/scope.ts";
import { runState } from "../../kernel/snapshot.ts";
import { jitterOf } from "../../kernel/verdict.ts";
import type { StepTypeDeclaration } from "../../plan/step-type.ts";
import type { CompiledStep, CompiledWorkflow } from "../../plan/workflow.ts";
import type { AttemptRequest } from "../../ports/attempt.ts";
import { createAttemptRunner } from "../../runtime/attempt-runner.ts";
import { digestOf, runIdOfKey } from "../ids.ts";
import { prepareRun } from "../prepare-run.ts";
import { type Coverage, coverageOf } from "./coverage.ts";
import { judge, judgeConditions } from "./judge.ts";
import { ANY, createMockedSteps, toFailure } from "./mocked-steps.ts";
import { createQuiet } from "./quiet.ts";
import type { TestFile } from "./read-tests.ts";
import { type AnswerSpec, FAULTS, type Fault, type TestCase } from "./test-document.ts";
import { createVirtualClock } from "./virtual-clock.ts";
import { type PlannedAnswer, runVirtually, type VirtualRun } from "./virtual-run.ts";

export interface CaseResult {
  readonly name: string;
  /** Empty when the case passed. */
  readonly problems: readonly string[];
  /** Virtual, in milliseconds. */
  readonly virtualMs: number;
  readonly durationMs: number;
  readonly simulated: SimulationResult | null;
}

export interface SimulationResult {
  readonly runs: number;
  readonly states: Readonly<Record<string, number>>;
  /** The smallest set of faults found that breaks the case; null when none does. */
  readonly broken: { readonly seed: number; readonly faults: readonly string[]; readonly problems: readonly string[] } | null;
}

export interface FileResult {
  readonly file: string;
  readonly workflow: string;
  readonly cases: readonly CaseResult[];
  readonly coverage: Coverage;
}

export interface TestRunOptions {
  readonly stepTypes: readonly StepTypeDeclaration[];
  /** Only cases whose name contains this. */
  readonly only?: string;
  /** Simulated runs of each case in place of what it says; 0 for none. */
  readonly seeds?: number;
  readonly firstSeed?: number;
  /** However a case ends by itself is right: what counts is what faults do. @defaultValue false */
  readonly isAnyEnd?: boolean;
}

/** An instant that is no round number of anything, so that no workflow depends on it. */
const START_MS = Date.UTC(2030, 0, 7, 9, 30);
const WORKERS_DEFAULT = 8;
const WORKSPACE = "/workspace";

export async function runTestFile(test: TestFile, options: TestRunOptions): Promise<FileResult> {
  const { document, workflow, file } = test;
  const chosen = document.cases.filter(({ name }) => options.only === undefined || name.includes(options.only));
  const journals: (readonly JournalEntry[])[] = [];
  const cases: CaseResult[] = [];
  for (const testCase of chosen) {
    const startedAt = performance.now();
    const unfit = [...unknownNames(test, testCase), ...inputProblems(workflow, testCase)];
    if (unfit.length > 0) {
      cases.push({ name: testCase.name, problems: unfit, virtualMs: 0, durationMs: performance.now() - startedAt, simulated: null });
      continue;
    }
    const { run, virtualMs } = await play(test, testCase, options, () => null);
    journals.push(run.journal);
    const problems = options.isAnyEnd === true ? [] : judge(workflow, run, testCase.expect ?? {}, virtualMs);
    const simulated = problems.length > 0 ? null : await simulate(test, testCase, options, journals);
    const broken = simulated?.broken ?? null;
    const found = broken === null ? [] : [`seed ${broken.seed} with ${broken.faults.join(", ")}: ${broken.problems.join("; ")}`];
    cases.push({ name: testCase.name, problems: [...problems, ...found], virtualMs, durationMs: performance.now() - startedAt, simulated });
  }
  return { file, workflow: workflow.name, cases, coverage: coverageOf(workflow, journals) };
}

/** A mock that stands for no step would never be asked, and the step that was meant would have none. */
function unknownNames({ document, workflow }: TestFile, testCase: TestCase): readonly string[] {
  const ids = workflow.steps.map(({ id }): string => id);
  return (["mocks", "answers"] as const).flatMap((kind) =>
    Object.keys({ ...document[kind], ...testCase[kind] })
      .filter((name) => name !== ANY && !ids.includes(stepNameOf(name)))
      .map((name) => {
        const near = nearestName(stepNameOf(name), ids);
        return `${kind}: there is no step \`${name}\`${near === undefined ? "" : `; did you mean \`${near}\`?`}`;
      }),
  );
}

function inputProblems(workflow: CompiledWorkflow, { input }: TestCase): readonly string[] {
  try {
    prepareRun(workflow, input === undefined ? {} : { input }, { workspace: WORKSPACE, profile: null });
    return [];
  } catch (thrown) {
    if (!isTroupeError(thrown) || thrown.code !== "INPUT_INVALID") throw thrown;
    return [`the input does not fit: ${String(thrown.details.problems).replaceAll("\n", "; ")}`];
  }
}

interface Played {
  readonly run: VirtualRun;
  readonly virtualMs: number;
}

type FaultOf = (request: AttemptRequest) => Fault | null;

async function play(
  { document, workflow }: TestFile,
  testCase: TestCase,
  { stepTypes }: TestRunOptions,
  faultOf: FaultOf,
): Promise<Played> {
  const clock = createVirtualClock(START_MS);
  const quiet = createQuiet();
  const mocks = { ...document.mocks, ...testCase.mocks };
  const answers = { ...document.answers, ...testCase.answers };
  const runner = createAttemptRunner({
    stepTypes: createMockedSteps({ declarations: stepTypes, mocks, clock, quiet, faultOf }),
    breakers: { call: (_target, work) => work(), state: () => "closed", [Symbol.dispose]: () => {} },
    clock,
    validate: (schema, data, root) => validateData(schema, data, { root }).errors,
    digest: digestOf,
  });
  const { start } = prepareRun(
    workflow,
    {
      ...(testCase.input !== undefined && { input: testCase.input }),
      ...(testCase.context !== undefined && { context: testCase.context }),
    },
    { workspace: WORKSPACE, profile: null },
  );
  const cancelMs = testCase.cancel_after === undefined ? null : parseDurationMs(testCase.cancel_after);
  const cancel: CauseEvent = { type: "run.cancel", by: "the test", reason: null };
  // Delays between attempts are drawn from the run's id: with the same one, a case takes the same time whenever it is run.
  const run = await runVirtually({
    workflow,
    start: { ...start, runId: runIdOfKey(workflow.name, testCase.name) },
    clock,
    quiet,
    runner,
    limit: testCase.max_workers ?? WORKERS_DEFAULT,
    answer: (step, attempt, parking) => answerTo(answers, step, attempt, parking.kind === "approval" ? parking.digest : null),
    ...(cancelMs !== null && { happenings: [{ afterMs: cancelMs, event: cancel }] }),
  });
  return { run, virtualMs: clock.now() - START_MS };
}

function answerTo(
  answers: NonNullable<TestCase["answers"]>,
  step: CompiledStep,
  attempt: number,
  digest: string | null,
): PlannedAnswer | null {
  const named = answers[step.id] ?? answers[stepNameOf(step.id)];
  const spec = Array.isArray(named)
    ? (named as readonly AnswerSpec[])[Math.min(attempt, named.length) - 1]
    : (named as AnswerSpec | undefined); // As with mocks.
  if (spec === undefined) return null;
  const answer =
    spec.error === undefined
      ? ({ kind: "succeeded", output: spec.output ?? null } as const)
      : ({ kind: "failed", failure: toFailure(spec.error) } as const);
  const afterMs = spec.after === undefined ? 0 : (parseDurationMs(spec.after) ?? 0);
  return { event: { type: "step.answer", step: step.id, attempt, answer, by: "the test", digest }, afterMs };
}

/** Attempts that a fault may meet; more faults than a run has attempts say nothing. */
const FAULT_RATE = 0.25;
const SEEDS_DEFAULT = 100;

type Planted = ReadonlyMap<string, Fault>;

/** Runs the case again and again with faults drawn from a seed; of the first that breaks it, faults are taken away while it stays broken. */
async function simulate(
  test: TestFile,
  testCase: TestCase,
  options: TestRunOptions,
  journals: (readonly JournalEntry[])[],
): Promise<SimulationResult | null> {
  const asked = testCase.simulate;
  const seeds = options.seeds ?? (asked === undefined ? 0 : (asked.seeds ?? SEEDS_DEFAULT));
  if (seeds === 0) return null;
  const faults = asked?.faults ?? FAULTS;
  const states: Record<string, number> = {};
  const first = options.firstSeed ?? 1;
  const attempt = async (
    planted: Planted | number,
  ): Promise<{ readonly met: Planted; readonly problems: readonly string[]; readonly run: VirtualRun }> => {
    const met = new Map<string, Fault>();
    const { run } = await play(test, testCase, options, ({ step, attempt: number }) => {
      const at = `${step.id}/${number}`;
      const fault = typeof planted === "number" ? draw(planted, at, faults) : (planted.get(at) ?? null);
      if (fault !== null) met.set(at, fault);
      return fault;
    });
    return { met, problems: problemsOf(test, testCase, run), run };
  };
  for (let seed = first; seed < first + seeds; seed++) {
    const { met, problems, run } = await attempt(seed);
    const state = runState(run.snapshot);
    states[state] = (states[state] ?? 0) + 1;
    journals.push(run.journal);
    if (problems.length === 0) continue;
    const smallest = await shrink(met, async (planted) => (await attempt(planted)).problems.length > 0);
    const { problems: left } = await attempt(smallest);
    return {
      runs: seed - first + 1,
      states,
      broken: { seed, faults: [...smallest].map(([at, fault]) => `${at} ${fault}`), problems: left },
    };
  }
  return { runs: seeds, states, broken: null };
}

function draw(seed: number, at: string, faults: readonly Fault[]): Fault | null {
  if (jitterOf(`${seed} ${at}`) >= FAULT_RATE) return null;
  return faults[Math.floor(jitterOf(`${seed} ${at} which`) * faults.length)] ?? null;
}

function problemsOf({ workflow }: TestFile, { simulate: asked }: TestCase, run: VirtualRun): readonly string[] {
  const problems = run.stuck === null ? [] : [`it did not come to an end: ${run.stuck}`];
  const state = runState(run.snapshot);
  if (run.stuck === null && asked?.status !== undefined && !asked.status.includes(state)) problems.push(`it ended ${state}`);
  return [...problems, ...judgeConditions(sourceOf(workflow, run.snapshot), asked?.holds ?? [])];
}

/** Takes faults away one by one as long as what is left still breaks the case. */
async function shrink(planted: Planted, breaks: (planted: Planted) => Promise<boolean>): Promise<Planted> {
  let kept = new Map(planted);
  for (const at of planted.keys()) {
    const fewer = new Map(kept);
    fewer.delete(at);
    if (await breaks(fewer)) kept = fewer;
  }
  return kept;
}
