/** What a filter gets to work with. */
import type { Position } from "../../../grammar/ast.ts";
import type { ErrorCode } from "../../core/errors.ts";
import { expressionError, type Frame, MISSING_SIGNAL } from "../frame.ts";
import { aType, isList, isMap, toText } from "../values.ts";

/** Arguments stand in the order of the parameters in `grammar/filters.ts`; undefined where not given. `rest` is for `map` alone. */
export type Filter = (target: unknown, args: readonly unknown[], call: FilterCall, rest: readonly unknown[]) => unknown;

/** One use of a filter: its name and place for errors, its frame for limits, and the checks that all filters share. */
export class FilterCall {
  readonly name: string;
  readonly frame: Frame;
  readonly at: Position;

  constructor(name: string, frame: Frame, at: Position) {
    this.name = name;
    this.frame = frame;
    this.at = at;
  }

  fail(problem: string, code: ErrorCode = "EXPR_TYPE", fix?: string): never {
    throw expressionError(code, this.at, `\`${this.name}\` ${problem}`, fix);
  }

  /** There is no answer, as with the first item of an empty list; `default` and `??` catch this. */
  missing(problem: string): never {
    if (this.frame.guards > 0) throw MISSING_SIGNAL;
    return this.fail(problem, "EXPR_MISSING", "If it may be missing, write `… ?? fallback` or `… | default(fallback)`.");
  }

  spend(amount: number): void {
    this.frame.spend(amount, this.at);
  }

  /** A text made by the filter, once it is known to be short enough. */
  made(text: string): string {
    this.frame.admitText(text.length, this.at);
    return text;
  }

  /** The target of a filter on texts: numbers and booleans count as their text. */
  text(value: unknown): string {
    if (typeof value === "string") {
      this.frame.spendText(value, this.at);
      return value;
    }
    if (typeof value === "number" || typeof value === "boolean") return String(value);
    return this.fail(`works on a text, not on ${aType(value)}.`);
  }

  /** The target of a filter on lists: a text counts as the list of its characters, a map as that of its keys. */
  list(value: unknown): readonly unknown[] {
    if (isList(value)) {
      this.spend(value.length);
      return value;
    }
    if (isMap(value)) {
      const keys = Object.keys(value);
      this.spend(keys.length);
      return keys;
    }
    if (typeof value !== "string") return this.fail(`works on a list, not on ${aType(value)}.`);
    this.spend(value.length);
    return [...value];
  }

  number(value: unknown): number {
    return typeof value === "number" ? value : this.fail(`works on a number, not on ${aType(value)}.`);
  }

  /** An argument that is a text; `otherwise` if it was not given. */
  textArgument(value: unknown, parameter: string, otherwise: string): string {
    if (value === undefined) return otherwise;
    return typeof value === "string" ? value : this.fail(`needs a text as \`${parameter}\`, not ${aType(value)}.`);
  }

  wholeArgument(value: unknown, parameter: string, otherwise: number): number {
    if (value === undefined) return otherwise;
    return Number.isInteger(value) ? (value as number) : this.fail(`needs a whole number as \`${parameter}\`, not ${describe(value)}.`); // isInteger says it is a number
  }

  flagArgument(value: unknown, parameter: string): boolean {
    if (value === undefined) return false;
    return typeof value === "boolean" ? value : this.fail(`needs true or false as \`${parameter}\`, not ${aType(value)}.`);
  }

  toText(value: unknown): string {
    return toText(value, this.frame, this.at);
  }
}

function describe(value: unknown): string {
  return typeof value === "number" ? String(value) : aType(value);
}
