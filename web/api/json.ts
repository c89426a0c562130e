/** JSON as the contract has it. */
import type { PendingDecision } from "../../src/contract/pending-decision.ts";
import type { RunView } from "../../src/contract/run-view.ts";

export type Json = RunView["input"];
export type JsonObject = PendingDecision["request"];

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The member, if it is a text. */
export function textOf(value: Json | undefined, name: string): string | null {
  const member = isJsonObject(value) ? value[name] : undefined;
  return typeof member === "string" ? member : null;
}

/** As JSON, or why it is none. */
export function parseJson(
  text: string,
): { readonly kind: "json"; readonly value: Json } | { readonly kind: "problem"; readonly message: string } {
  try {
    return { kind: "json", value: JSON.parse(text) as Json }; // What it returns is JSON by its nature.
  } catch (thrown) {
    return { kind: "problem", message: thrown instanceof Error ? thrown.message : String(thrown) };
  }
}
