/**
 * Turns a syntax tree into closures, once per tree.
 *
 * Two modes differ in one rule: conditions and text fields are `strict` (AND, OR, NOT and the condition of if/else take booleans
 * only), templates have Jinja2's truth (anything counts as true or false, and AND, OR give back an operand).
 */
import type { Expression, FilterNode, Key, LogicNode, MemberNode, PathNode, Position, SliceKey } from "../../grammar/ast.ts";
import { isFilterName, signatureOf } from "../../grammar/filters.ts";
import { printExpression } from "../../grammar/print.ts";
import { InvariantError } from "../core/errors.ts";
import { FilterCall } from "./filters/filter.ts";
import { filters } from "./filters/table.ts";
import { expressionError, type Frame, MISSING_SIGNAL } from "./frame.ts";
import { calculate, compareBy, finite } from "./operators.ts";
import { MISSING, memberOf, missingMember, missingName, missingStep, pathText, sliceOf, toKey } from "./path.ts";
import { type Evaluate, TreeCache } from "./tree-cache.ts";
import { aType, isTruthy, toText } from "./values.ts";

export type Mode = "strict" | "template";

const compiledTrees = { strict: new TreeCache(), template: new TreeCache() };

export function compiled(node: Expression, mode: Mode): Evaluate {
  const trees = compiledTrees[mode];
  let evaluate = trees.get(node);
  if (evaluate === undefined) {
    evaluate = compile(node, mode);
    trees.set(node, evaluate);
  }
  return evaluate;
}

function compile(node: Expression, mode: Mode): Evaluate {
  switch (node.kind) {
    case "literal": {
      const { value } = node;
      return () => value;
    }
    case "list": {
      const items = node.items.map((item) => compile(item, mode));
      return (frame) => items.map((item) => item(frame));
    }
    case "map":
      return compileMap(node.entries.map(({ key, value }) => [key, compile(value, mode)] as const));
    case "path":
    case "member": {
      const walk = compileWalk(node, mode);
      return (frame) => walk(frame, false);
    }
    case "logic":
      return mode === "strict" ? compileStrictLogic(node) : compileTruthLogic(node);
    case "not": {
      const operand = condition(node.operand, mode, "NOT");
      return (frame) => !operand(frame);
    }
    case "compare": {
      const [left, right] = [compile(node.left, mode), compile(node.right, mode)];
      return (frame) => compareBy(node, left(frame), right(frame), frame);
    }
    case "test": {
      const { negated } = node;
      if (node.test === "none") {
        const operand = compile(node.operand, mode);
        return (frame) => (operand(frame) === null) !== negated;
      }
      const operand = guarded(node.operand, mode);
      return (frame) => (operand(frame) !== MISSING) !== negated;
    }
    case "coalesce": {
      const [left, right] = [guarded(node.left, mode), compile(node.right, mode)];
      return (frame) => {
        const value = left(frame);
        return value === MISSING || value === null ? right(frame) : value;
      };
    }
    case "concat":
      return compileConcat(compile(node.left, mode), compile(node.right, mode), node.at);
    case "arithmetic": {
      const [left, right] = [compile(node.left, mode), compile(node.right, mode)];
      return (frame) => calculate(node, left(frame), right(frame));
    }
    case "negate":
      return compileNegate(compile(node.operand, mode), node.at);
    case "filter":
      return node.name === "default" ? compileDefault(node, mode) : compileFilter(node, mode);
    case "choice": {
      const [test, then, otherwise] = [condition(node.condition, mode, "if"), compile(node.then, mode), compile(node.otherwise, mode)];
      return (frame) => (test(frame) ? then(frame) : otherwise(frame));
    }
  }
}

function compileMap(entries: readonly (readonly [string, Evaluate])[]): Evaluate {
  return (frame) => {
    const map: Record<string, unknown> = Object.create(null);
    for (const [key, value] of entries) map[key] = value(frame);
    return map;
  };
}

function compileConcat(left: Evaluate, right: Evaluate, at: Position): Evaluate {
  return (frame) => {
    const text = toText(left(frame), frame, at) + toText(right(frame), frame, at);
    frame.admitText(text.length, at);
    return text;
  };
}

function compileNegate(operand: Evaluate, at: Position): Evaluate {
  return (frame) => {
    const value = operand(frame);
    if (typeof value !== "number") throw expressionError("EXPR_TYPE", at, `\`-\` turns a number's sign, not ${aType(value)}.`);
    return finite(-value, at);
  };
}

// --- conditions

/** A condition as a boolean: by Jinja2's truth in templates, else it must be one. */
function condition(node: Expression, mode: Mode, user: string): (frame: Frame) => boolean {
  const evaluate = compile(node, mode);
  if (mode === "template") return (frame) => isTruthy(evaluate(frame));
  return (frame) => {
    const value = evaluate(frame);
    if (typeof value === "boolean") return value;
    throw notBoolean(node, value, user);
  };
}

export function notBoolean(node: Expression, value: unknown, user: string): Error {
  const text = printExpression(node);
  const fix = `Say what you mean: \`${text} != 0\`, \`${text} | length > 0\`, \`${text} is defined\` …`;
  return expressionError("EXPR_TYPE", node.at, `${user} takes true or false; \`${text}\` is ${aType(value)}.`, fix);
}

function compileStrictLogic(node: LogicNode): Evaluate {
  const stop = node.operator === "or";
  const operands = node.operands.map((operand) => condition(operand, "strict", node.operator.toUpperCase()));
  return (frame) => {
    for (const operand of operands) if (operand(frame) === stop) return stop;
    return !stop;
  };
}

function compileTruthLogic(node: LogicNode): Evaluate {
  const stop = node.operator === "or";
  const operands = node.operands.map((operand) => compile(operand, "template"));
  return (frame) => {
    let value: unknown;
    for (const operand of operands) {
      value = operand(frame);
      if (isTruthy(value) === stop) return value;
    }
    return value;
  };
}

// --- missing values

/** Evaluates to `MISSING` where the expression as such would be a missing-path error, however deep inside. */
function guarded(node: Expression, mode: Mode): Evaluate {
  if (node.kind === "path") {
    const walk = compileWalk(node, mode);
    if (node.keys.every((key) => typeof key !== "object")) return (frame) => walk(frame, true);
  }
  const evaluate = compile(node, mode);
  return (frame) => {
    frame.guards++;
    try {
      return evaluate(frame);
    } catch (thrown) {
      if (thrown === MISSING_SIGNAL) return MISSING;
      throw thrown;
    } finally {
      frame.guards--;
    }
  };
}

/** Jinja2's `default`: for what is missing, and with its second argument true for all that counts as false. */
function compileDefault(node: FilterNode, mode: Mode): Evaluate {
  const target = guarded(node.target, mode);
  const [fallback = () => "", boolean] = bound(node, mode);
  return (frame) => {
    const value = target(frame);
    if (value === MISSING) return fallback(frame);
    if (boolean !== undefined && isTruthy(boolean(frame)) && !isTruthy(value)) return fallback(frame);
    return value;
  };
}

// --- filters

/** The arguments in the order of the parameters. `check.ts` has made sure that they fit. */
function bound(node: FilterNode, mode: Mode): (Evaluate | undefined)[] {
  const signature = signatureOf(node.name);
  return (signature?.parameters ?? []).map(({ name }, index) => {
    const positional = signature?.variadic ? undefined : node.args[index];
    const argument = positional ?? node.named.find((candidate) => candidate.name === name)?.value;
    return argument && compile(argument, mode);
  });
}

function compileFilter(node: FilterNode, mode: Mode): Evaluate {
  const { name, at } = node;
  if (!isFilterName(name) || name === "default") throw new InvariantError("INV_EXPRESSION", { problem: `no filter ${name}` });
  const filter = filters[name];
  const target = compile(node.target, mode);
  const args = bound(node, mode);
  const rest = signatureOf(name)?.variadic ? node.args.map((argument) => compile(argument, mode)) : [];
  return (frame) => {
    const value = target(frame);
    const given = args.map((argument) => argument?.(frame));
    return filter(value, given, new FilterCall(name, frame, at), rest.length === 0 ? rest : rest.map((argument) => argument(frame)));
  };
}

// --- paths

type Walk = (frame: Frame, isGuarded: boolean) => unknown;
type Step = string | number | ((frame: Frame) => string | number) | { readonly from: Evaluate; readonly to: Evaluate };

function compileKey(key: Key, mode: Mode): Step {
  if (typeof key !== "object") return key;
  if (key.kind === "slice") return { from: bounds(key, "from", mode), to: bounds(key, "to", mode) };
  const evaluate = compile(key, mode);
  return (frame) => toKey(evaluate(frame), key.at);
}

function bounds(key: SliceKey, side: "from" | "to", mode: Mode): Evaluate {
  const bound = key[side];
  return bound === null ? () => null : compile(bound, mode);
}

/** A path is walked the same way whether it is guarded or not; the difference is what a missing member leads to. */
function compileWalk(node: PathNode | MemberNode, mode: Mode): Walk {
  const steps = node.keys.map((key) => compileKey(key, mode));
  const { at } = node;
  if (node.kind === "member") {
    const target = compile(node.target, mode);
    const reached = `(${printExpression(node.target)})`;
    return (frame, isGuarded) => walkFrom(target(frame), steps, 0, reached, frame, at, isGuarded);
  }
  const { root } = node;
  if (root === "steps") return compileStepWalk(steps, at);
  return (frame, isGuarded) => {
    const value = lookUp(root, frame);
    if (value === undefined) {
      if (isGuarded) return MISSING;
      throw missingName(root, frame, at);
    }
    return steps.length === 0 ? value : walkFrom(value, steps, 0, root, frame, at, isGuarded);
  };
}

function lookUp(root: string, frame: Frame): unknown {
  for (let locals = frame.locals; locals !== null; locals = locals.outer) {
    if (locals.names.has(root)) return locals.names.get(root);
  }
  return frame.scope.value(root);
}

/** `steps.x.…` asks the scope for step x alone. */
function compileStepWalk(steps: readonly Step[], at: Position): Walk {
  const [first] = steps;
  return (frame, isGuarded) => {
    const id = typeof first === "function" ? first(frame) : first;
    if (typeof id !== "string") throw expressionError("EXPR_TYPE", at, "`steps` needs the name of a step: `steps.build`.");
    const step = frame.scope.step(id);
    if (step === undefined) {
      if (isGuarded) return MISSING;
      throw missingStep(id, frame, at);
    }
    return steps.length === 1 ? step : walkFrom(step, steps, 1, "steps", frame, at, isGuarded);
  };
}

function walkFrom(
  start: unknown,
  steps: readonly Step[],
  from: number,
  root: string,
  frame: Frame,
  at: Position,
  isGuarded: boolean,
): unknown {
  let value = start;
  for (let index = from; index < steps.length; index++) {
    const step = steps[index] as Step; // index is inside
    if (typeof step === "object") {
      value = sliceOf(value, step.from(frame), step.to(frame), frame, at);
      continue;
    }
    const key = typeof step === "function" ? step(frame) : step;
    const member = memberOf(value, key);
    if (member === MISSING) {
      if (isGuarded) return MISSING;
      throw missingMember(value, reachedText(root, steps, index, frame), key, frame, at);
    }
    value = member;
  }
  return value;
}

/** The part of a path that was there, for the message. */
function reachedText(root: string, steps: readonly Step[], end: number, frame: Frame): string {
  return steps.slice(0, end).reduce<string>((text, step) => {
    if (typeof step === "object") return `${text}[…]`;
    return text + pathText("", [typeof step === "function" ? step(frame) : step]);
  }, root);
}
