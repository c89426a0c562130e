/** Filters on lists and maps. */
import { canonicalJson, isPrototypeKey } from "../../core/json.ts";
import { finite } from "../operators.ts";
import { MISSING, memberOf } from "../path.ts";
import { aType, charCount, compareValues, isMap, payForTree } from "../values.ts";
import type { Filter, FilterCall } from "./filter.ts";

export const length: Filter = (target, _, call) => {
  if (typeof target === "string") {
    call.frame.spendText(target, call.at);
    return charCount(target);
  }
  if (Array.isArray(target)) return target.length;
  if (isMap(target)) return Object.keys(target).length;
  return call.fail(`counts a text, a list or a map, not ${aType(target)}.`);
};

function mapOnly(target: unknown, call: FilterCall): Readonly<Record<string, unknown>> {
  return isMap(target) ? target : call.fail(`works on a map, not on ${aType(target)}.`);
}

export const keys: Filter = (target, _, call) => {
  const all = Object.keys(mapOnly(target, call));
  call.spend(all.length);
  return all;
};

export const values: Filter = (target, _, call) => {
  const all = Object.values(mapOnly(target, call));
  call.spend(all.length);
  return all;
};

/** The member of an item that `attribute` names: a position, or keys and positions joined by dots; `MISSING` if it has none. */
export function attributeOf(item: unknown, attribute: unknown, call: FilterCall): unknown {
  if (typeof attribute === "number") return memberOf(item, attribute);
  let value = item;
  for (const name of call.textArgument(attribute, "attribute", "").split(".")) {
    if (isPrototypeKey(name)) return call.fail(`may not reach \`${name}\`.`, "EXPR_ARGUMENT");
    value = memberOf(value, /^\d+$/.test(name) && !isMap(value) ? Number(name) : name);
    if (value === MISSING) return MISSING;
  }
  return value;
}

/** What an item is sorted, compared or added up by; texts without regard to case unless asked. */
function criterion(item: unknown, attribute: unknown, isCaseSensitive: boolean, call: FilterCall): unknown {
  const value = attribute === undefined || attribute === null ? item : attributeOf(item, attribute, call);
  if (value === MISSING) return call.missing(`finds no \`${String(attribute)}\` in one of the items.`);
  return typeof value === "string" && !isCaseSensitive ? value.toLowerCase() : value;
}

export const join: Filter = (target, [separator, attribute], call) => {
  const between = separator === undefined ? "" : call.toText(separator);
  const texts = call.list(target).map((item) => call.toText(criterion(item, attribute, true, call)));
  call.frame.admitText(
    texts.reduce((sum, text) => sum + text.length + between.length, 0),
    call.at,
  );
  return texts.join(between);
};

export const first: Filter = (target, _, call) => {
  const item = Array.isArray(target) ? target[0] : call.list(target)[0];
  return item === undefined ? call.missing("finds nothing: the list is empty.") : item;
};

export const last: Filter = (target, _, call) => {
  const item = Array.isArray(target) ? target.at(-1) : call.list(target).at(-1);
  return item === undefined ? call.missing("finds nothing: the list is empty.") : item;
};

export const unique: Filter = (target, [caseSensitive, attribute], call) => {
  const isCaseSensitive = call.flagArgument(caseSensitive, "case_sensitive");
  const seen = new Set<string>();
  return call.list(target).filter((item) => {
    const key = criterion(item, attribute, isCaseSensitive, call);
    payForTree(key, call.frame, call.at);
    const text = canonicalJson(key);
    return !seen.has(text) && seen.add(text);
  });
};

function ordered(left: unknown, right: unknown, call: FilterCall): number {
  const order = compareValues(left, right);
  return (
    order ?? call.fail(`cannot order ${aType(left)} and ${aType(right)}: only numbers and texts have an order, each among themselves.`)
  );
}

export const sort: Filter = (target, [reversed, caseSensitive, attribute], call) => {
  const isCaseSensitive = call.flagArgument(caseSensitive, "case_sensitive");
  const sign = call.flagArgument(reversed, "reverse") ? -1 : 1;
  const items = call.list(target).map((item) => ({ item, key: criterion(item, attribute, isCaseSensitive, call) }));
  call.spend(items.length * Math.ceil(Math.log2(items.length + 1)));
  return items.sort((left, right) => sign * ordered(left.key, right.key, call)).map(({ item }) => item);
};

export const reverse: Filter = (target, _, call) => {
  const items = [...call.list(target)].reverse();
  return typeof target === "string" ? items.join("") : items;
};

export const sum: Filter = (target, [attribute, start], call) => {
  let total = start === undefined ? 0 : call.number(start);
  for (const item of call.list(target)) total += call.number(criterion(item, attribute, true, call));
  return finite(total, call.at);
};

function extreme(sign: 1 | -1): Filter {
  return (target, [caseSensitive, attribute], call) => {
    const isCaseSensitive = call.flagArgument(caseSensitive, "case_sensitive");
    const items = call.list(target).map((item) => ({ item, key: criterion(item, attribute, isCaseSensitive, call) }));
    if (items.length === 0) return call.missing("finds nothing: the list is empty.");
    return items.reduce((best, one) => (sign * ordered(one.key, best.key, call) < 0 ? one : best)).item;
  };
}
export const min = extreme(1);
export const max = extreme(-1);

const SLICES_MAX = 10_000;

/** Jinja2's `slice`: columns of about equal length, the longer ones first; `fill_with` is added to each of the others. */
export const slice: Filter = (target, [slices, fill], call) => {
  const items = call.list(target);
  const count = call.wholeArgument(slices, "slices", 1);
  if (count < 1 || count > SLICES_MAX) return call.fail(`deals out into 1 to ${SLICES_MAX} lists, not ${count}.`, "EXPR_ARGUMENT");
  call.spend(count);
  const longer = items.length % count;
  const size = Math.floor(items.length / count);
  return Array.from({ length: count }, (_, index) => {
    const from = index * size + Math.min(index, longer);
    const part = items.slice(from, from + size + (index < longer ? 1 : 0));
    return index >= longer && fill !== undefined && fill !== null ? [...part, fill] : part;
  });
};
