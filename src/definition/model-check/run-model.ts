/**
 * A workflow's run as one statechart, for `xstate/graph` to go through: its steps end one after the other, in each way in which they can.
 *
 * - M1 A step's fate depends on how those before it have ended, not on when: so one order, that of the plan, stands for all of them. What
 *   excludes steps in time (locks, workers, limits) changes no fate.
 * - M2 The model allows at least what a run can do. Any step that begins may succeed and may fail; a condition about values may be true or
 *   false, always the same for the same comparison. So what never happens in the model never happens in a run; what happens in it need not.
 * - M3 What no later step looks at is forgotten, so that states meet again, and endings that none can tell apart are one. Steps before
 *   which nothing is decided (no condition, `switch` or handler) can always begin; only those that others need are in the model, ending freely.
 * - M4 Bounds: `STEPS_MAX` steps and `STATES_MAX` states. A workflow beyond them is not judged, which says nothing about it. A chain of any
 *   length has few states; `n` steps that one step waits for have up to two or three to the power of `n`.
 * - M5 Cancellation, crashes, retries and quarantine lead to endings that are there already (a person may skip what is quarantined, so
 *   every step may end as skipped), and are left out. So are compensations and `finally`, which nothing waits for.
 */
import { assign, setup } from "xstate";
import { getAdjacencyMap } from "xstate/graph";
import { referencesOf } from "../../expression/references.ts";
import { computeOrder } from "../../plan/order.ts";
import type { CompiledStep } from "../../plan/workflow.ts";
import { atomNames } from "./condition-model.ts";
import { freeMoves, type Move, movesOf } from "./step-model.ts";
import type { Atoms, Ended, World } from "./world.ts";

export const STEPS_MAX = 200;
export const STATES_MAX = 3_000;

export interface RunState {
  /** Steps that have ended, in the order of the plan. */
  readonly position: number;
  readonly ended: ReadonlyMap<number, Ended>;
  readonly atoms: Atoms;
}

interface StepEnded {
  readonly type: "step.ended";
  readonly state: RunState;
  readonly key: string;
}

/** Every move of each step that something decides about, from every state that can be reached; null where there are too many. */
export function exploreRun(all: readonly CompiledStep[]): ReadonlyMap<number, readonly Move[]> | null {
  const steps = all.filter(({ phase }) => phase.kind === "main" || phase.kind === "handler"); // they stand first, so indices hold
  const decided = decidedSteps(steps);
  const relevant = new Set([...decided].flatMap((index) => [index, ...(steps[index]?.needs.map(({ from }) => from) ?? [])]));
  if (relevant.size > STEPS_MAX) return null;
  const order = computeOrder(steps).order.filter((index) => relevant.has(index));
  const needed = neededAfter(steps, order);
  const told = distinguished(steps);
  const moves = new Map<number, Move[]>([...decided].map((index) => [index, []]));
  const next = ({ position, ended, atoms }: RunState): readonly StepEnded[] => {
    const step = steps[order[position] ?? -1];
    if (step === undefined) return [];
    const world: World = { steps, ended, atoms };
    const found = decided.has(step.index) ? movesOf(step, world) : freeMoves(step, world);
    moves.get(step.index)?.push(...found);
    const unlike = new Map<string, StepEnded>();
    for (const { ended: end, atoms: guessed, ...rest } of found) {
      const move = {
        ...rest,
        atoms: guessed,
        ended: told.has(step.index) || end.as !== "skipped" || end.caught !== undefined ? end : FAILED,
      };
      const state = forgotten(after({ position, ended, atoms }, move, order), needed);
      const key = keyOf(state);
      unlike.set(key, { type: "step.ended", state, key });
    }
    return [...unlike.values()];
  };
  try {
    getAdjacencyMap(runModel(order.length), {
      events: (snapshot) => next(snapshot.context),
      serializeState: ({ context }) => keyOf(context),
      serializeEvent: ({ key }) => key,
      limit: STATES_MAX,
    });
  } catch (thrown) {
    if (thrown instanceof Error && /limit/i.test(thrown.message)) return null;
    throw thrown;
  }
  return moves;
}

const FAILED: Ended = { as: "failed" };

/** Steps with something to decide about them, in them or before them. */
function decidedSteps(steps: readonly CompiledStep[]): Set<number> {
  const decided = new Set<number>();
  for (const index of computeOrder(steps).order) {
    const step = steps[index];
    if (step === undefined) continue;
    const isDecided = step.when !== null || step.routedBy.length > 0 || step.phase.kind === "handler";
    if (isDecided || step.needs.some(({ from }) => decided.has(from))) decided.add(index);
  }
  return decided;
}

/** Steps of which somebody asks whether they failed or were skipped: by a join, or by name. */
function distinguished(steps: readonly CompiledStep[]): Set<number> {
  const indexOf = new Map<string, number>(steps.map(({ id, index }) => [id, index]));
  return new Set(
    steps.flatMap(({ join, needs, when, phase }) => [
      ...(join === "none_failed" ? needs.map(({ from }) => from) : []),
      ...(when === null ? [] : referencesOf(when.expression).flatMap(({ step }) => indexOf.get(step ?? "") ?? [])),
      ...(phase.kind === "handler" ? [phase.of] : []),
      ...needs.flatMap(({ from }) => (steps[from]?.phase.kind === "handler" ? [from] : [])),
    ]),
  );
}

function runModel(count: number) {
  return setup({
    types: { context: {} as RunState, events: {} as StepEnded },
    guards: { isLast: ({ context }) => context.position + 1 >= count },
    actions: { endStep: assign(({ event }) => event.state) },
  }).createMachine({
    id: "run.model",
    context: { position: 0, ended: new Map(), atoms: new Map() },
    initial: count === 0 ? "ended" : "running",
    states: {
      running: { on: { "step.ended": [{ guard: "isLast", target: "ended", actions: "endStep" }, { actions: "endStep" }] } },
      ended: { type: "final" },
    },
  });
}

function after({ position, ended }: RunState, move: Move, order: readonly number[]): RunState {
  const index = order[position];
  const now = index === undefined ? ended : new Map(ended).set(index, move.ended);
  return { position: position + 1, ended: now, atoms: move.atoms };
}

/** What steps from a position on look at (M3). */
interface Needed {
  readonly steps: ReadonlySet<number>;
  readonly atoms: ReadonlySet<string>;
}

function neededAfter(steps: readonly CompiledStep[], order: readonly number[]): Needed[] {
  const needed: Needed[] = [{ steps: new Set(), atoms: new Set() }];
  const indexOf = new Map<string, number>(steps.map(({ id, index }) => [id, index]));
  for (const index of order.toReversed()) {
    const step = steps[index];
    const { steps: known, atoms } = needed[0] ?? { steps: [], atoms: [] };
    if (step === undefined) continue;
    const asked = step.when === null ? [] : referencesOf(step.when.expression).flatMap(({ step: id }) => indexOf.get(id ?? "") ?? []);
    needed.unshift({
      steps: new Set([...known, ...step.needs.map(({ from }) => from), ...step.routedBy, ...asked]),
      atoms: new Set([...atoms, ...(step.when === null ? [] : atomNames(step.when.expression))]),
    });
  }
  return needed;
}

function forgotten({ position, ended, atoms }: RunState, needed: readonly Needed[]): RunState {
  const later = needed[position];
  return {
    position,
    ended: new Map([...ended].filter(([index]) => later?.steps.has(index))),
    atoms: new Map([...atoms].filter(([name]) => later?.atoms.has(name))),
  };
}

function keyOf({ position, ended, atoms }: RunState): string {
  const ends = [...ended]
    .sort(([one], [other]) => one - other)
    .map(([index, { as, chose = "", caught = "" }]) => `${index}${as}${chose}/${caught}`);
  const guesses = [...atoms].sort(([one], [other]) => (one < other ? -1 : 1)).map(([name, value]) => `${name}=${value}`);
  return `${position}|${ends.join()}|${guesses.join("&")}`;
}
