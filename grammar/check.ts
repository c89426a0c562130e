/** What the grammar itself cannot say: filters exist and get the arguments they take, no path reaches a prototype, nesting has an end. */
import { isPrototypeKey } from "../src/core/json.ts";
import { nearestName } from "../src/core/nearest.ts";
import { DEPTH_MAX, type Expression, type FilterNode, type Key, type Position, type TemplatePart } from "./ast.ts";
import { filterSignatures, signatureOf } from "./filters.ts";
import { compilePattern } from "./pattern.ts";
import { syntaxErrorAt } from "./syntax-error.ts";

export function checkExpression(node: Expression, depth = 0): void {
  if (depth > DEPTH_MAX) throw syntaxErrorAt(node.at, 1, `The expression is nested more than ${DEPTH_MAX} deep.`);
  switch (node.kind) {
    case "literal":
      return;
    case "list":
      for (const item of node.items) checkExpression(item, depth + 1);
      return;
    case "map":
      for (const { key, value } of node.entries) {
        refusePrototype(key, node.at);
        checkExpression(value, depth + 1);
      }
      return;
    case "path":
      refusePrototype(node.root, node.at);
      checkKeys(node.keys, node.at, depth);
      return;
    case "member":
      checkExpression(node.target, depth + 1);
      checkKeys(node.keys, node.at, depth);
      return;
    case "logic":
      for (const operand of node.operands) checkExpression(operand, depth + 1);
      return;
    case "not":
    case "negate":
    case "test":
      checkExpression(node.operand, depth + 1);
      return;
    case "compare":
      if (node.operator === "matches" && node.right.kind === "literal") checkPattern(node.right.value, node.right.at);
      checkPair(node.left, node.right, depth);
      return;
    case "arithmetic":
    case "coalesce":
    case "concat":
      checkPair(node.left, node.right, depth);
      return;
    case "filter":
      checkFilter(node);
      checkExpression(node.target, depth + 1);
      for (const argument of node.args) checkExpression(argument, depth + 1);
      for (const argument of node.named) checkExpression(argument.value, depth + 1);
      return;
    case "choice":
      checkExpression(node.condition, depth + 1);
      checkPair(node.then, node.otherwise, depth);
      return;
  }
}

function checkPair(left: Expression, right: Expression, depth: number): void {
  checkExpression(left, depth + 1);
  checkExpression(right, depth + 1);
}

function checkKeys(keys: readonly Key[], at: Position, depth: number): void {
  for (const key of keys) {
    if (typeof key === "string") refusePrototype(key, at);
    else if (typeof key === "number") continue;
    else if (key.kind === "slice") {
      if (key.from !== null) checkExpression(key.from, depth + 1);
      if (key.to !== null) checkExpression(key.to, depth + 1);
    } else checkExpression(key, depth + 1);
  }
}

function refusePrototype(name: string, at: Position): void {
  if (isPrototypeKey(name)) throw syntaxErrorAt(at, 1, `The name \`${name}\` is not allowed.`);
}

function checkPattern(pattern: unknown, at: Position): void {
  if (typeof pattern !== "string") return;
  const compiled = compilePattern(pattern);
  if (typeof compiled === "string")
    throw syntaxErrorAt(at, pattern.length + 2, `The pattern after \`matches\` cannot be used: ${compiled}.`);
}

function checkFilter(node: FilterNode): void {
  const signature = signatureOf(node.name);
  if (signature === undefined) {
    const near = nearestName(node.name, Object.keys(filterSignatures));
    const hint = near === undefined ? `The filters are ${Object.keys(filterSignatures).join(", ")}.` : `Did you mean \`${near}\`?`;
    throw syntaxErrorAt(node.at, node.name.length, `There is no filter \`${node.name}\`.`, hint);
  }
  const { parameters } = signature;
  const fail = (problem: string, fix?: string): never => {
    throw syntaxErrorAt(node.at, node.name.length, problem, fix);
  };
  if (node.args.length > parameters.length && !signature.variadic) {
    fail(
      `\`${node.name}\` takes ${parameters.length === 0 ? "no arguments" : `at most ${parameters.length} argument(s)`}, not ${node.args.length}.`,
    );
  }
  const given = new Set(signature.variadic ? [] : parameters.slice(0, node.args.length).map((parameter) => parameter.name));
  for (const { name } of node.named) {
    if (!parameters.some((parameter) => parameter.name === name)) {
      const near = nearestName(
        name,
        parameters.map((parameter) => parameter.name),
      );
      fail(`\`${node.name}\` has no parameter \`${name}\`.`, near === undefined ? undefined : `Did you mean \`${near}\`?`);
    }
    if (given.has(name)) fail(`\`${node.name}\` gets its parameter \`${name}\` twice.`);
    given.add(name);
  }
  for (const { name, required } of parameters) if (required && !given.has(name)) fail(`\`${node.name}\` needs its parameter \`${name}\`.`);
  if (signature.variadic && (node.args.length === 0) !== given.has("attribute"))
    fail(`\`${node.name}\` needs either the name of a filter or \`attribute=\`.`);
}

/** Checks every expression of a text or template. */
export function checkParts(parts: readonly TemplatePart[], depth = 0): void {
  for (const part of parts) {
    if (depth > DEPTH_MAX) throw syntaxErrorAt(part.at, 1, `Blocks are nested more than ${DEPTH_MAX} deep.`);
    switch (part.kind) {
      case "chars":
        break;
      case "output":
        checkExpression(part.expression);
        break;
      case "if":
        for (const branch of part.branches) {
          checkExpression(branch.condition);
          checkParts(branch.body, depth + 1);
        }
        checkParts(part.otherwise, depth + 1);
        break;
      case "for":
        refusePrototype(part.name, part.at);
        checkExpression(part.list);
        if (part.condition !== null) checkExpression(part.condition);
        checkParts(part.body, depth + 1);
        checkParts(part.otherwise, depth + 1);
        break;
      case "set":
        refusePrototype(part.name, part.at);
        checkExpression(part.value);
        break;
    }
  }
}
