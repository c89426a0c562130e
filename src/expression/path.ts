/** Walks paths through values: own members only, and a missing one is told with the nearest that exists. */
import type { Position } from "../../grammar/ast.ts";
import { ROOTS } from "../../grammar/ast.ts";
import { isPrototypeKey, type JsonObject } from "../core/json.ts";
import { nearestName } from "../core/nearest.ts";
import { expressionError, type Frame, MISSING_SIGNAL } from "./frame.ts";
import { aType, charCount, charsOf, isList, isMap } from "./values.ts";

/** Stands for a value that is not there. Never leaves this folder. */
export const MISSING = Symbol("missing");

/** Names looked at for a suggestion; a run may have very many steps. */
const SUGGESTIONS_FROM = 2_000;
const NAMES_SHOWN = 8;

/** One step into a value; `MISSING` if it has no such member. */
export function memberOf(value: unknown, key: string | number): unknown {
  if (typeof key === "string") {
    if (typeof value !== "object" || value === null || Array.isArray(value) || !Object.hasOwn(value, key)) return MISSING;
    const member = (value as Record<string, unknown>)[key];
    return member === undefined ? MISSING : member;
  }
  if (!Number.isInteger(key)) return MISSING;
  if (isList(value)) return value[key < 0 ? value.length + key : key] ?? nullOrMissing(value, key);
  if (typeof value === "string") return charsOf(value).at(key) ?? MISSING;
  return MISSING;
}

function nullOrMissing(list: readonly unknown[], key: number): unknown {
  return list.at(key) === null ? null : MISSING;
}

/** A computed key: only texts and whole numbers lead anywhere, and none to a prototype (S-1). */
export function toKey(value: unknown, at: Position): string | number {
  if (typeof value === "string") {
    if (isPrototypeKey(value)) throw expressionError("EXPR_ARGUMENT", at, `The name \`${value}\` is not allowed.`);
    return value;
  }
  if (typeof value === "number") return value;
  throw expressionError("EXPR_TYPE", at, `A key is a text or a number, not ${aType(value)}.`);
}

/** Python's `value[from:to]` on lists and texts. */
export function sliceOf(value: unknown, from: unknown, to: unknown, frame: Frame, at: Position): unknown {
  for (const bound of [from, to]) {
    if (bound !== null && !Number.isInteger(bound))
      throw expressionError("EXPR_TYPE", at, `The bounds of \`[from:to]\` are whole numbers, not ${aType(bound)}.`);
  }
  // the loop above has shown the types
  const [start, end] = [(from as number | null) ?? 0, (to as number | null) ?? undefined];
  if (isList(value)) {
    frame.spend(value.length, at);
    return value.slice(start, end);
  }
  if (typeof value !== "string") throw expressionError("EXPR_TYPE", at, `Only lists and texts have parts, not ${aType(value)}.`);
  frame.spendText(value, at);
  return charsOf(value).slice(start, end).join("");
}

/** Path text for messages, as authors write it. */
export function pathText(root: string, keys: readonly (string | number)[]): string {
  return (
    root + keys.map((key) => (typeof key === "string" && /^[A-Za-z_]\w*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`)).join("")
  );
}

/** The error for a name that nothing has. */
export function missingName(name: string, frame: Frame, at: Position): Error {
  if (frame.guards > 0) return MISSING_SIGNAL;
  if ((ROOTS as readonly string[]).includes(name)) return expressionError("EXPR_MISSING", at, `There is no \`${name}\` here.`);
  if (frame.scope.step(name) !== undefined) {
    return expressionError(
      "EXPR_MISSING",
      at,
      `There is no \`${name}\`.`,
      `The step is written \`steps.${name}\`, its output \`$${name}\`.`,
    );
  }
  return expressionError("EXPR_MISSING", at, `There is no \`${name}\`.`, suggestion(name, ROOTS));
}

export function missingStep(id: string, frame: Frame, at: Position): Error {
  if (frame.guards > 0) return MISSING_SIGNAL;
  return expressionError(
    "EXPR_MISSING",
    at,
    `There is no step \`${id}\` whose result could be read here.`,
    suggestion(id, frame.scope.stepNames()),
  );
}

/** The error for a member that `holder` (reached by `reached`) does not have. */
export function missingMember(holder: unknown, reached: string, key: string | number, frame: Frame, at: Position): Error {
  if (frame.guards > 0) return MISSING_SIGNAL;
  const name = typeof key === "string" ? `\`${key}\`` : `item ${key}`;
  if (isMap(holder)) {
    const status = isStep(reached) && key === "output" ? holder.status : undefined;
    if (typeof status === "string")
      return expressionError("EXPR_MISSING", at, `\`${reached}\` has no output: the step is ${status}.`, GUARD_HINT);
    return expressionError(
      "EXPR_MISSING",
      at,
      `\`${reached}\` has no ${name}.`,
      suggestion(String(key), presentKeys(holder)) ?? GUARD_HINT,
    );
  }
  if (isList(holder) && typeof key === "number")
    return expressionError("EXPR_MISSING", at, `\`${reached}\` has ${holder.length} item(s), so no ${name}.`, GUARD_HINT);
  if (typeof holder === "string" && typeof key === "number")
    return expressionError("EXPR_MISSING", at, `\`${reached}\` has ${charCount(holder)} character(s), so no ${name}.`, GUARD_HINT);
  const hint = key === "length" || key === "size" ? `Write \`${reached} | length\`.` : undefined;
  return expressionError("EXPR_MISSING", at, `\`${reached}\` is ${aType(holder)} and has no ${name}.`, hint);
}

function presentKeys(map: JsonObject): string[] {
  return Object.keys(map).filter((key) => map[key] !== undefined);
}

const GUARD_HINT = "If it may be missing, write `… ?? fallback` or `… | default(fallback)`.";

function isStep(reached: string): boolean {
  return /^steps(?:\.\w+|\["[^"]*"\])$/.test(reached);
}

function suggestion(name: string, known: Iterable<string>): string | undefined {
  const names: string[] = [];
  for (const candidate of known) {
    if (names.length >= SUGGESTIONS_FROM) break;
    names.push(candidate);
  }
  const near = nearestName(name, names);
  if (near !== undefined) return `Did you mean \`${near}\`?`;
  if (names.length === 0) return undefined;
  return `It has: ${names.slice(0, NAMES_SHOWN).join(", ")}${names.length > NAMES_SHOWN ? " …" : ""}.`;
}
