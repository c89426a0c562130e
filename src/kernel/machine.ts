/**
 * Drives statecharts as pure reducers. XState's `transition()` builds an actor and a system for every call; one inert scope,
 * made once and reused, gives the same snapshots and actions at three times the rate (`machine.test.ts` holds them equal).
 */
import { type AnyActorScope, type AnyMachineSnapshot, type AnyStateMachine, createActor, type EventObject } from "xstate";
import { runMachine } from "../../actors/run/run.machine.ts";
import { stepMachine } from "../../actors/step/step.machine.ts";

/** An action that a transition asked for: its name, and parameters where it has any. */
export interface CollectedAction {
  readonly type: string;
  readonly params: unknown;
}

export interface Moved<TSnapshot> {
  readonly snapshot: TSnapshot;
  readonly actions: readonly CollectedAction[];
}

export interface Reducer<TSnapshot, TEvent extends EventObject> {
  readonly initial: TSnapshot;
  /** Sends one event. The snapshot is returned as it was if no state handles the event. */
  send(snapshot: TSnapshot, event: TEvent): Moved<TSnapshot>;
}

/** Wraps a machine whose initial snapshot takes no input. */
function createReducer<TSnapshot extends AnyMachineSnapshot, TEvent extends EventObject>(
  machine: AnyStateMachine,
): Reducer<TSnapshot, TEvent> {
  let collected: CollectedAction[] = [];
  const { self, system } = scopeOf(machine);
  const scope: AnyActorScope = {
    self,
    system,
    id: "",
    sessionId: "",
    logger: () => {},
    defer: () => {},
    emit: () => {},
    stopChild: () => {},
    actionExecutor: (action) => collected.push(action),
  };
  return {
    // The machine's own type says more than AnyStateMachine; the caller names it.
    initial: machine.getInitialSnapshot(scope) as TSnapshot,
    send(snapshot, event) {
      collected = [];
      const next = machine.transition(snapshot, event, scope) as TSnapshot;
      return { snapshot: next, actions: collected };
    },
  };
}

/** An actor that is never started lends its identity and system to the scope. */
function scopeOf(machine: AnyStateMachine): Pick<AnyActorScope, "self" | "system"> {
  const self = createActor(machine);
  return { self, system: self.system };
}

export type StepActor = ReturnType<typeof stepMachine.getInitialSnapshot>;
export type RunActor = ReturnType<typeof runMachine.getInitialSnapshot>;

export const stepReducer = createReducer<StepActor, Parameters<typeof stepMachine.transition>[1]>(stepMachine);
export const runReducer = createReducer<RunActor, Parameters<typeof runMachine.transition>[1]>(runMachine);

/** The dotted name of a state, such as `running.executing`. Our machines nest two levels at most. */
export function dottedState(value: unknown): string {
  if (typeof value === "string") return value;
  for (const parent in value as Record<string, string>) return `${parent}.${(value as Record<string, string>)[parent]}`;
  return "";
}
