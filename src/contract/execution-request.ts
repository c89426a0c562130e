/** The schema of an execution request (mission O4): every one is checked before its tool is asked. */
import type { JsonObject } from "../core/json.ts";

const text = { type: "string", minLength: 1 } as const;
const orNull = (type: string) => ({ type: [type, "null"] }) as const;

export const EXECUTION_REQUEST_SCHEMA: JsonObject = {
  $schema: "http://json-schema.org/draft-07/schema#",
  title: "Execution request",
  type: "object",
  additionalProperties: false,
  required: [
    ...["run", "tenant", "workflow", "definition", "step", "item", "type", "attempt", "idempotencyKey"],
    ...["inputs", "env", "tool", "workspace", "deadlineAt", "graceMs", "epoch"],
  ],
  properties: {
    run: { type: "string", pattern: "^run_[0-9a-f]{32}$" },
    tenant: text,
    workflow: text,
    definition: { type: "string", pattern: "^[0-9a-f]{64}$" },
    step: text,
    item: orNull("string"),
    type: text,
    attempt: { type: "integer", minimum: 1 },
    idempotencyKey: text,
    inputs: { type: "object" },
    env: { type: "array", items: { type: "string", pattern: "^[A-Za-z_][A-Za-z0-9_]*$" }, uniqueItems: true },
    tool: orNull("string"),
    workspace: { type: "string", pattern: "^/" },
    deadlineAt: { type: ["integer", "null"], minimum: 0 },
    graceMs: { type: "integer", minimum: 0 },
    epoch: { type: "integer", minimum: 0 },
  },
};
