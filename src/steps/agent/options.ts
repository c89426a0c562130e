/** What agent steps are made with. */
import type { Json, JsonObject } from "../../core/json.ts";
import type { Processes } from "../../ports/processes.ts";
import type { Tools } from "../../ports/tools.ts";
import type { ContextTools } from "./context.ts";

export interface AgentStepOptions {
  readonly processes: Processes;
  /** Real path of the directory below which every attempt gets its control directory; its processes are known by it. */
  readonly directory: string;
  readonly tools: Tools;
  readonly context: ContextTools;
  /** The engine's own environment, of which a tool gets the names that it declares. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The forms in which a secret could show up (S-38). */
  readonly maskForms: (secret: string) => readonly string[];
  /** Paths in the answer begin with `root`. */
  readonly validate: (schema: JsonObject, data: Json, root: string) => readonly SchemaViolation[];
}

export interface SchemaViolation {
  readonly path: string;
  readonly message: string;
  readonly keyword: string;
}
