/** Writes `docs/state-machines.md`: the statecharts of `actors/` as drawings, and what each arrow asks for. */
import type { AnyStateMachine } from "xstate";
import { type DirectedGraphEdge, type DirectedGraphNode, toDirectedGraph } from "xstate/graph";
import { breakerMachine } from "../actors/breaker/breaker.machine.ts";
import { runMachine } from "../actors/run/run.machine.ts";
import { stepMachine } from "../actors/step/step.machine.ts";
import { emitFile } from "./generated-file.ts";

const MACHINES: readonly (readonly [title: string, words: string, machine: AnyStateMachine])[] = [
  [
    "A run",
    "Its steps are actors of their own; the run knows only whether they have work, wait, or have ended. A person's `resume`, `skip`, `override` … on a quarantined run arrives as `run.release`.",
    runMachine,
  ],
  [
    "A step",
    "All arrows into a final state from `running` give the place back. Where several arrows have one event, the guards are asked in the order of the table; a state's own arrows come before those of the state around it.",
    stepMachine,
  ],
  [
    "A circuit breaker",
    "One for each tenant and each target, such as a tool or a host; it belongs to no run and outlives them all. Its moves are in the audit log (ADR-0017).",
    breakerMachine,
  ],
];

interface Arrow {
  readonly from: string;
  readonly to: string;
  readonly event: string;
  readonly guard: string;
  readonly effects: readonly string[];
}

const pathOf = ({ stateNode }: DirectedGraphNode): string => stateNode.path.join(".");
const idOf = (path: string): string => path.replaceAll(".", "_");

function draw(root: DirectedGraphNode): string[] {
  const lines = ["```mermaid", "stateDiagram-v2", "  direction LR"];
  const declare = (node: DirectedGraphNode, indent: string): void => {
    const id = idOf(pathOf(node));
    const initial = node.stateNode.initial.target?.[0];
    if (node.children.length === 0) {
      lines.push(`${indent}state "${node.stateNode.key}" as ${id}`);
      return;
    }
    lines.push(`${indent}state "${node.stateNode.key}" as ${id} {`);
    if (initial !== undefined) lines.push(`${indent}  [*] --> ${idOf(initial.path.join("."))}`);
    for (const child of node.children) declare(child, `${indent}  `);
    lines.push(`${indent}}`);
  };
  for (const child of root.children) declare(child, "  ");
  const first = root.stateNode.initial.target?.[0];
  if (first !== undefined) lines.push(`  [*] --> ${idOf(first.path.join("."))}`);
  const labels = new Map<string, Set<string>>();
  for (const { from, to, event } of arrowsOf(root)) {
    const ends = `${idOf(from)} --> ${idOf(to)}`;
    labels.set(ends, (labels.get(ends) ?? new Set()).add(event));
  }
  for (const [ends, events] of labels) lines.push(`  ${ends}: ${[...events].join(", ")}`);
  for (const node of root.children) if (node.stateNode.type === "final") lines.push(`  ${idOf(pathOf(node))} --> [*]`);
  return [...lines, "```"];
}

function arrowsOf(node: DirectedGraphNode): Arrow[] {
  return [...node.edges.map(arrowOf), ...node.children.flatMap(arrowsOf)];
}

function arrowOf({ source, target, transition }: DirectedGraphEdge): Arrow {
  const [from, to] = [source.path.join("."), target.path.join(".")];
  const { guard, actions, eventType } = transition;
  // Actions that take notes change the context; the others are effects, and are what a host hears of.
  const effects = actions.map((action) => nameOf(action)).filter((name) => !name.startsWith("note"));
  return { from, to, event: eventName(eventType), guard: guard === undefined ? "" : nameOf(guard), effects };
}

/** `xstate.after.backoff.step-v1.retrying` is the end of the timer `backoff`. */
function eventName(type: string): string {
  const [, delay] = /^xstate\.after\.(\w+)\./.exec(type) ?? [];
  return delay === undefined ? type : `after ${delay}`;
}

function nameOf(part: unknown): string {
  if (typeof part === "string") return part;
  const { type } = part as { readonly type?: string }; // Guards and actions of `setup` are named.
  if (type === undefined) throw new Error("an action or guard has no name");
  return type;
}

function tabulate(root: DirectedGraphNode): string[] {
  const rows = arrowsOf(root).map(({ from, to, event, guard, effects }) => {
    const target = to === from ? "stays" : `\`${to}\``;
    return `| \`${from}\` | \`${event}\` | ${guard === "" ? "" : `\`${guard}\``} | ${target} | ${effects.map((effect) => `\`${effect}\``).join(", ")} |`;
  });
  return ["| state | event | if | leads to | asks for |", "|---|---|---|---|---|", ...rows];
}

function tabulateStates(node: DirectedGraphNode): string[] {
  const { entry, exit } = node.stateNode;
  const named = (actions: readonly unknown[]): string =>
    actions
      .map(nameOf)
      .filter((name) => !name.startsWith("xstate."))
      .map((name) => `\`${name}\``)
      .join(", ");
  const [onEntry, onExit] = [named(entry), named(exit)];
  const row = onEntry === "" && onExit === "" ? [] : [`| \`${pathOf(node)}\` | ${onEntry} | ${onExit} |`];
  return [...row, ...node.children.flatMap(tabulateStates)];
}

const lines = [
  "# Statecharts",
  "",
  "<!-- Generated from actors/ by `npm run generate`. -->",
  "",
  "Every run and every step is an actor: its statechart, its state, and the journal of the events it has consumed. What an arrow asks",
  "for is a named intent; the kernel collects it, and the host acts on it after the commit. `after …` is the end of a stored timer.",
];
for (const [title, words, machine] of MACHINES) {
  const root = toDirectedGraph(machine);
  lines.push("", `## ${title}`, "", words, "", ...draw(root), "", ...tabulate(root));
  lines.push("", "| state | asks for on entry | asks for on exit |", "|---|---|---|", ...tabulateStates(root));
}
emitFile("docs/state-machines.md", `${lines.join("\n")}\n`);
