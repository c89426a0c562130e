/** Names of the items of a fan-out: `build[eu-west]` is the item `eu-west` of the step `build`, an actor with an id like any step's. */
import type { StepId } from "./ids.ts";

/** Longest key, percent-encoded: ids travel into file names. */
export const ITEM_KEY_MAX = 128;

/** Keys may hold anything; in an id, whatever could end or split a name is percent-encoded. */
export function itemId(step: string, key: string): StepId {
  return `${step}[${encodeKey(key)}]` as StepId; // An item's actor is named like a step.
}

export function encodeKey(key: string): string {
  return encodeURIComponent(key).replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** The step and the item of an actor's id; null for the id of a step. */
export function parseItemId(id: string): { readonly step: StepId; readonly key: string } | null {
  const open = id.indexOf("[");
  if (open < 0 || !id.endsWith("]")) return null;
  try {
    return { step: id.slice(0, open) as StepId, key: decodeURIComponent(id.slice(open + 1, -1)) }; // As `itemId` made it.
  } catch {
    return null; // Written by hand, on a command line.
  }
}

/** The actor's id that somebody means, who may have written the key of an item as the workflow has it: `build[src/a.ts]`. */
export function toActorId(name: string): string {
  const item = parseItemId(name);
  return item === null ? name : itemId(item.step, item.key);
}

/** Whether a name means this actor: by itself, or as an item of the step that is named. */
export function isMeant(name: string, actor: string): boolean {
  return actor === toActorId(name) || stepNameOf(actor) === name;
}

/** The step that an actor belongs to: itself, or the one whose item it is. */
export function stepNameOf(actor: string): string {
  const open = actor.indexOf("[");
  return open < 0 ? actor : actor.slice(0, open);
}
