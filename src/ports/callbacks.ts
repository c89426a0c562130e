/** Addresses at which the outside answers a step. */
import type { RunId, StepId } from "../core/ids.ts";

export interface CallbackAddress {
  /** Unguessable; the same for all attempts of a step, so that a repeated request asks for the same thing. */
  readonly url: string;
  /** SHA-256 of the token in the URL. */
  readonly digest: string;
}

export interface Callbacks {
  /** Null where this engine has not been told under which address it can be reached. */
  addressOf(runId: RunId, step: StepId): CallbackAddress | null;
}
