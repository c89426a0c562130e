/** Which types an expression can have, from its own text and the schemas of what it reads; and operators that can never work. */
import type { ArithmeticNode, CompareNode, Expression, FilterNode } from "../../grammar/ast.ts";
import type { Json } from "../core/json.ts";
import { type TypeName, typeName } from "../expression/values.ts";
import { type SchemaView, viewTypes, viewValues } from "./schema-view.ts";

/** Null: any type. */
export type Types = readonly TypeName[] | null;

export interface TypeProblem {
  readonly at: Expression["at"];
  readonly length: number;
  readonly severity: "error" | "warning";
  readonly problem: string;
}

export interface TypeChecking {
  /** What is known about the value of a path. */
  readonly view: (node: Expression & { readonly kind: "path" }) => SchemaView;
  readonly report: (problem: TypeProblem) => void;
  /** Whether AND, OR and NOT take booleans only; templates take anything. */
  readonly strict: boolean;
}

const TEXT: Types = ["text"];
const NUMBER: Types = ["number"];
const BOOLEAN: Types = ["boolean"];
const LIST: Types = ["list"];

const FILTER_TYPES: Readonly<Partial<Record<string, Types>>> = {
  length: NUMBER,
  lower: TEXT,
  upper: TEXT,
  trim: TEXT,
  split: LIST,
  join: TEXT,
  replace: TEXT,
  json: TEXT,
  keys: LIST,
  values: LIST,
  map: LIST,
  selectattr: LIST,
  rejectattr: LIST,
  unique: LIST,
  sort: LIST,
  round: NUMBER,
  abs: NUMBER,
  int: NUMBER,
  float: NUMBER,
  string: TEXT,
  sha256: TEXT,
  date: TEXT,
  quote: TEXT,
};

/** Types of the value; problems inside it are reported on the way. */
export function typesOf(node: Expression, checking: TypeChecking): Types {
  const of = (child: Expression): Types => typesOf(child, checking);
  switch (node.kind) {
    case "literal":
      return [typeName(node.value)];
    case "list":
      for (const item of node.items) of(item);
      return LIST;
    case "map":
      for (const { value } of node.entries) of(value);
      return ["map"];
    case "path":
      return viewTypes(checking.view(node));
    case "member":
      of(node.target);
      return null;
    case "logic":
      for (const operand of node.operands) needBoolean(operand, node.operator.toUpperCase(), checking);
      return checking.strict ? BOOLEAN : null;
    case "not":
      needBoolean(node.operand, "NOT", checking);
      return BOOLEAN;
    case "compare":
      checkCompare(node, checking);
      return BOOLEAN;
    case "test":
      of(node.operand);
      return BOOLEAN;
    case "coalesce":
      return union(without(of(node.left), "none"), of(node.right));
    case "concat":
      of(node.left);
      of(node.right);
      return TEXT;
    case "arithmetic":
      checkArithmetic(node, checking);
      return NUMBER;
    case "negate":
      of(node.operand);
      return NUMBER;
    case "filter":
      return typesOfFilter(node, checking);
    case "choice":
      needBoolean(node.condition, "if", checking);
      return union(of(node.then), of(node.otherwise));
  }
}

/** A condition is a boolean, whatever else might count as one. */
export function checkCondition(node: Expression, checking: TypeChecking): void {
  const types = typesOf(node, checking);
  if (types === null || types.includes("boolean")) return;
  checking.report({
    at: node.at,
    length: 1,
    severity: "error",
    problem: `A condition is true or false; this is always ${articles(types)}.`,
  });
}

function typesOfFilter(node: FilterNode, checking: TypeChecking): Types {
  const target = typesOf(node.target, checking);
  const args = node.args.map((argument) => typesOf(argument, checking));
  for (const { value } of node.named) typesOf(value, checking);
  if (node.name === "default") return union(target, args[0] ?? TEXT);
  return FILTER_TYPES[node.name] ?? null;
}

function needBoolean(node: Expression, word: string, checking: TypeChecking): void {
  const types = typesOf(node, checking);
  if (!checking.strict || types === null || types.includes("boolean")) return;
  checking.report({
    at: node.at,
    length: 1,
    severity: "error",
    problem: `\`${word}\` takes true or false; this is always ${articles(types)}.`,
  });
}

function checkCompare(node: CompareNode, checking: TypeChecking): void {
  const [left, right] = [typesOf(node.left, checking), typesOf(node.right, checking)];
  const { operator, at } = node;
  const report = (severity: TypeProblem["severity"], problem: string): void =>
    checking.report({ at, length: operator.length, severity, problem });
  switch (operator) {
    case "==":
    case "!=": {
      const answer = operator === "==" ? "false" : "true";
      if (left !== null && right !== null && !left.some((type) => right.includes(type))) {
        report("warning", `\`${operator}\` is always ${answer} here: it compares ${articles(left)} with ${articles(right)}.`);
      } else
        reportImpossible(node, checking, (shown, values) =>
          report("warning", `\`${operator}\` is always ${answer} here: ${shown} is none of ${values}.`),
        );
      return;
    }
    case "in":
    case "not in":
      if (right !== null && !right.some((type) => type === "list" || type === "text" || type === "map")) {
        report("error", `\`IN\` looks into a list, a text or a map; here it looks into ${articles(right)}.`);
      }
      return;
    case "matches":
      if (left !== null && !left.includes("text")) report("error", `\`matches\` looks at a text; here it looks at ${articles(left)}.`);
      return;
    default:
      if (left === null || right === null) return;
      if (!(["number", "text"] as const).some((type) => left.includes(type) && right.includes(type))) {
        report("error", `\`${operator}\` cannot compare ${articles(left)} with ${articles(right)}.`);
      }
  }
}

/** `input.grade == "M50"` where the schema lists the grades. */
function reportImpossible({ left, right }: CompareNode, checking: TypeChecking, report: (shown: string, values: string) => void): void {
  for (const [path, literal] of [[left, right] as const, [right, left] as const]) {
    if (path.kind !== "path" || literal.kind !== "literal") continue;
    const values = viewValues(checking.view(path));
    if (values === null || values.some((value) => value === literal.value)) continue;
    report(show(literal.value), `[${values.slice(0, 10).map(show).join(", ")}]`);
  }
}

function show(value: Json): string {
  return typeof value === "string" ? `'${value}'` : JSON.stringify(value);
}

function checkArithmetic({ operator, left, right }: ArithmeticNode, checking: TypeChecking): void {
  for (const operand of [left, right]) {
    const types = typesOf(operand, checking);
    if (types === null || types.includes("number")) continue;
    const hint = operator === "+" && types.includes("text") ? " Texts are joined with `~`." : "";
    checking.report({
      at: operand.at,
      length: 1,
      severity: "error",
      problem: `\`${operator}\` calculates with numbers; this is always ${articles(types)}.${hint}`,
    });
  }
}

function union(left: Types, right: Types): Types {
  return left === null || right === null ? null : [...new Set([...left, ...right])];
}

function without(types: Types, type: TypeName): Types {
  const rest = types?.filter((one) => one !== type) ?? null;
  return rest?.length === 0 ? null : rest;
}

/** `a list or a map` */
export function articles(types: readonly TypeName[]): string {
  return types.map((type) => (type === "none" ? "none" : `a ${type}`)).join(" or ");
}
