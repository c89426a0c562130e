/** Evaluates a condition and keeps what every part of it was: the answer to "why was this step skipped?". */
import type { Expression } from "../../grammar/ast.ts";
import { printExpression } from "../../grammar/print.ts";
import { isTroupeError } from "../core/errors.ts";
import type { Json } from "../core/json.ts";
import { evaluate, evaluateCondition } from "./evaluate.ts";
import { EXPRESSION_LIMITS, type Limits } from "./frame.ts";
import type { Scope } from "./scope.ts";

/** One part of a condition. A part that was not evaluated, because others decided, has neither value nor error. */
export interface Trace {
  readonly text: string;
  readonly value?: Json;
  /** The message of the error that evaluating this part met. */
  readonly error?: string;
  readonly children: readonly Trace[];
}

/** Longest text of an expression or value kept in a trace, in characters. Longer ones end in `…`. */
export const TRACE_CHARS_MAX = 200;

/** Never throws for what the expression does: an error is part of the trace. */
export function traceCondition(expression: Expression, scope: Scope, limits: Limits = EXPRESSION_LIMITS): Trace {
  const own = outcome(() => evaluateCondition(expression, scope, limits));
  return { ...traceOf(expression, scope, limits), ...own };
}

function traceOf(node: Expression, scope: Scope, limits: Limits): Trace {
  return { text: cut(printExpression(node)), ...outcome(() => evaluate(node, scope, limits)), children: childrenOf(node, scope, limits) };
}

function childrenOf(node: Expression, scope: Scope, limits: Limits): Trace[] {
  const trace = (child: Expression): Trace => traceOf(child, scope, limits);
  switch (node.kind) {
    case "logic":
      return traceUntil(node.operands, node.operator === "or", scope, limits);
    case "not":
    case "test":
      return [trace(node.operand)];
    case "choice": {
      const condition = trace(node.condition);
      return [
        condition,
        ...[node.then, node.otherwise].map((child, index) => (condition.value === (index === 0) ? trace(child) : notEvaluated(child))),
      ];
    }
    case "compare":
    case "arithmetic":
    case "concat":
    case "coalesce":
      return [node.left, node.right].filter((child) => child.kind !== "literal").map(trace);
    case "negate":
      return [trace(node.operand)];
    case "filter":
      return [node.target, ...node.args].filter((child) => child.kind !== "literal").map(trace);
    default:
      return [];
  }
}

/** Operands up to the one that decides (its value is `stop`, or an error); the others were not evaluated. */
function traceUntil(operands: readonly Expression[], stop: boolean, scope: Scope, limits: Limits): Trace[] {
  let isDecided = false;
  return operands.map((operand) => {
    if (isDecided) return notEvaluated(operand);
    const trace = traceOf(operand, scope, limits);
    isDecided = trace.value !== !stop;
    return trace;
  });
}

function notEvaluated(node: Expression): Trace {
  return { text: cut(printExpression(node)), children: [] };
}

function outcome(run: () => Json): { value: Json } | { error: string } {
  try {
    return { value: truncated(run()) };
  } catch (thrown) {
    if (isTroupeError(thrown)) return { error: thrown.message };
    throw thrown;
  }
}

/** A value small enough to keep: scalars and short lists or maps as they are, anything else as the beginning of its JSON. */
function truncated(value: Json): Json {
  if (typeof value === "string") return cut(value);
  if (typeof value !== "object" || value === null) return value;
  const text = beginningOf(value, TRACE_CHARS_MAX + 1);
  return text.length > TRACE_CHARS_MAX ? cut(text) : value;
}

/** At least the first `chars` characters of the value's JSON, without building all of it. */
function beginningOf(value: Json, chars: number): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, chars));
  if (typeof value !== "object" || value === null) return String(value);
  const isArray = Array.isArray(value);
  let text = isArray ? "[" : "{";
  for (const [key, member] of Object.entries(value)) {
    if (text.length > chars) return text;
    const name = isArray ? "" : `${JSON.stringify(key.slice(0, chars))}:`;
    text += `${text.length > 1 ? "," : ""}${name}${beginningOf(member as Json, chars - text.length)}`; // members of JSON are JSON
  }
  return text + (isArray ? "]" : "}");
}

function cut(text: string): string {
  return text.length > TRACE_CHARS_MAX ? `${text.slice(0, TRACE_CHARS_MAX)}…` : text;
}
