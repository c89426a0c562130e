/** `selectattr` and `rejectattr`, with the closed list of tests they know (names as in Jinja2). */
import { nearestName } from "../../core/nearest.ts";
import { MISSING } from "../path.ts";
import { aType, compareValues, isEqual, isList, isMap, isTruthy } from "../values.ts";
import type { Filter, FilterCall } from "./filter.ts";
import { attributeOf } from "./list.ts";

type Test = (value: unknown, expected: unknown, call: FilterCall) => boolean;

const equals: Test = (value, expected, call) => value !== MISSING && isEqual(value, expected, call.frame, call.at);
const orders = (accepts: (order: number) => boolean): Test => {
  return (value, expected, call) => {
    if (value === MISSING) return call.missing("compares an attribute that one of the items does not have.");
    const order = compareValues(value, expected);
    return order === null ? call.fail(`cannot compare ${aType(value)} with ${aType(expected)}.`) : accepts(order);
  };
};
const isIn: Test = (value, expected, call) => {
  if (isList(expected)) return expected.some((item) => equals(value, item, call));
  if (typeof expected === "string" && typeof value === "string") return expected.includes(value);
  return call.fail(`looks for ${value === MISSING ? "a missing value" : aType(value)} in ${aType(expected)}.`);
};

/** Tests that compare with a value, and those that look at the attribute alone. */
const comparing: Readonly<Record<string, Test>> = {
  eq: equals,
  equalto: equals,
  "==": equals,
  ne: (value, expected, call) => !equals(value, expected, call),
  "!=": (value, expected, call) => !equals(value, expected, call),
  lt: orders((order) => order < 0),
  lessthan: orders((order) => order < 0),
  "<": orders((order) => order < 0),
  le: orders((order) => order <= 0),
  "<=": orders((order) => order <= 0),
  gt: orders((order) => order > 0),
  greaterthan: orders((order) => order > 0),
  ">": orders((order) => order > 0),
  ge: orders((order) => order >= 0),
  ">=": orders((order) => order >= 0),
  in: isIn,
};
const looking: Readonly<Record<string, (value: unknown) => boolean>> = {
  defined: (value) => value !== MISSING,
  undefined: (value) => value === MISSING,
  none: (value) => value === null,
  true: (value) => value === true,
  false: (value) => value === false,
  boolean: (value) => typeof value === "boolean",
  number: (value) => typeof value === "number",
  string: (value) => typeof value === "string",
  mapping: isMap,
  sequence: (value) => isList(value) || typeof value === "string",
};

function isChosen(item: unknown, [attribute, test, expected]: readonly unknown[], call: FilterCall): boolean {
  const value = attributeOf(item, attribute, call);
  if (test === undefined) return value !== MISSING && isTruthy(value);
  const name = call.textArgument(test, "test", "");
  if (Object.hasOwn(looking, name)) return looking[name]?.(value) === true;
  if (!Object.hasOwn(comparing, name)) {
    const near = nearestName(name, [...Object.keys(looking), ...Object.keys(comparing)]);
    return call.fail(`knows no test \`${name}\`.`, "EXPR_ARGUMENT", near === undefined ? undefined : `Did you mean \`${near}\`?`);
  }
  if (expected === undefined) return call.fail(`needs a value for its test \`${name}\`.`, "EXPR_ARGUMENT");
  return comparing[name]?.(value, expected, call) === true;
}

export const selectattr: Filter = (target, args, call) => call.list(target).filter((item) => isChosen(item, args, call));
export const rejectattr: Filter = (target, args, call) => call.list(target).filter((item) => !isChosen(item, args, call));
