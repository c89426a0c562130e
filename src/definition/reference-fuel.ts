/**
 * Bounds what references make of a schema. Without them checking a value costs at most the schema's size times the value's; with them
 * forty lines can say two to the fortieth (`a` is twice `b`, `b` twice `c` …), and data can do so to an honest schema that tries two
 * branches at each level of a tree. So each reference that is followed uses up some fuel, of which a check gets as much as its value is
 * large (S-7, ADR-0008).
 */
import { _, type Ajv, type KeywordCxt } from "ajv";

/** References that a check of any value may follow, and more for each value in it. Honest schemas follow one or two for each. */
const FUEL_MIN = 20_000;
const FUEL_PER_VALUE = 20;

/** Thrown out of a check. */
export class OutOfFuel extends Error {}

let left = 0;
/** The value being checked, until it had to be measured. */
let unmeasured: unknown;

/** Runs one check of a value. Checks never run inside each other. */
export function withFuel<TResult>(value: unknown, check: () => TResult): TResult {
  left = FUEL_MIN;
  unmeasured = value;
  try {
    return check();
  } finally {
    unmeasured = undefined;
  }
}

function spend(): void {
  left -= 1;
  if (left >= 0) return;
  if (unmeasured === undefined) throw new OutOfFuel();
  left = FUEL_PER_VALUE * countValues(unmeasured);
  unmeasured = undefined;
}

function countValues(root: unknown): number {
  let count = 0;
  const pending: unknown[] = [root];
  while (pending.length > 0) {
    const value = pending.pop();
    count += 1;
    if (typeof value === "object" && value !== null) for (const item of Object.values(value)) pending.push(item);
  }
  return count;
}

/** Has a compiler count the references that its validators follow. */
export function countReferences({ RULES }: Ajv): void {
  for (const keyword of ["$ref", "$dynamicRef"]) {
    const rule = RULES.all[keyword];
    if (typeof rule !== "object" || !("code" in rule.definition)) continue;
    const { definition } = rule;
    // The rule is this compiler's own copy.
    rule.definition = { ...definition, code: (context: KeywordCxt) => count(context, () => definition.code(context)) };
  }
}

function count({ gen }: KeywordCxt, follow: () => void): void {
  gen.code(_`${gen.scopeValue("func", { ref: spend })}()`);
  follow();
}
