/** Which events a step waits for. */
import { canonicalJson, isJsonObject, type Json, type JsonObject } from "../../core/json.ts";

/** Whether the data holds all that is wanted: maps member by member, anything else by equality. */
export function matchesEvent(wanted: JsonObject | null, data: Json): boolean {
  return wanted === null || holds(data, wanted);
}

function holds(value: Json | undefined, wanted: Json): boolean {
  if (value === undefined) return false;
  if (!isJsonObject(wanted)) return canonicalJson(value) === canonicalJson(wanted);
  return isJsonObject(value) && Object.entries(wanted).every(([name, part]) => Object.hasOwn(value, name) && holds(value[name], part));
}
