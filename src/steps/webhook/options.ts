/** What webhook steps need of the engine. */
import type { Json, JsonObject } from "../../core/json.ts";
import type { Callbacks } from "../../ports/callbacks.ts";
import type { Clock } from "../../ports/clock.ts";
import type { HttpClient } from "../../ports/http.ts";

export interface WebhookStepOptions {
  readonly http: HttpClient;
  readonly clock: Pick<Clock, "now">;
  readonly callbacks: Callbacks;
  /** Checks data against a schema; paths in the answer begin with `root`. */
  readonly validate: (schema: JsonObject, data: Json, root: string) => readonly { readonly path: string; readonly message: string }[];
}
