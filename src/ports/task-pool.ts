/** Worker threads for work that would hold up the engine. */
import type { TaskFailure } from "../core/failure.ts";
import type { Json, JsonObject } from "../core/json.ts";

export interface FunctionCall {
  /** Absolute file URL of the module. */
  readonly module: string;
  readonly export: string;
  readonly input: Json;
  readonly context: Json;
}

export type TaskAnswer =
  | { readonly ok: true; readonly value: Json }
  /** The function threw this, in plain form (name, message, code, status …); the runtime classifies it. */
  | { readonly ok: false; readonly thrown: JsonObject }
  /** The thread itself came to an end. */
  | { readonly ok: false; readonly failure: TaskFailure };

export interface TaskPool extends AsyncDisposable {
  /** Runs a function on a thread of its own. A crash, `process.exit` or full heap of it fails this call only (I-35). */
  call(task: FunctionCall, signal: AbortSignal): Promise<TaskAnswer>;
}
