/**
 * The steps of one run: those of its workflow, and behind them the items of its fan-outs, each a step of its own with an index and an
 * id like any other. A fan-out grows the list once, when its items are known.
 */
import type { LoadBlob, Stored } from "../core/blob.ts";
import { isBlobRef } from "../core/blob.ts";
import { InvariantError } from "../core/errors.ts";
import { itemId, parseItemId } from "../core/item-id.ts";
import type { Json } from "../core/json.ts";
import type { ItemView } from "../plan/step-policies.ts";
import type { CompiledStep, CompiledWorkflow } from "../plan/workflow.ts";

/** Items of one fan-out that ask for a place at once when the author sets no limit: enough for every worker, and no flood. */
export const FAN_WINDOW = 256;

/** What never changes about the items of one step. */
export interface FanItems {
  /** Index of the step that fans out. */
  readonly of: number;
  /** Index of its first item. */
  readonly base: number;
  readonly keys: readonly string[];
  /** The values, as a list. */
  readonly items: Stored;
}

export interface Fan {
  readonly of: FanItems;
  /** Items before this one have been let go. */
  readonly next: number;
  /** Items that have not ended. */
  readonly open: number;
  readonly failed: number;
  /** Index of the first item that failed; -1 for none. */
  readonly firstFailed: number;
}

/** What can be asked about the steps of a run, or of a decision in the making. */
export interface Roster {
  readonly workflow: CompiledWorkflow;
  readonly fans: readonly Fan[];
}

export function stepAt({ workflow, fans }: Roster, index: number): CompiledStep | undefined {
  const { steps } = workflow;
  if (index < steps.length) return steps[index];
  for (const { of: items } of fans) {
    const position = index - items.base;
    if (position >= 0 && position < items.keys.length) return itemStep(workflow, items, position);
  }
  return undefined;
}

/** A step by its id, such as `build`, or `build[eu-west]` for an item. */
export function stepById(roster: Roster, id: string): CompiledStep | undefined {
  const { workflow, fans } = roster;
  const index = workflow.indexOf.get(id);
  if (index !== undefined) return workflow.steps[index];
  const name = parseItemId(id);
  const of = name === null ? undefined : workflow.indexOf.get(name.step);
  const fan = of === undefined ? undefined : fans.find(({ of: items }) => items.of === of);
  if (fan === undefined || name === null) return undefined;
  const position = positionsOf(fan.of).get(name.key);
  return position === undefined ? undefined : itemStep(workflow, fan.of, position);
}

/** All steps in order of their index, the items of fan-outs behind the others. */
export function* stepsOf(roster: Roster): Generator<CompiledStep> {
  yield* roster.workflow.steps;
  for (const { of: items } of roster.fans)
    for (let position = 0; position < items.keys.length; position++) yield itemStep(roster.workflow, items, position);
}

export function fanOf({ fans }: Pick<Roster, "fans">, of: number): Fan | undefined {
  return fans.find(({ of: items }) => items.of === of);
}

const positions = new WeakMap<FanItems, ReadonlyMap<string, number>>();

function positionsOf(items: FanItems): ReadonlyMap<string, number> {
  let found = positions.get(items);
  if (found === undefined) {
    found = new Map(items.keys.map((key, position) => [key, position]));
    positions.set(items, found);
  }
  return found;
}

const made = new WeakMap<FanItems, Map<number, CompiledStep>>();

/**
 * An item is its step without what concerns the step as a whole: needs and condition were met before, locks are held by the step while
 * it is fanned out, and handlers and compensation belong to it.
 */
function itemStep(workflow: CompiledWorkflow, items: FanItems, position: number): CompiledStep {
  let steps = made.get(items);
  if (steps === undefined) {
    steps = new Map();
    made.set(items, steps);
  }
  const known = steps.get(position);
  if (known !== undefined) return known;
  const step = workflow.steps[items.of];
  const key = items.keys[position];
  if (step === undefined || key === undefined) throw new InvariantError("INV_DEADLOCK", { run: "", blocked: position });
  const item: CompiledStep = {
    ...step,
    id: itemId(step.id, key),
    index: items.base + position,
    number: null,
    needs: [],
    dependents: [items.of],
    join: "all_success",
    when: null,
    routedBy: [],
    conflicts: [],
    optional: false,
    fanOut: null,
    item: { of: items.of, key, index: position },
    catches: step.catches.filter(({ action }) => action.kind !== "handle"),
  };
  steps.set(position, item);
  return item;
}

const values = new WeakMap<FanItems, readonly Json[]>();

/** @throws what `load` throws */
function itemValues(items: FanItems, load: LoadBlob): readonly Json[] {
  let found = values.get(items);
  if (found === undefined) {
    found = (isBlobRef(items.items) ? load(items.items) : items.items) as readonly Json[]; // Written by the runtime as a list.
    values.set(items, found);
  }
  return found;
}

/** What expressions of an item see as `item`. */
export function itemView(roster: Roster, step: CompiledStep, load: LoadBlob): ItemView | undefined {
  const { item } = step;
  const fan = item === null ? undefined : fanOf(roster, item.of);
  if (item === null || fan === undefined) return undefined;
  return { key: item.key, index: item.index, value: itemValues(fan.of, load)[item.index] ?? null };
}

/** How many items may be under way at once. Items that share a lock or touch the same paths of one workspace go one by one. */
export function windowOf({ fanOut, locks, touches, isolation }: CompiledStep): number {
  const shares = locks.length > 0 || (touches.length > 0 && isolation?.worktree !== true);
  return shares ? 1 : Math.min(fanOut?.maxParallel ?? FAN_WINDOW, FAN_WINDOW);
}
