/** What a seed stands for: workflows, people's wishes, and how unkind the world is. */
import type { RunId, StepId, TenantId } from "../../src/core/ids.ts";
import type { CauseEvent, RunStart } from "../../src/kernel/cause.ts";
import type { Field } from "../../src/plan/field.ts";
import { type CompiledWorkflow, CRASH_POLICIES, JOINS, SIDE_EFFECTS } from "../../src/plan/workflow.ts";
import { runStart } from "../support/kernel-run.ts";
import { buildWorkflow, type StepSpec } from "../support/workflow-builder.ts";
import type { Chance } from "./world.ts";

export interface PlannedRun {
  readonly workflow: CompiledWorkflow;
  readonly start: RunStart;
  readonly startsInMs: number;
}

export interface Wish {
  readonly run: number;
  readonly inMs: number;
  readonly event: CauseEvent;
  /** Through the mailbox, as another process would; otherwise straight to the engine. */
  readonly byLetter: boolean;
}

export interface Scenario {
  readonly runs: readonly PlannedRun[];
  readonly wishes: readonly Wish[];
  readonly limit: number;
  readonly commitMsMax: number;
  /** Share of commits whose outcome stays unknown. */
  readonly doubt: number;
  /** Share of crash points at which the engine dies. */
  readonly deadly: number;
  /** When engines are killed from outside, and when one is frozen while another takes over. */
  readonly kills: readonly number[];
  readonly freezes: readonly number[];
}

const STEPS_MAX = 4;

export function createScenario(chance: Chance): Scenario {
  const runs = Array.from({ length: chance.happens(0.3) ? 2 : 1 }, (_, index) => planRun(chance, index));
  return {
    runs,
    wishes: Array.from({ length: chance.between(0, 3) }, () => wish(chance, runs)),
    limit: chance.between(1, 3),
    commitMsMax: chance.one([0, 1, 15]),
    doubt: chance.happens(0.2) ? 0.05 : 0,
    deadly: chance.happens(0.3) ? 0.03 : 0,
    kills: Array.from({ length: chance.happens(0.5) ? chance.between(1, 3) : 0 }, () => chance.between(0, 3_000)),
    freezes: chance.happens(0.15) ? [chance.between(0, 2_000)] : [],
  };
}

function planRun(chance: Chance, index: number): PlannedRun {
  const count = chance.between(1, STEPS_MAX);
  const steps = Array.from({ length: count }, (_, at) => planStep(chance, at));
  const workflow = buildWorkflow(steps, {
    // The kernel only asks whether there is an output.
    output: chance.happens(0.3) ? { made: null as unknown as Field } : null,
    timeoutMs: chance.happens(0.15) ? chance.one([300, 2_500]) : null,
    // Any text is an id here; each run has a definition of its own.
    hash: String(index).padStart(64, "0") as CompiledWorkflow["hash"],
  });
  const start = runStart({
    runId: `run_${String(index).padStart(32, "0")}` as RunId,
    tenant: `tenant${index}` as TenantId,
    definition: workflow.hash,
    concurrency: chance.happens(0.2) ? 1 : null,
  });
  return { workflow, start, startsInMs: chance.between(0, 50) };
}

function planStep(chance: Chance, at: number): StepSpec {
  const before = Array.from({ length: at }, (_, earlier) => `s${earlier}`);
  return {
    id: `s${at}`,
    needs: before.filter(() => chance.happens(0.4)),
    join: chance.one(JOINS),
    optional: chance.happens(0.25),
    locks: chance.happens(0.25) ? ["db"] : [],
    priority: chance.one([1, 3, 5] as const),
    timeout: chance.happens(0.35) ? { afterMs: chance.one([100, 2_000]), ...after(chance.one(["fail", "fallback", "skip"])) } : null,
    retry: {
      max: chance.between(0, 2),
      baseMs: chance.one([0, 40, 700]),
      on: chance.happens(0.7) ? ["transient", "permanent", "timeout"] : ["transient"],
      onExhausted: chance.one(["fail", "fail", "quarantine"]),
      never: chance.happens(0.15),
    },
    sideEffect: chance.one(SIDE_EFFECTS),
    onEngineCrash: chance.one(CRASH_POLICIES),
  };
}

function after(what: "fail" | "fallback" | "skip"): { readonly then: typeof what } {
  // biome-ignore lint/suspicious/noThenProperty: `then` is the author's word for what follows a time-out; nobody awaits a policy.
  return { then: what };
}

function wish(chance: Chance, runs: readonly PlannedRun[]): Wish {
  const run = chance.between(0, runs.length - 1);
  const step = `s${chance.between(0, STEPS_MAX)}` as StepId; // One more than there are: some are wrong.
  const by = "ada";
  const event = chance.one<CauseEvent>([
    { type: "run.cancel", by, reason: null },
    { type: "run.pause", by },
    { type: "run.resume", by },
    { type: "run.pause", by },
    { type: "run.quarantine", reason: "a person asked" },
    { type: "step.release", step, by },
    { type: "step.skip", step, by, reason: "not needed" },
    { type: "attempt.settled", step, attempt: 0, outcome: { kind: "succeeded", output: null }, usage: null },
    { type: "timer.fired", timer: `${step}/backoff/1` },
  ]);
  return { run, inMs: chance.between(60, 2_500), event, byLetter: chance.happens(0.5) };
}
