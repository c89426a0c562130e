/** All filters by name. The type makes this table and the signatures in `grammar/filters.ts` name the same ones. */
import { type FilterName, filterSignatures, isFilterName, signatureOf } from "../../../grammar/filters.ts";
import { nearestName } from "../../core/nearest.ts";
import { MISSING } from "../path.ts";
import { duration, fromjson, json, sha256 } from "./convert.ts";
import { date } from "./date.ts";
import { type Filter, FilterCall } from "./filter.ts";
import { attributeOf, first, join, keys, last, length, max, min, reverse, slice, sort, sum, unique, values } from "./list.ts";
import { abs, float, int, round } from "./number.ts";
import { rejectattr, selectattr } from "./select.ts";
import { lower, quote, replace, split, string, trim, upper } from "./text.ts";

/** `map(attribute=…)`, or `map(filter, …)`. */
const map: Filter = (target, [attribute, otherwise], call, rest) => {
  const items = call.list(target);
  if (attribute === undefined) return items.map(filterNamed(rest[0], rest.slice(1), call));
  return items.map((item) => {
    const value = attributeOf(item, attribute, call);
    if (value !== MISSING) return value;
    return otherwise === undefined ? call.missing(`finds no \`${String(attribute)}\` in one of the items.`) : otherwise;
  });
};

function filterNamed(name: unknown, args: readonly unknown[], call: FilterCall): (item: unknown) => unknown {
  const filterName = call.textArgument(name, "filter", "");
  if (!isFilterName(filterName) || filterName === "default" || filterName === "map") {
    const near = nearestName(filterName, Object.keys(filterSignatures));
    return call.fail(
      `cannot apply a filter \`${filterName}\`.`,
      "EXPR_ARGUMENT",
      near === undefined ? undefined : `Did you mean \`${near}\`?`,
    );
  }
  const parameters = signatureOf(filterName)?.parameters ?? [];
  const least = parameters.filter((parameter) => parameter.required).length;
  if (args.length < least || args.length > parameters.length)
    return call.fail(`gives \`${filterName}\` ${args.length} argument(s), which it does not take.`, "EXPR_ARGUMENT");
  const filter = filters[filterName];
  const inner = new FilterCall(filterName, call.frame, call.at);
  return (item) => filter(item, args, inner, []);
}

/** `default` is missing: it decides whether its target is evaluated at all, which `compile.ts` does. */
export const filters: Readonly<Record<Exclude<FilterName, "default">, Filter>> = {
  length,
  lower,
  upper,
  trim,
  split,
  join,
  replace,
  json,
  fromjson,
  keys,
  values,
  map,
  selectattr,
  rejectattr,
  first,
  last,
  unique,
  sort,
  reverse,
  sum,
  min,
  max,
  round,
  abs,
  int,
  float,
  string,
  slice,
  sha256,
  date,
  duration,
  quote,
};
