/** Reads JSON objects out of what a CLI printed. Total: a line that is no object, or was cut in two, is passed over. */
import { isJsonObject, type Json, type JsonObject } from "../../core/json.ts";

export function parseLines(text: string): readonly JsonObject[] {
  const objects: JsonObject[] = [];
  for (const line of text.split("\n")) {
    const trimmed = line.trim();
    if (!trimmed.startsWith("{")) continue;
    const value = parseJson(trimmed);
    if (isJsonObject(value)) objects.push(value);
  }
  return objects;
}

/** Undefined when it is no JSON. */
export function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json; // JSON.parse makes nothing but JSON
  } catch {
    return undefined;
  }
}

export function textOf(object: JsonObject | null | undefined, key: string): string | null {
  const value = memberOf(object, key);
  return typeof value === "string" ? value : null;
}

/** Numbers of a CLI count something: what is negative or no number at all says nothing. */
export function numberOf(object: JsonObject | null | undefined, key: string): number | null {
  const value = memberOf(object, key);
  return typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : null;
}

export function objectOf(object: JsonObject | null | undefined, key: string): JsonObject | null {
  const value = memberOf(object, key);
  return isJsonObject(value) ? value : null;
}

export function listOf(object: JsonObject | null | undefined, key: string): readonly Json[] {
  const value = memberOf(object, key);
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}

export function memberOf(object: JsonObject | null | undefined, key: string): Json | undefined {
  return object !== null && object !== undefined && Object.hasOwn(object, key) ? object[key] : undefined;
}
