/** Works out the items of a fan-out: the values, and a key for each that no other has. */
import type { TaskFailure } from "../core/failure.ts";
import { encodeKey, ITEM_KEY_MAX } from "../core/item-id.ts";
import { isJsonObject, type Json, type JsonObject } from "../core/json.ts";
import { toPlainText } from "../plan/evaluate-field.ts";
import type { Field } from "../plan/field.ts";
import type { FanOut } from "../plan/step-policies.ts";
import { bare, type Settled } from "./settle.ts";
import { type DigestText, offload } from "./stored.ts";

/** Items of one fan-out. Each is an actor with entries of its own; more of them belong into a program that one step runs. */
const FAN_MAX_ITEMS = 100_000;

interface Item {
  readonly name: string;
  readonly value: Json;
}

/** Evaluates a field with an item in its scope. */
export type EvaluateForItem = (field: Field, item?: JsonObject) => Json;

/** @throws DefinitionError EXPR_* */
export function fanOut(fan: FanOut, evaluate: EvaluateForItem, digest: DigestText): Settled {
  const found = fan.over.kind === "list" ? listed(evaluate(fan.over.items)) : product(fan.over, evaluate);
  if (found === null) return bare(invalid("FAN_NOT_A_LIST", "`for_each` gives neither a list nor a map."));
  if (found.length > FAN_MAX_ITEMS)
    return bare(invalid("FAN_TOO_LARGE", `\`for_each\` gives ${found.length} items; ${FAN_MAX_ITEMS} are the limit.`));
  const keys = found.map(({ name, value }, index) => {
    const { key } = fan;
    return key === null ? name : toPlainText(evaluate(key, { key: name, index, value }));
  });
  const problem = problemOf(keys);
  if (problem !== null) return bare(problem);
  const { stored, blobs } = offload(
    found.map(({ value }) => value),
    digest,
  );
  return { outcome: { kind: "fanned", keys, items: stored }, blobs };
}

function listed(value: Json): readonly Item[] | null {
  if (Array.isArray(value)) return value.map((item: Json, index) => ({ name: String(index), value: item }));
  if (!isJsonObject(value)) return null;
  return Object.entries(value).map(([name, item]) => ({ name, value: item }));
}

/** Every combination of the axes' values, named by them, less the excluded ones, and the included ones behind. */
function product(over: Extract<FanOut["over"], { kind: "matrix" }>, evaluate: EvaluateForItem): readonly Item[] | null {
  let combinations: readonly JsonObject[] = [{}];
  for (const [axis, field] of Object.entries(over.axes)) {
    const values = evaluate(field);
    if (!Array.isArray(values) || combinations.length * values.length > FAN_MAX_ITEMS) return null;
    combinations = combinations.flatMap((combination) => values.map((value: Json) => ({ ...combination, [axis]: value })));
  }
  const excluded = over.exclude.map((field) => evaluate(field));
  const kept = combinations.filter((combination) => !excluded.some((pattern) => covers(pattern, combination)));
  const included = over.include.map((field) => evaluate(field)).filter(isJsonObject);
  return [...kept, ...included].map((value) => ({ name: Object.values(value).map(toPlainText).join("-"), value }));
}

/** All members of the pattern are equal in the combination. */
function covers(pattern: Json, combination: JsonObject): boolean {
  if (!isJsonObject(pattern)) return false;
  return Object.entries(pattern).every(([axis, value]) => JSON.stringify(combination[axis]) === JSON.stringify(value));
}

function problemOf(keys: readonly string[]): TaskFailure | null {
  const seen = new Set<string>();
  for (const key of keys) {
    if (key === "" || encodeKey(key).length > ITEM_KEY_MAX)
      return invalid("FAN_KEY", `The key \`${key.slice(0, 80)}\` is empty or too long.`, "Give `key:` a short text that names the item.");
    if (seen.has(key)) return invalid("FAN_KEY", `Two items have the key \`${key}\`.`, "Give `key:` a text that differs for every item.");
    seen.add(key);
  }
  return null;
}

function invalid(code: string, title: string, hint?: string): TaskFailure {
  return { class: "validation", code, title, ...(hint !== undefined && { hint }) };
}
