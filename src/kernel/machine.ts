/**
 * Drives statecharts as pure reducers. What an event does in a state (which guards it asks, which actions it takes, where it leads)
 * is XState's answer, asked for once on a double of the machine and looked up ever after, at many times the rate of `transition()`.
 *
 * M1 The answer depends on the state, the event's type and what the guards say, and on nothing else: guards, actions and delays are
 *    named, there is no `always`, and no action has parameters. `machine.test.ts` holds every answer equal to `transition()`.
 * M2 Guards and assignments run here and never in the double, so that the first time is like every other.
 */
import {
  type AnyMachineSnapshot,
  type AnyStateMachine,
  type EventObject,
  getNextTransitions,
  initialTransition,
  type SnapshotFrom,
  transition,
} from "xstate";
import { runMachine } from "../../actors/run/run.machine.ts";
import { stepMachine } from "../../actors/step/step.machine.ts";

/** An effect that a transition asked for. */
export interface CollectedAction {
  readonly type: string;
}

export interface Moved<TSnapshot> {
  readonly snapshot: TSnapshot;
  readonly actions: readonly CollectedAction[];
}

/** The part of a machine's snapshot that is data. */
type Data = "status" | "value" | "context";
type AnySnapshot = Pick<AnyMachineSnapshot, Data>;

export interface Reducer<TSnapshot, TEvent extends EventObject> {
  readonly initial: TSnapshot;
  /** Sends one event. The snapshot is returned as it was if no state handles the event. */
  send(snapshot: TSnapshot, event: TEvent): Moved<TSnapshot>;
  /** Types of the events that some transition of this state names, whatever its guard says. */
  eventsIn(snapshot: TSnapshot): readonly string[];
}

interface Occasion {
  readonly context: object;
  readonly event: EventObject;
}
type Guard = (occasion: Occasion) => boolean;
type Assigner = (occasion: Occasion) => object;

/** What comes of an event: a guard is asked, or it is clear. */
type Course = Question | Outcome | "ignored";

interface Question {
  readonly guard: Guard;
  yes: Course | null;
  no: Course | null;
}

interface Outcome extends Pick<AnySnapshot, "status" | "value"> {
  readonly assigners: readonly Assigner[];
  readonly actions: readonly CollectedAction[];
}

/** Wraps a machine whose initial snapshot takes no input. */
export function createReducer<TSnapshot extends AnySnapshot, TEvent extends EventObject>(
  machine: AnyStateMachine,
): Reducer<TSnapshot, TEvent> {
  const explore = createExplorer(machine);
  const courses = new Map<string, Map<string, Course>>();
  /** The same by the one value that stands for each state here, so that no name is put together. */
  const coursesByValue = new Map<AnySnapshot["value"], Map<string, Course>>();
  const { status, value, context } = initialTransition(machine)[0];

  function coursesFrom(from: AnySnapshot["value"]): Map<string, Course> {
    const state = dottedState(from);
    let found = courses.get(state);
    if (found === undefined) {
      found = new Map();
      courses.set(state, found);
      coursesByValue.set(from, found);
    }
    return found;
  }

  function outcomeOf(snapshot: AnySnapshot, event: EventObject): Outcome | "ignored" {
    const known = coursesByValue.get(snapshot.value) ?? coursesFrom(snapshot.value);
    let course = known.get(event.type);
    if (course === undefined) {
      course = explore(snapshot.value, event.type, []);
      known.set(event.type, course);
    }
    return course === "ignored" || "status" in course ? course : ask(course, snapshot, event);
  }

  function ask(first: Question, { value: from, context: now }: AnySnapshot, event: EventObject): Outcome | "ignored" {
    const answers: boolean[] = [];
    for (let question = first; ; ) {
      const answer = question.guard({ context: now, event });
      answers.push(answer);
      const next: Course = (answer ? question.yes : question.no) ?? explore(from, event.type, answers);
      if (answer) question.yes = next;
      else question.no = next;
      if (next === "ignored" || "status" in next) return next;
      question = next;
    }
  }

  return {
    // What a machine's own type says more than AnyStateMachine, here and below, is named by the caller.
    initial: { status, value, context } as TSnapshot,
    send(snapshot, event) {
      const outcome = outcomeOf(snapshot, event);
      if (outcome === "ignored") return { snapshot, actions: [] };
      let next: object = snapshot.context;
      for (const assigner of outcome.assigners) next = { ...next, ...assigner({ context: next, event }) };
      const moved: AnySnapshot = { status: outcome.status, value: outcome.value, context: next };
      return { snapshot: moved as TSnapshot, actions: outcome.actions };
    },
    eventsIn({ value: from, context: now }) {
      const transitions = getNextTransitions(machine.resolveState({ value: from, context: now }));
      return [...new Set(transitions.map(({ eventType }) => eventType))];
    },
  };
}

/** Asks XState on a double of the machine, whose guards give the answers that it is handed and whose actions do nothing. */
function createExplorer(machine: AnyStateMachine): (from: AnySnapshot["value"], event: string, answers: readonly boolean[]) => Course {
  const { guards, actions, delays } = machine.implementations;
  const values = new Map<string, AnySnapshot["value"]>();
  let script: readonly boolean[] = [];
  let asked: string[] = [];
  const double = machine.provide({
    guards: mapNames(guards, (name) => () => {
      asked.push(name);
      return script[asked.length - 1] ?? false;
    }),
    actions: mapNames(actions, () => () => {}),
    delays: mapNames(delays, () => 0),
  });

  function intern(value: AnySnapshot["value"]): AnySnapshot["value"] {
    const state = dottedState(value);
    const known = values.get(state) ?? value;
    values.set(state, known);
    return known;
  }

  return (from, event, answers) => {
    script = answers;
    asked = [];
    const before = double.resolveState({ value: from, context: {} });
    const [after, taken] = transition(double, before, { type: event });
    const open = asked[answers.length];
    if (open !== undefined) return { guard: guards[open] as Guard, yes: null, no: null }; // Guards are named, and this is one's name.
    const assigners = taken.map(({ type }) => assignerOf(actions[type])).filter((assigner) => assigner !== null);
    if (after === before && assigners.length === 0) return "ignored";
    const intents = taken.filter(({ type }) => assignerOf(actions[type]) === null).map(({ type }) => ({ type }));
    return { status: after.status, value: intern(after.value), assigners, actions: intents };
  };
}

function mapNames<TValue>(of: object, make: (name: string) => TValue): Record<string, TValue> {
  return Object.fromEntries(Object.keys(of).map((name) => [name, make(name)]));
}

/** The function of an `assign`, or null for an action that asks for an effect. XState keeps on an `assign` what it was made from. */
function assignerOf(action: unknown): Assigner | null {
  const { assignment } = (action ?? {}) as { readonly assignment?: Assigner | Readonly<Record<string, unknown>> };
  if (assignment === undefined || typeof assignment === "function") return assignment ?? null;
  return (occasion) => mapNames(assignment, (name) => assigned(assignment[name], occasion));
}

function assigned(value: unknown, occasion: Occasion): unknown {
  return typeof value === "function" ? (value as (occasion: Occasion) => unknown)(occasion) : value;
}

export type StepActor = Pick<SnapshotFrom<typeof stepMachine>, Data>;
export type RunActor = Pick<SnapshotFrom<typeof runMachine>, Data>;

export const stepReducer = createReducer<StepActor, Parameters<typeof stepMachine.transition>[1]>(stepMachine);
export const runReducer = createReducer<RunActor, Parameters<typeof runMachine.transition>[1]>(runMachine);

/** The dotted name of a state, such as `running.executing`. Our machines nest two levels at most. */
export function dottedState(value: unknown): string {
  if (typeof value === "string") return value;
  for (const parent in value as Record<string, string>) return `${parent}.${(value as Record<string, string>)[parent]}`;
  return "";
}
