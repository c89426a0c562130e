/** Evaluates expressions against a scope. Every outcome is a JSON value or a `DefinitionError` with an `EXPR_` code and a place. */
import type { Expression } from "../../grammar/ast.ts";
import type { Json } from "../core/json.ts";
import { compiled, notBoolean } from "./compile.ts";
import { EXPRESSION_LIMITS, Frame, type Limits } from "./frame.ts";
import type { Scope } from "./scope.ts";

export type { Limits } from "./frame.ts";

/**
 * The expression's value. Parts of the scope are returned as they are, not copied.
 *
 * @throws DefinitionError `EXPR_MISSING`, `EXPR_TYPE`, `EXPR_ARGUMENT`, `EXPR_NUMBER`, `EXPR_LIMIT`
 */
export function evaluate(expression: Expression, scope: Scope, limits: Limits = EXPRESSION_LIMITS): Json {
  // a scope holds JSON, and every operator makes JSON of JSON
  return compiled(expression, "strict")(new Frame(scope, limits)) as Json;
}

/** As `evaluate`, for a condition: a value that is no boolean is an error (`EXPR_TYPE`), whatever it might count as. */
export function evaluateCondition(expression: Expression, scope: Scope, limits: Limits = EXPRESSION_LIMITS): boolean {
  const value = evaluate(expression, scope, limits);
  if (typeof value === "boolean") return value;
  throw notBoolean(expression, value, "A condition");
}
