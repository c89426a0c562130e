/** What a run asks people. */
import type { JsonObject } from "../core/json.ts";

export interface PendingDecision {
  readonly run: string;
  readonly step: string;
  readonly attempt: number;
  /** SHA-256 of the canonical JSON of `request`; whoever decides gives it back (S-36). */
  readonly digest: string;
  /** All that the person is shown. */
  readonly request: JsonObject;
  /** Epoch milliseconds; null for ever. */
  readonly dueAt: number | null;
}
