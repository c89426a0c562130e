/** What an attempt used, as its end tells: members of `AttemptUsage` (src/kernel/cause.ts), read without trust. */
import { isJsonObject, type Json, type JsonObject } from "../src/core/json.ts";

export type CacheResult = "hit" | "miss" | "bypass" | "impure";

/** What the step cache said. Without a key it was not asked, or could not be. */
export function cacheResultOf({ hit, key, impure }: JsonObject): CacheResult {
  if (impure === true) return "impure";
  if (hit === true) return "hit";
  return typeof key === "string" ? "miss" : "bypass";
}

/** Whether the result was taken from the step cache instead of being worked for. */
export function isCacheHit(usage: Json | undefined): boolean {
  const cache = isJsonObject(usage) ? usage.cache : undefined;
  return isJsonObject(cache) && cacheResultOf(cache) === "hit";
}

export function hasConflicts({ conflicts }: JsonObject): boolean {
  return typeof conflicts === "number" ? conflicts > 0 : Array.isArray(conflicts) && conflicts.length > 0;
}
