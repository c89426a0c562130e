/** What the operators compute. Each refuses types it has no meaning for, and no number that JSON cannot carry comes out. */
import type { ArithmeticNode, CompareNode, Position } from "../../grammar/ast.ts";
import { compilePattern } from "../../grammar/pattern.ts";
import { expressionError, type Frame } from "./frame.ts";
import { hasMatch } from "./match.ts";
import { aType, compareValues, isEqual, isList, isMap } from "./values.ts";

export function compareBy(node: CompareNode, left: unknown, right: unknown, frame: Frame): boolean {
  switch (node.operator) {
    case "==":
      return isEqual(left, right, frame, node.at);
    case "!=":
      return !isEqual(left, right, frame, node.at);
    case "in":
      return contains(left, right, frame, node.at);
    case "not in":
      return !contains(left, right, frame, node.at);
    case "matches":
      return matches(left, right, frame, node.at);
    default:
      return isOrdered(node, left, right);
  }
}

function isOrdered(node: CompareNode, left: unknown, right: unknown): boolean {
  const order = compareValues(left, right);
  if (order === null) {
    const fix = "Only numbers and texts have an order, each among themselves. Convert with `| int`, `| float` or `| string`.";
    throw expressionError("EXPR_TYPE", node.at, `\`${node.operator}\` cannot compare ${aType(left)} with ${aType(right)}.`, fix);
  }
  switch (node.operator) {
    case "<":
      return order < 0;
    case "<=":
      return order <= 0;
    case ">":
      return order > 0;
    default:
      return order >= 0;
  }
}

function contains(item: unknown, container: unknown, frame: Frame, at: Position): boolean {
  if (isList(container)) {
    frame.spend(container.length, at);
    return container.some((member) => isEqual(member, item, frame, at));
  }
  if (typeof item === "string" && typeof container === "string") {
    frame.spendText(container, at);
    return container.includes(item);
  }
  if (typeof item === "string" && isMap(container)) return Object.hasOwn(container, item) && container[item] !== undefined;
  throw expressionError(
    "EXPR_TYPE",
    at,
    `\`IN\` looks into a list, a text for a text, or a map for a key; here it looks for ${aType(item)} in ${aType(container)}.`,
  );
}

function matches(text: unknown, pattern: unknown, frame: Frame, at: Position): boolean {
  if (typeof text !== "string" || typeof pattern !== "string") {
    throw expressionError("EXPR_TYPE", at, `\`matches\` compares a text with a pattern, not ${aType(text)} with ${aType(pattern)}.`);
  }
  const program = compilePattern(pattern);
  if (typeof program === "string") throw expressionError("EXPR_ARGUMENT", at, `The pattern after \`matches\` cannot be used: ${program}.`);
  return hasMatch(program, text, (amount) => frame.spend(amount, at));
}

export function calculate(node: ArithmeticNode, left: unknown, right: unknown): number {
  if (typeof left !== "number" || typeof right !== "number") {
    const fix = node.operator === "+" ? "Texts are joined with `~`." : undefined;
    throw expressionError(
      "EXPR_TYPE",
      node.at,
      `\`${node.operator}\` calculates with numbers, not with ${aType(left)} and ${aType(right)}.`,
      fix,
    );
  }
  return finite(raw(node, left, right), node.at);
}

function raw(node: ArithmeticNode, left: number, right: number): number {
  switch (node.operator) {
    case "+":
      return left + right;
    case "-":
      return left - right;
    case "*":
      return left * right;
    case "/":
      if (right === 0) throw expressionError("EXPR_NUMBER", node.at, "Division by zero.");
      return left / right;
    case "%": {
      if (right === 0) throw expressionError("EXPR_NUMBER", node.at, "Division by zero.");
      const rest = left % right;
      // the sign of Python's remainder is that of the divisor
      return rest !== 0 && rest < 0 !== right < 0 ? rest + right : rest;
    }
  }
}

/** Refuses what JSON has no number for, and makes -0 the 0 that it prints as. */
export function finite(value: number, at: Position): number {
  if (Number.isFinite(value)) return value === 0 ? 0 : value;
  throw expressionError("EXPR_NUMBER", at, "The result is too large for a number.");
}
