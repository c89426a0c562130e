/** Where names get their values. A scope is asked per name, so nothing copies a large run to evaluate one path. */
import { isJsonObject } from "../core/json.ts";

export interface Scope {
  /** The value of a root (`input`, `item`, `run` …) or of any other name that the caller offers; undefined if there is none. */
  value(root: string): unknown;
  /** A step as `{ output, status, error, attempts … }`, members left out (or undefined) where not known; undefined if there is no such step. */
  step(id: string): unknown;
  /** All step ids; asked only to suggest a name. */
  stepNames(): Iterable<string>;
}

/** A scope over a plain record `{ input, steps, item, … }`; every further member is a name too. */
export function scopeOf(record: Readonly<Record<string, unknown>>): Scope {
  const steps = isJsonObject(record.steps) ? record.steps : {};
  return {
    value: (root) => (Object.hasOwn(record, root) ? record[root] : undefined),
    step: (id) => (Object.hasOwn(steps, id) ? steps[id] : undefined),
    stepNames: () => Object.keys(steps),
  };
}
