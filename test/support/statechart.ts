/** Asks XState itself what a machine does, by its pure `transition()`: the reference that our own driver is compared with. */
import { type AnyMachineSnapshot, type AnyStateMachine, type EventObject, transition } from "xstate";
import { getStateNodes } from "xstate/graph";

/** What one event does to one state: where it leads and which effects it asks for, or null where no state handles it. */
export interface Answer {
  readonly to: string;
  readonly effects: readonly string[];
  readonly context: Readonly<Record<string, unknown>>;
}

/** Names of all states without substates, dotted. */
export function leafStates(machine: AnyStateMachine): readonly string[] {
  return getStateNodes(machine)
    .filter((node) => Object.keys(node.states).length === 0)
    .map((node) => node.path.join("."))
    .sort();
}

export function dotted(value: unknown): string {
  if (typeof value === "string") return value;
  return Object.entries(value as Record<string, string>)
    .map(([parent, child]) => `${parent}.${child}`)
    .join("|");
}

/** A snapshot in the given state, with parts of its context set. */
export function snapshotIn(machine: AnyStateMachine, state: string, context: object = {}): AnyMachineSnapshot {
  const [top = "", child] = state.split(".");
  const initial = machine.config.context as object; // Ours are plain objects, not functions of an input.
  return machine.resolveState({ value: child === undefined ? top : { [top]: child }, context: { ...initial, ...context } });
}

/** Timers are shown as `+timer` (set on entry) and `-timer` (cleared on exit). */
export function ask(machine: AnyStateMachine, snapshot: AnyMachineSnapshot, event: EventObject): Answer | null {
  const [next, actions] = transition(machine, snapshot, event);
  if (next === snapshot) return null;
  return { to: dotted(next.value), effects: actions.map((action) => effectName(action.type)), context: next.context };
}

function effectName(type: string): string {
  if (type === "xstate.raise") return "+timer";
  return type === "xstate.cancel" ? "-timer" : type;
}

/** One line of a table: the target, and the effects if there are any; `·` where the event is not handled. */
export function shown(answer: Answer | null): string {
  if (answer === null) return "·";
  return answer.effects.length === 0 ? answer.to : `${answer.to} [${answer.effects.join(" ")}]`;
}
