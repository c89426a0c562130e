/** A coding CLI that Troupe does not know: how to call it, and where its answer is found. */
import { isJsonObject, isPrototypeKey, type Json, type JsonObject } from "../../core/json.ts";

export const CUSTOM_FORMATS = ["text", "json", "jsonl"] as const;
export type CustomFormat = (typeof CUSTOM_FORMATS)[number];

/** Where the members of an answer are, as paths such as `result.usage.0.input`. */
export const CUSTOM_MEMBERS = ["text", "structured", "input_tokens", "output_tokens", "cost_usd", "session", "turns", "error"] as const;
export type CustomMember = (typeof CUSTOM_MEMBERS)[number];

export interface CustomCommand {
  /** Behind the tool's own arguments. */
  readonly args: readonly string[];
  /** `file`: the prompt is saved, and the path of the file is the last argument. */
  readonly prompt: "stdin" | "file";
  readonly format: CustomFormat;
  readonly map: Readonly<Partial<Record<CustomMember, string>>>;
  /** Arguments that take up a conversation, with `{session}` for its id; null when it cannot. */
  readonly resume: readonly string[] | null;
}

/** A tool that is named in `router.yaml` and of which the step says nothing: it prints its answer. */
export const PLAIN_COMMAND: CustomCommand = { args: [], prompt: "stdin", format: "text", map: {}, resume: null };

const SEGMENT = /^[^.[\]]+$/;

export function isMemberPath(path: string): boolean {
  return path.split(".").every((segment) => SEGMENT.test(segment) && !isPrototypeKey(segment));
}

/** Own members only (S-5); undefined where the path leads nowhere. */
export function findMember(value: Json, path: string): Json | undefined {
  let at: Json | undefined = value;
  for (const segment of path.split(".")) {
    if (Array.isArray(at)) at = /^\d+$/.test(segment) ? (at as readonly Json[])[Number(segment)] : undefined;
    else at = isJsonObject(at) && Object.hasOwn(at, segment) ? (at as JsonObject)[segment] : undefined;
    if (at === undefined) return undefined;
  }
  return at;
}
