/** A statechart as data that a page can draw: read from the machine itself, so that a drawing cannot differ from what runs. */
import type { AnyStateMachine, AnyStateNode } from "xstate";
import { runMachine } from "../../actors/run/run.machine.ts";
import { stepMachine } from "../../actors/step/step.machine.ts";

export interface Chart {
  /** The machine's own id, such as `step-v1`. */
  readonly id: string;
  /** Dotted path of the state in which an actor begins, to the innermost one. */
  readonly initial: string;
  readonly states: readonly ChartState[];
}

export interface ChartState {
  /** Dotted, from the top: `running.executing`. */
  readonly path: string;
  readonly name: string;
  readonly isFinal: boolean;
  /** Path of the child that is entered with it; null for a state without children. */
  readonly initial: string | null;
  readonly states: readonly ChartState[];
  readonly answers: readonly ChartAnswer[];
  /** Effects asked for whenever it is entered or left. */
  readonly entry: readonly string[];
  readonly exit: readonly string[];
}

/** What a state does with one event. */
export interface ChartAnswer {
  readonly event: string;
  /** The event for people: `after backoff` instead of `xstate.after.backoff.step-v1.retrying`. */
  readonly label: string;
  /** In the order in which their guards are asked. */
  readonly transitions: readonly ChartTransition[];
}

export interface ChartTransition {
  readonly guard: string | null;
  /** Path of the state entered; null when the actor stays where it is. */
  readonly target: string | null;
  readonly effects: readonly string[];
}

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
