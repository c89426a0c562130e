/** One step of the graph. It is drawn anew only when what it shows has changed: of five hundred, that is a few. */
import { Component } from "preact";
import type { GraphNode } from "../../../../src/contract/graph-view.ts";
import { familyOf, signOf, wordOf } from "../../../look/look.ts";
import { duration } from "../../../ui/format.ts";
import { now } from "../../../ui/now.ts";
import type { NodeLook } from "./looks.ts";

interface NodeProps {
  readonly node: GraphNode;
  readonly look: NodeLook | undefined;
  readonly isChosen: boolean;
  /** Of all nodes one is reached by Tab; the arrow keys lead to the others. */
  readonly isEntry: boolean;
  readonly choose: (id: string) => void;
}

/** Widths of a letter, on average; nothing is measured. */
const CHARACTER = 7;
const SMALL_CHARACTER = 5.8;
const TEXT_X = 32;

export class Node extends Component<NodeProps> {
  override shouldComponentUpdate(next: NodeProps): boolean {
    const { node, look, isChosen, isEntry } = this.props;
    return next.node !== node || next.isChosen !== isChosen || next.isEntry !== isEntry || !isSame(next.look, look);
  }

  override render({ node, look, isChosen, isEntry, choose }: NodeProps) {
    const { id, x, y, width, height, critical, fansOut } = node;
    const state = look?.step.detail ?? "pending";
    const name = node.title ?? look?.step.title ?? id;
    const middle = y + height / 2;
    const hasTwo = height >= 34;
    return (
      // biome-ignore lint/a11y/useSemanticElements: SVG knows no button
      <g
        class={`node${isChosen ? " chosen" : ""}${critical ? " critical" : ""}`}
        data-family={familyOf(state)}
        data-node={id}
        role="button"
        tabIndex={isEntry ? 0 : -1}
        aria-label={describe(node, look)}
        aria-pressed={isChosen}
        onClick={() => choose(id)}
      >
        <title>{name === id ? id : `${id}: ${name}`}</title>
        {fansOut && <rect class="node-behind" x={x + 4} y={y - 4} width={width} height={height} rx={7} />}
        <rect class="node-box" x={x} y={y} width={width} height={height} rx={7} />
        <circle class="node-mark" cx={x + 17} cy={middle} r={9} />
        <text class="node-sign" x={x + 17} y={middle + 4}>
          {signOf(state)}
        </text>
        <text class="node-name" x={x + TEXT_X} y={hasTwo ? middle - 2 : middle + 4}>
          {cut(id, width - TEXT_X - 4, CHARACTER)}
        </text>
        {hasTwo && <Second node={node} look={look} x={x + TEXT_X} y={middle + 13} />}
      </g>
    );
  }
}

interface SecondProps {
  readonly node: GraphNode;
  readonly look: NodeLook | undefined;
  readonly x: number;
  readonly y: number;
}

/** What it is, how long it takes, how often it was tried. While it runs, this alone is drawn each second. */
function Second({ node, look, x, y }: SecondProps) {
  const step = look?.step;
  const parts: string[] = [];
  if (look?.items) parts.push(`${look.items.done}/${look.items.total}${look.items.failed > 0 ? ` (${look.items.failed} ✗)` : ""}`);
  if (step?.cached) parts.push("reused");
  else if (step !== undefined && step.startedAt !== null)
    parts.push(duration(Math.max(0, (step.endedAt ?? (step.state === "running" ? now.value : step.startedAt)) - step.startedAt)));
  if (step !== undefined && step.attempts > 1) parts.push(`×${step.attempts}`);
  return (
    <text class="node-more" x={x} y={y}>
      {cut(parts.length === 0 ? node.type : parts.join(" · "), node.width - TEXT_X - 2, SMALL_CHARACTER)}
    </text>
  );
}

function cut(text: string, width: number, character: number): string {
  const letters = Math.floor(width / character);
  return text.length <= letters ? text : `${text.slice(0, Math.max(1, letters - 1))}…`;
}

function describe({ id, critical }: GraphNode, look: NodeLook | undefined): string {
  const parts = [id, wordOf(look?.step.detail ?? "pending")];
  if (look?.items) parts.push(`${look.items.done} of ${look.items.total} items`);
  if ((look?.step.attempts ?? 0) > 1) parts.push(`${look?.step.attempts} attempts`);
  if (critical) parts.push("on the critical path");
  return parts.join(", ");
}

function isSame(one: NodeLook | undefined, other: NodeLook | undefined): boolean {
  if (one === other) return true;
  if (one === undefined || other === undefined || one.step !== other.step) return false;
  return one.items?.done === other.items?.done && one.items?.total === other.items?.total && one.items?.failed === other.items?.failed;
}
