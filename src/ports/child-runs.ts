/** Runs that a step of another run starts. */
import type { RunId } from "../core/ids.ts";
import type { Json, JsonObject } from "../core/json.ts";
import type { AttemptRequest } from "./attempt.ts";

export interface ChildRuns {
  /**
   * Starts the run of this attempt, or finds the one that it has started already: an attempt has one child at most, however often its
   * engine dies.
   *
   * @throws RequestError INPUT_INVALID when the input does not fit; TransientError BACKPRESSURE
   */
  start(parent: AttemptRequest, document: JsonObject, input: Json): Promise<RunId>;
  /** The run of this attempt, if it has started one. */
  find(parent: AttemptRequest): RunId | null;
}
