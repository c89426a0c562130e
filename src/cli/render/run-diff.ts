/** Two runs side by side: only what differs, and how much faster or slower it was. */
import type { RunView, StepView } from "../../contract/run-view.ts";
import { formatDuration } from "../../core/duration.ts";
import { canonicalJson, type Json } from "../../core/json.ts";
import { toLine } from "./line.ts";
import { type Look, stateStyle } from "./look.ts";
import { shortRunId } from "./run-id.ts";
import { renderTable } from "./table.ts";
import { plural } from "./text.ts";
import { shortValue } from "./value.ts";

export interface RunDiff {
  readonly left: string;
  readonly right: string;
  readonly sameWorkflow: boolean;
  readonly sameDefinition: boolean;
  readonly sameInput: boolean;
  readonly state: readonly [string, string];
  readonly durationMs: readonly [number | null, number | null];
  readonly costUsd: readonly [number, number];
  readonly output: readonly [Json, Json] | null;
  /** In the order of the right run, then those that only the left one has. */
  readonly steps: readonly StepDiff[];
}

export interface StepDiff {
  readonly id: string;
  readonly only: "left" | "right" | null;
  readonly state: readonly [string | null, string | null];
  readonly attempts: readonly [number, number];
  readonly durationMs: readonly [number | null, number | null];
  /** Both outputs where they differ. */
  readonly output: readonly [Json, Json] | null;
  /** Whether anything but the time differs. */
  readonly isChanged: boolean;
}

export function computeRunDiff(left: RunView, right: RunView): RunDiff {
  const leftSteps = new Map(left.steps.map((step) => [step.id, step]));
  const rightIds = new Set(right.steps.map(({ id }) => id));
  return {
    left: left.id,
    right: right.id,
    sameWorkflow: left.workflow === right.workflow,
    sameDefinition: left.definitionHash === right.definitionHash,
    sameInput: isSame(left.input, right.input),
    state: [left.state, right.state],
    durationMs: [left.durationMs, right.durationMs],
    costUsd: [left.costUsd, right.costUsd],
    output: isSame(left.output, right.output) ? null : [left.output, right.output],
    steps: [
      ...right.steps.map((step) => stepDiff(leftSteps.get(step.id), step)),
      ...left.steps.filter(({ id }) => !rightIds.has(id)).map((step) => stepDiff(step, undefined)),
    ],
  };
}

function stepDiff(left: StepView | undefined, right: StepView | undefined): StepDiff {
  const output = isSame(left?.output ?? null, right?.output ?? null) ? null : ([left?.output ?? null, right?.output ?? null] as const);
  const state = [left?.state ?? null, right?.state ?? null] as const;
  const attempts = [left?.attempts ?? 0, right?.attempts ?? 0] as const;
  return {
    id: left?.id ?? right?.id ?? "",
    only: left === undefined ? "right" : right === undefined ? "left" : null,
    state,
    attempts,
    durationMs: [ownDuration(left), ownDuration(right)],
    output,
    isChanged: state[0] !== state[1] || attempts[0] !== attempts[1] || output !== null,
  };
}

/** Waits between attempts say nothing about the step. A result that was taken over took no time of this run. */
function ownDuration(step: StepView | undefined): number | null {
  return step === undefined || step.cached ? null : step.workMs;
}

function isSame(left: Json, right: Json): boolean {
  return canonicalJson(left) === canonicalJson(right);
}

export function renderRunDiff(diff: RunDiff, look: Look): string[] {
  const { steps } = diff;
  const changed = steps.filter(({ isChanged }) => isChanged);
  const rows = steps.map((step) => [
    step.isChanged ? (["bold", step.id] as const) : step.id,
    stateCell(step, 0),
    stateCell(step, 1),
    change(step.attempts[0], step.attempts[1], String),
    change(step.durationMs[0], step.durationMs[1], (ms) => (ms === null ? "-" : formatDuration(ms))),
    step.output === null ? "" : "differs",
  ]);
  const head = (name: string, isSameOne: boolean): string => `${name} ${isSameOne ? "the same" : look.paint("yellow", "differs")}`;
  return [
    toLine(
      [
        `${shortRunId(diff.left)} `,
        [stateStyle(diff.state[0]), diff.state[0]],
        `  ${look.signs.arrow}  ${shortRunId(diff.right)} `,
        [stateStyle(diff.state[1]), diff.state[1]],
      ],
      look,
    ),
    `${head("definition", diff.sameDefinition)}, ${head("input", diff.sameInput)}, ${head("output", diff.output === null)}, ${plural(changed.length, "step")} changed`,
    "",
    ...renderTable(
      [{ title: "STEP" }, { title: "LEFT" }, { title: "RIGHT" }, { title: "ATTEMPTS" }, { title: "DURATION" }, { title: "OUTPUT" }],
      rows,
      look,
    ),
    ...changed.flatMap(({ id, output }) => (output === null ? [] : outputLines(id, output, look))),
  ];
}

function stateCell({ state, only }: StepDiff, side: 0 | 1): string | readonly ["gray" | ReturnType<typeof stateStyle>, string] {
  const shown = state[side];
  return shown === null || only === (side === 0 ? "right" : "left") ? ["gray", "none"] : [stateStyle(shown), shown];
}

function change<TValue>(left: TValue, right: TValue, show: (value: TValue) => string): string {
  const [before, after] = [show(left), show(right)];
  return before === after ? after : `${before} → ${after}`;
}

function outputLines(id: string, [left, right]: readonly [Json, Json], look: Look): string[] {
  const room = look.columns - 4;
  return [
    "",
    look.paint("bold", `output of ${id}`),
    look.paint("red", `- ${shortValue(left, room)}`),
    look.paint("green", `+ ${shortValue(right, room)}`),
  ];
}
