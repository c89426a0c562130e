/** Two runs side by side, for people. */
import type { RunDiff, StepDiff } from "../../contract/run-diff.ts";
import { formatDuration } from "../../core/duration.ts";
import type { Json } from "../../core/json.ts";
import { toLine } from "./line.ts";
import { type Look, stateStyle } from "./look.ts";
import { shortRunId } from "./run-id.ts";
import { renderTable } from "./table.ts";
import { plural } from "./text.ts";
import { shortValue } from "./value.ts";

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
