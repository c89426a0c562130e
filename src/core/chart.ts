/** A statechart as data that a page can draw. */
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
