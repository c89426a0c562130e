/** In what two keys differ, part by part. Pure. */
import { canonicalJson, isJsonObject, type Json } from "../../core/json.ts";
import type { KeyParts } from "./key.ts";

export interface PartDifference {
  /** Such as `files.src/a.ts` or `inputs.run`. */
  readonly part: string;
  /** Null where it was not there. */
  readonly before: Json;
  readonly now: Json;
}

/** Parts that are maps are told member by member. */
export function diffParts(before: KeyParts, now: KeyParts): readonly PartDifference[] {
  return names(before, now).flatMap((name) => diffPart(name, before[name], now[name]));
}

function diffPart(part: string, before: Json | undefined, now: Json | undefined): readonly PartDifference[] {
  if (textOf(before) === textOf(now)) return [];
  // What an author wrote is one thing, however it is made up inside.
  const isMap = !part.includes(".") && isJsonObject(before) && isJsonObject(now);
  if (!isMap) return [{ part, before: before ?? null, now: now ?? null }];
  return names(before, now).flatMap((name) => diffPart(`${part}.${name}`, before[name], now[name]));
}

function names(one: KeyParts, other: KeyParts): readonly string[] {
  return [...new Set([...Object.keys(one), ...Object.keys(other)])].sort();
}

function textOf(value: Json | undefined): string | null {
  return value === undefined ? null : canonicalJson(value);
}
