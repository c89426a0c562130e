/** Runs one function on a worker thread. It answers instead of throwing: errors lose their members on the way between threads. */
import type { FunctionCall } from "../../ports/task-pool.ts";
import { loadExport } from "./load-export.ts";

export type WorkerAnswer = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly thrown: unknown };

// biome-ignore lint/style/noDefaultExport: Piscina calls a worker file's default export
export default async function run({ module, export: name, input, context }: FunctionCall): Promise<WorkerAnswer> {
  try {
    const call = await loadExport(module, name);
    const value = await call(input, { ...(context as object), log: () => undefined, progress: () => undefined });
    return { ok: true, value: cloneable(value) };
  } catch (thrown) {
    return { ok: false, thrown: toPlain(thrown) };
  }
}

function cloneable(value: unknown): unknown {
  try {
    return structuredClone(value);
  } catch (cause) {
    throw Object.assign(new Error("The output cannot leave its thread; a function must answer JSON.", { cause }), {
      code: "OUTPUT_NOT_JSON",
      class: "validation",
    });
  }
}

/** Members that the runtime classifies by, down the chain of causes. */
const MEMBERS = ["name", "message", "code", "errcode", "status", "statusCode", "retryAfterMs", "class", "hint"] as const;
const CAUSES_MAX = 8;

function toPlain(thrown: unknown, depth = 0): unknown {
  if (typeof thrown !== "object" || thrown === null) return { name: "Thrown", message: String(thrown) };
  const plain: Record<string, unknown> = {};
  for (const member of MEMBERS) {
    const value = (thrown as Readonly<Record<string, unknown>>)[member]; // any object may carry them
    if (typeof value === "string" || typeof value === "number") plain[member] = value;
  }
  const { cause } = thrown as { cause?: unknown };
  if (cause !== undefined && depth < CAUSES_MAX) plain.cause = toPlain(cause, depth + 1);
  return plain;
}
