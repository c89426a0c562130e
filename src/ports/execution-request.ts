/** What an attempt is asked to do, as one value (mission O4): enough to see afterwards what a tool was given, and to ask it again. */
import type { Json } from "../core/json.ts";

export interface ExecutionRequest {
  readonly run: string;
  readonly tenant: string;
  readonly workflow: string;
  /** Hash of the definition, which names its version for ever. */
  readonly definition: string;
  readonly step: string;
  /** The item of a fan-out; null for a step that is one actor. */
  readonly item: string | null;
  readonly type: string;
  readonly attempt: number;
  /** The same for all attempts of this step in this run. */
  readonly idempotencyKey: string;
  /** The step's fields, evaluated, without secrets; a large one is `{ $digest, bytes }`. */
  readonly inputs: Readonly<Record<string, Json>>;
  /** Names of what its environment declares; never values. */
  readonly env: readonly string[];
  /** The tool that was asked; null while none has been. */
  readonly tool: string | null;
  readonly workspace: string;
  /** Epoch milliseconds; null for no limit. */
  readonly deadlineAt: number | null;
  /** Between asking it to end and killing it. */
  readonly graceMs: number;
  /** Number of the engine. */
  readonly epoch: number;
}
