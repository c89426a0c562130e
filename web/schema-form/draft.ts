/**
 * What stands in a form while it is filled in. A field keeps the text as it was typed, so that nothing is lost that is not a value yet.
 *
 * D1 A field in which nothing stands gives no member at all, so that the schema's default holds; null and empty texts are given as JSON.
 * D2 `fromJson` and `toJson` are each other's reverse for every value that the form can show; for others `fromJson` says so with null.
 */
import { isJsonObject, type Json, parseJson } from "../api/json.ts";
import type { Field, Member, Shape, TextInput } from "./shape.ts";

export type Draft =
  | { readonly kind: "typed"; readonly text: string }
  | { readonly kind: "switch"; readonly value: boolean | null }
  | { readonly kind: "object"; readonly members: Readonly<Record<string, Draft>> }
  /** Null where none is given, which is not the same as one without items. */
  | { readonly kind: "list"; readonly items: readonly Draft[] | null };

export interface FieldProblem {
  readonly path: string;
  readonly message: string;
}

export interface Filled {
  /** Undefined where nothing was given. */
  readonly value: Json | undefined;
  readonly problems: readonly FieldProblem[];
}

/** As the form is before anything is typed. */
export function emptyDraft({ shape, fallback }: Field, isRequired = true): Draft {
  const known = fallback === undefined ? null : fromJson({ shape, fallback }, fallback);
  if (known !== null) return known;
  switch (shape.kind) {
    case "object":
      return {
        kind: "object",
        members: Object.fromEntries(shape.members.map((one) => [one.name, emptyDraft(one.field, one.isRequired)])),
      };
    case "list":
      return { kind: "list", items: isRequired ? Array.from({ length: shape.min }, () => emptyDraft(shape.item)) : null };
    case "switch":
      return { kind: "switch", value: null };
    case "choice":
      return { kind: "typed", text: isRequired && shape.choices.length === 1 ? JSON.stringify(shape.choices[0]) : "" };
    default:
      return { kind: "typed", text: "" };
  }
}

/** Null where the form has no place for the value. */
export function fromJson({ shape }: Pick<Field, "shape" | "fallback">, value: Json): Draft | null {
  const typed = (text: string): Draft => ({ kind: "typed", text });
  switch (shape.kind) {
    case "text":
      return typeof value === "string" && canShow(shape.input, value) ? typed(value) : null;
    case "number":
      return typeof value === "number" ? typed(String(value)) : null;
    case "switch":
      return typeof value === "boolean" ? { kind: "switch", value } : null;
    case "choice":
      return shape.choices.some((choice) => JSON.stringify(choice) === JSON.stringify(value)) ? typed(JSON.stringify(value)) : null;
    case "json":
      return typed(JSON.stringify(value, null, 2));
    case "list": {
      if (!Array.isArray(value)) return null;
      const items = (value as readonly Json[]).map((item) => fromJson(shape.item, item));
      return items.every((item) => item !== null) ? { kind: "list", items } : null;
    }
    case "object":
      return isJsonObject(value) ? objectFrom(shape.members, value) : null;
  }
}

/** An empty text would look as if nothing were given (D1), and a line would lose its breaks. */
function canShow(input: TextInput, value: string): boolean {
  if (input === "date") return /^\d{4}-\d{2}-\d{2}$/.test(value);
  return value !== "" && (input === "long" ? !value.includes("\r") : !/[\r\n]/.test(value));
}

function objectFrom(members: readonly Member[], value: Readonly<Record<string, Json>>): Draft | null {
  if (Object.keys(value).some((name) => !members.some((member) => member.name === name))) return null;
  const drafts: [string, Draft][] = [];
  for (const { name, field, isRequired } of members) {
    const given = Object.hasOwn(value, name) ? value[name] : undefined;
    const draft = given === undefined ? blank(field.shape) : fromJson(field, given);
    // An object without members, where none is needed, would look as if nothing were given (D1).
    const isBare = !isRequired && field.shape.kind === "object" && isJsonObject(given) && Object.keys(given).length === 0;
    if (draft === null || isBare) return null;
    drafts.push([name, draft]);
  }
  return { kind: "object", members: Object.fromEntries(drafts) };
}

/** Nothing given, defaults neither. */
function blank(shape: Shape): Draft {
  if (shape.kind === "object")
    return { kind: "object", members: Object.fromEntries(shape.members.map(({ name, field }) => [name, blank(field.shape)])) };
  if (shape.kind === "list") return { kind: "list", items: null };
  return shape.kind === "switch" ? { kind: "switch", value: null } : { kind: "typed", text: "" };
}

/** @param path of the field as the server writes it: `input.loads[2].value` */
export function toJson(field: Field, draft: Draft, path: string, isRequired = true): Filled {
  const { shape } = field;
  if (draft.kind === "object" && shape.kind === "object") return objectTo(shape.members, draft.members, path, isRequired);
  if (draft.kind === "list" && shape.kind === "list") return listTo(shape, draft.items, path, isRequired);
  if (draft.kind === "switch") return needed(draft.value ?? undefined, path, isRequired);
  return draft.kind === "typed" ? typedTo(shape, draft.text, path, isRequired) : NOTHING;
}

const NOTHING: Filled = { value: undefined, problems: [] };

function needed(value: Json | undefined, path: string, isRequired: boolean): Filled {
  return { value, problems: value === undefined && isRequired ? [{ path, message: "It is needed." }] : [] };
}

function objectTo(members: readonly Member[], drafts: Readonly<Record<string, Draft>>, path: string, isRequired: boolean): Filled {
  const filled = members.map(({ name, field, isRequired: needs }): [string, Filled] => {
    const draft = drafts[name] ?? blank(field.shape);
    return [name, toJson(field, draft, memberPath(path, name), needs)];
  });
  const value = Object.fromEntries(filled.flatMap(([name, one]) => (one.value === undefined ? [] : [[name, one.value] as const])));
  const isGiven = isRequired || Object.keys(value).length > 0;
  // What is needed inside something that nobody gives is not missing.
  return isGiven
    ? { value, problems: filled.flatMap(([, { problems }]) => problems) }
    : { value: undefined, problems: filled.flatMap(([, one]) => one.problems.filter(({ message }) => message !== "It is needed.")) };
}

function listTo(shape: Extract<Shape, { kind: "list" }>, drafts: readonly Draft[] | null, path: string, isRequired: boolean): Filled {
  if (drafts === null) return needed(undefined, path, isRequired);
  const items = drafts.map((draft, index) => toJson(shape.item, draft, `${path}[${index}]`));
  const problems = items.flatMap((item) => item.problems);
  if (drafts.length < shape.min) problems.push({ path, message: `It needs ${shape.min} at least.` });
  if (shape.max !== null && drafts.length > shape.max) problems.push({ path, message: `It takes ${shape.max} at most.` });
  return { value: items.map(({ value }) => value ?? null), problems };
}

function typedTo(shape: Shape, text: string, path: string, isRequired: boolean): Filled {
  const wrong = (message: string): Filled => ({ value: undefined, problems: [{ path, message }] });
  if (text.trim() === "" && !(shape.kind === "text" && text !== "")) return needed(undefined, path, isRequired);
  switch (shape.kind) {
    case "text":
      if (text.length < shape.minLength) return wrong(`It has ${shape.minLength} characters at least.`);
      if (shape.maxLength !== null && text.length > shape.maxLength) return wrong(`It has ${shape.maxLength} characters at most.`);
      return { value: text, problems: [] };
    case "number": {
      const value = Number(text);
      if (!Number.isFinite(value)) return wrong(`“${text}” is no number.`);
      if (shape.isInteger && !Number.isInteger(value)) return wrong(`${text} is no whole number.`);
      if (shape.min !== null && value < shape.min) return wrong(`It is ${shape.min} at least.`);
      if (shape.max !== null && value > shape.max) return wrong(`It is ${shape.max} at most.`);
      return { value, problems: [] };
    }
    default: {
      const parsed = parseJson(text);
      return parsed.kind === "json" ? { value: parsed.value, problems: [] } : wrong(`It is no JSON: ${parsed.message}`);
    }
  }
}

/** As the server writes paths. */
export function memberPath(path: string, name: string): string {
  return /^[A-Za-z_$][\w$-]*$/.test(name) ? `${path}.${name}` : `${path}[${JSON.stringify(name)}]`;
}

/** What the server says of single values: lines such as `input.load: Value 0 is below 1`, behind the first. */
export function problemsIn(detail: string, root: string): readonly FieldProblem[] {
  return detail.split("\n").flatMap((line) => {
    const at = line.indexOf(": ");
    const path = line.slice(0, Math.max(0, at));
    return path === root || path.startsWith(`${root}.`) || path.startsWith(`${root}[`) ? [{ path, message: line.slice(at + 2) }] : [];
  });
}
