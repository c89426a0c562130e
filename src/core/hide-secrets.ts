/** Takes secrets out of what an attempt tells, before anything of it is recorded (S-38). */
import { isJsonObject, type Json } from "./json.ts";

const MASK = "***";

/** The same value where nothing of it has to be hidden. `masks`: longest first, in every form; also as JSON writes them. */
export function hideSecrets<TValue>(value: TValue, masks: readonly string[]): TValue {
  if (masks.length === 0) return value;
  const text = JSON.stringify(value);
  if (text === undefined || !masks.some((mask) => text.includes(mask))) return value;
  return hidden(value as Json, masks) as TValue; // Texts become texts, and what surrounds them stays.
}

function hidden(value: Json, masks: readonly string[]): Json {
  if (typeof value === "string") return hiddenText(value, masks);
  if (typeof value === "number") return masks.includes(String(value)) ? MASK : value;
  if (Array.isArray(value)) return value.map((item: Json) => hidden(item, masks));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [hiddenText(name, masks), hidden(member, masks)]));
}

function hiddenText(text: string, masks: readonly string[]): string {
  return masks.reduce((shown, mask) => (mask === "" ? shown : shown.replaceAll(mask, MASK)), text);
}
