/** Reads a statechart from the machine itself, so that a drawing cannot differ from what runs. */
import type { AnyStateMachine, AnyStateNode } from "xstate";
import { runMachine } from "../../actors/run/run.machine.ts";
import { stepMachine } from "../../actors/step/step.machine.ts";
import type { Chart, ChartAnswer, ChartState } from "../../src/core/chart.ts";

/** What the statechart of an actor is called on the wire. */
export const MACHINES = { run: runMachine, step: stepMachine } as const satisfies Record<string, AnyStateMachine>;
export type ActorKind = keyof typeof MACHINES;

export function chartOf(machine: AnyStateMachine): Chart {
  return { id: machine.id, initial: innermost(machine.root), states: childrenOf(machine.root) };
}

function childrenOf(node: AnyStateNode): readonly ChartState[] {
  return Object.values(node.states).map((child) => ({
    path: pathOf(child),
    name: child.key,
    isFinal: child.type === "final",
    initial: firstOf(child) === null ? null : pathOf(firstOf(child) ?? child),
    states: childrenOf(child),
    answers: answersOf(child),
    entry: effectsOf(child.entry),
    exit: effectsOf(child.exit),
  }));
}

function answersOf(node: AnyStateNode): readonly ChartAnswer[] {
  return [...node.transitions].map(([event, transitions]) => ({
    event,
    label: event.replace(/^xstate\.after\.([^.]+)\..*$/, "after $1"),
    transitions: transitions.map(({ guard, target, actions }) => ({
      guard: guard === undefined ? null : nameOf(guard),
      target: target?.[0] === undefined ? null : pathOf(target[0]),
      effects: effectsOf(actions),
    })),
  }));
}

const pathOf = (node: AnyStateNode): string => node.path.join(".");

function firstOf(node: AnyStateNode): AnyStateNode | null {
  return node.type === "compound" ? (node.initial.target?.[0] ?? null) : null;
}

function innermost(node: AnyStateNode): string {
  const first = firstOf(node);
  return first === null ? pathOf(node) : innermost(first);
}

/** Actions that take notes change the context, and XState's own keep its timers; the others are effects, and are what a host hears of. */
function effectsOf(actions: readonly unknown[]): readonly string[] {
  return actions.map(nameOf).filter((name) => !/^(note|xstate\.)/.test(name));
}

function nameOf(part: unknown): string {
  return typeof part === "string" ? part : ((part as { readonly type?: string }).type ?? ""); // Guards and actions of `setup` are named.
}
