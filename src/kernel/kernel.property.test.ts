import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkJournal } from "../../test/support/checker.ts";
import { anyExploration, checkedSteps, type Exploration, explore, stateBefore } from "../../test/support/explore.ts";
import { KernelRun } from "../../test/support/kernel-run.ts";
import { buildWorkflow } from "../../test/support/workflow-builder.ts";
import { canonicalJson } from "../core/json.ts";
import type { CompiledStep, CompiledWorkflow } from "../plan/workflow.ts";
import { decide } from "./decide.ts";
import { ENTRY_TYPES } from "./entry.ts";
import { fold, foldOnto } from "./fold.ts";
import { itemAt } from "./paged.ts";
import { stepsOf } from "./roster.ts";
import { countOf, isFinalStep, type RunSnapshot, runState, STEP_STATES } from "./snapshot.ts";

/** Random workflows per property; fast-check prints the seed of a failure. */
const WORKFLOWS = 300;
const STARTING = ["running.executing", "running.waiting", "running.compensating", "running.concluding"];
const rosterOf = (workflow: CompiledWorkflow, { fans }: RunSnapshot): readonly CompiledStep[] => [...stepsOf({ workflow, fans })];

function always(check: (exploration: Exploration) => void): void {
  fc.assert(
    fc.property(anyExploration, (exploration) => void check(exploration)),
    { numRuns: WORKFLOWS },
  );
}

const problemsOf = (exploration: Exploration): readonly string[] =>
  checkJournal(checkedSteps(exploration.workflow), explore(exploration).journal);
const about = (id: string) => (exploration: Exploration) =>
  expect(problemsOf(exploration).filter((problem) => problem.includes(id))).toEqual([]);

test("the random runs meet every type of entry, so that the properties below are about something", () => {
  const seen = new Set(
    fc.sample(anyExploration, { numRuns: 3_000, seed: 1 }).flatMap((one) => explore(one).journal.map(({ type }) => type)),
  );
  expect(ENTRY_TYPES.filter((type) => !seen.has(type))).toEqual([]);
});

describe("in every run", () => {
  test("I-3 no step gets a second outcome", () => always(about("I-3")));
  test("I-5 only legal transitions happen", () => always(about("I-5")));
  test("I-6 entries are numbered without a gap", () => always(about("I-6")));
  test("I-17 what may happen only once is never repeated without a person", () => always(about("I-17")));
  test("I-18 the third engine death puts a step before a person", () => always(about("I-18")));
  test("I-19 quarantine ends by an event that names a person", () => always(about("I-19")));
  test("I-21 no timer acts early", () => always(about("I-21")));
  test("I-25 nothing starts after a cancel", () => always(about("I-25")));
  test("I-27 nothing starts during a pause", () => always(about("I-27")));
  test("the independent checker finds nothing at all", () => always((exploration) => expect(problemsOf(exploration)).toEqual([])));
});

describe("state", () => {
  test("I-4 is the fold of the journal, after every decision and for every prefix", () => {
    always((exploration) => {
      const { steps, journal } = explore(exploration);
      const first = steps[0]?.decision;
      let folded = fold(exploration.workflow, journal.slice(0, 1));
      for (const entry of first?.journal.slice(1) ?? []) folded = foldOnto(exploration.workflow, folded, [entry]);
      expect(folded).toEqual(first?.snapshot);
      for (const { decision } of steps.slice(1)) {
        for (const entry of decision.journal) {
          folded = foldOnto(exploration.workflow, folded, [entry]);
          expectSound(exploration.workflow, folded);
        }
        expect(folded).toEqual(decision.snapshot);
      }
      expect(fold(exploration.workflow, journal)).toEqual(steps.at(-1)?.decision.snapshot);
    });
  });

  test("is never a fault of ours", () => {
    always((exploration) => {
      for (const { decision } of explore(exploration).steps) expect(decision.refused?.kind ?? "request").toBe("request");
    });
  });
});

/** Counts, needs (D2) and the first failure are what the steps' states say. */
function expectSound(workflow: CompiledWorkflow, snapshot: RunSnapshot): void {
  const states = rosterOf(workflow, snapshot).map(({ index }) => itemAt(snapshot.steps, index).state);
  for (const state of STEP_STATES) expect(countOf(snapshot.counts, state)).toBe(states.filter((one) => one === state).length);
  for (const step of workflow.steps) {
    const open = step.needs.filter(({ from }) => !isFinalStep(states[from] ?? "pending.blocked")).length;
    expect(itemAt(snapshot.steps, step.index).unmet).toBe(open);
  }
  const hasFailed = workflow.steps.some(({ index, optional }) => states[index] === "failed" && !optional);
  expect(snapshot.firstFailed >= 0).toBe(hasFailed);
  for (const { of: items, next, open, failed } of snapshot.fans) {
    const own = states.slice(items.base, items.base + items.keys.length);
    expect([open, failed]).toEqual([own.filter((state) => !isFinalStep(state)).length, own.filter((state) => state === "failed").length]);
    expect(own.slice(next).every((state) => state === "pending.blocked")).toBe(true);
  }
}

describe("a decision", () => {
  test("is the same when it is made again, byte by byte", () => {
    always((exploration) => {
      for (const { before, cause, now, decision } of explore(exploration).steps) {
        const again = decide(exploration.workflow, before, cause, now);
        expect(canonicalJson([again.journal, again.effects])).toBe(canonicalJson([decision.journal, decision.effects]));
        expect(again.snapshot).toEqual(decision.snapshot);
      }
    });
  });

  test("is not made twice for one cause", () => {
    always((exploration) => {
      for (const { cause, now, decision } of explore(exploration).steps) {
        if (decision.journal.length === 0) continue;
        const again = decide(exploration.workflow, decision.snapshot, cause, now);
        expect(again).toEqual({ snapshot: decision.snapshot, journal: [], effects: [], refused: null });
        expect(again.snapshot).toBe(decision.snapshot);
      }
    });
  });

  test("records JSON and nothing else", () => {
    always((exploration) => {
      const { journal } = explore(exploration);
      expect(JSON.parse(JSON.stringify(journal))).toEqual(journal);
    });
  });
});

describe("effects", () => {
  test("an attempt starts only with the place that was granted for it, and only while the run may start any", () => {
    always((exploration) => {
      for (const explored of explore(exploration).steps) {
        const { event } = explored.cause;
        for (const effect of explored.decision.effects) {
          if (effect.kind !== "startAttempt") continue;
          expect(event).toEqual({ type: "permit.granted", step: effect.step, attempt: effect.attempt });
          expect(STARTING).toContain(stateBefore(explored));
        }
      }
    });
  });

  test("every step that asks has one request, every step that runs has its place, and no other step has either", () => {
    always((exploration) => {
      const permits = new Set<string>();
      for (const { decision, cause } of explore(exploration).steps) {
        const readmits = cause.event.type === "run.resume" || cause.event.type.startsWith("step.");
        for (const effect of decision.effects) {
          if (effect.kind === "releasePermit") permits.delete(effect.step);
          if (effect.kind !== "requestPermit") continue;
          expect(permits.has(effect.step) && !readmits).toBe(false);
          permits.add(effect.step);
        }
        if (decision.snapshot !== null) expectPermits(exploration.workflow, decision.snapshot, permits);
      }
    });
  });

  test("every start is stopped or ends before its step does, and no timer outlives its state", () => {
    always((exploration) => {
      const timers = new Set<string>();
      for (const { decision } of explore(exploration).steps) {
        for (const { kind, id } of decision.effects) {
          if (kind === "setTimer") timers.add(id);
          if (kind === "clearTimer") timers.delete(id);
        }
        const { snapshot } = decision;
        if (snapshot === null) continue;
        const live = rosterOf(exploration.workflow, snapshot).filter(
          ({ index }) => itemAt(snapshot.steps, index).actor.context.dueAt !== null,
        ).length;
        const limit = runState(snapshot).startsWith("running.") && snapshot.run.context.dueAt !== null ? 1 : 0;
        // The run's own timer is kept by the run while it stops; the store drops it by `dueAt: null`.
        expect([...timers].filter((id) => id !== "run/limit/0").length + limit).toBe(live + limit);
      }
    });
  });

  test("a run completes once each time it comes to rest", () => {
    always((exploration) => {
      for (const explored of explore(exploration).steps) {
        const { decision } = explored;
        const completes = decision.effects.filter(({ kind }) => kind === "complete");
        const state = decision.snapshot === null ? "" : runState(decision.snapshot);
        const rests = ["succeeded", "failed", "canceled", "quarantined"].includes(state);
        const hasCome = rests && decision.journal.some(({ actor, to }) => actor === "run" && to === state);
        expect(completes.length > 0).toBe(hasCome);
      }
    });
  });
});

function expectPermits(workflow: CompiledWorkflow, snapshot: RunSnapshot, permits: ReadonlySet<string>): void {
  const mayStart = STARTING.includes(runState(snapshot));
  for (const { id, index } of rosterOf(workflow, snapshot)) {
    const { state } = itemAt(snapshot.steps, index);
    const asks = state === "pending.queued" || state === "running.waiting";
    const runs = state === "running.executing" || state === "running.stopping";
    if (asks && !mayStart) continue;
    expect([id, state, permits.has(id)]).toEqual([id, state, asks || runs]);
  }
}

describe("a decision costs what it changes (K4)", () => {
  const COUNT = 10_000;
  /** Ten thousand independent steps, and a chain of as many. */
  const wide = (): KernelRun => new KernelRun(buildWorkflow(Array.from({ length: COUNT }, (_, index) => ({ id: `s${index}` })))).create();
  const chain = (): KernelRun => {
    const specs = Array.from({ length: COUNT }, (_, index) => ({ id: `s${index}`, needs: index === 0 ? [] : [`s${index - 1}`] }));
    return new KernelRun(buildWorkflow(specs)).create();
  };
  /** Pages and slots that are not the very same objects as before. */
  const touched = (run: KernelRun, act: () => void): { pages: number; slots: number; entries: number } => {
    const { steps: before, seq } = run.snapshot;
    act();
    const { steps: after } = run.snapshot;
    const pages = after.pages.flatMap((page, index) => (page === before.pages[index] ? [] : [[page, before.pages[index] ?? []] as const]));
    const slots = pages.reduce((sum, [page, old]) => sum + page.filter((slot, index) => slot !== old[index]).length, 0);
    return { pages: pages.length, slots, entries: run.snapshot.seq - seq };
  };

  test("among ten thousand independent steps one result touches one slot of one page", () => {
    const run = wide();
    expect(touched(run, () => run.grant("s5000"))).toEqual({ pages: 1, slots: 1, entries: 1 });
    expect(touched(run, () => run.succeed("s5000"))).toEqual({ pages: 1, slots: 1, entries: 1 });
  });

  test("in a chain of ten thousand one result touches its step and the next", () => {
    const run = chain();
    run.grant("s0");
    expect(touched(run, () => run.succeed("s0"))).toEqual({ pages: 1, slots: 2, entries: 2 });
  });

  test("what changes nothing gives the snapshot back as it was", () => {
    const run = wide();
    const before = run.snapshot;
    run.succeed("s1");
    run.fire("s1/backoff/1");
    expect(run.snapshot).toBe(before);
  });

  test("runs of one workflow share the steps that have not begun", () => {
    const workflow = buildWorkflow(Array.from({ length: 1_000 }, (_, index) => ({ id: `s${index}`, needs: index === 0 ? [] : ["s0"] })));
    const [one, other] = [new KernelRun(workflow).create(), new KernelRun(workflow).create()];
    const shared = one.snapshot.steps.pages.filter((page, index) => page === other.snapshot.steps.pages[index]);
    expect(shared).toHaveLength(one.snapshot.steps.pages.length - 1);
  });
});
