/** What a run or one of its steps waits for, as `troupe why` and the API tell it. */
import type { JsonObject } from "../core/json.ts";

export interface WaitingView {
  /** `run`, or the id of a step. */
  readonly actor: string;
  readonly state: string;
  /** `{ kind, … }`: an event, a time, a place, a person. */
  readonly waitsFor: JsonObject;
  /** Events that its statechart answers in this state. */
  readonly enabled: readonly string[];
  /** The step's condition with the values of its operands; null where it has none. */
  readonly condition: JsonObject | null;
}
