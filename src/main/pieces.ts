/** The pieces of Troupe that are useful alone: expressions, templates, and plans, over plain values. */
import { parseExpression, parseTemplate } from "../../grammar/parse.ts";
import type { Json, JsonObject } from "../core/json.ts";
import { type CheckResult, check as checkDocument, compile as compileDocument } from "../definition/index.ts";
import { evaluate as evaluateTree } from "../expression/evaluate.ts";
import { renderTemplate } from "../expression/render.ts";
import { scopeOf } from "../expression/scope.ts";
import type { CompiledWorkflow } from "../plan/workflow.ts";
import type { StepType } from "../ports/attempt.ts";
import { declarationsOf } from "./declarations.ts";

/** Values by name: `{ input, steps, item, … }` or any others. */
export type ScopeRecord = Readonly<Record<string, unknown>>;

/**
 * Evaluates an expression over plain values.
 *
 * @throws DefinitionError DEF_EXPRESSION and kin with the place in the text; EXPR_MISSING, EXPR_TYPE … for what it meets
 * @example evaluate("$input.load * 2 > 10", { input: { load: 6 } }) // true
 */
export function evaluate(expression: string, scope: ScopeRecord = {}): Json {
  return evaluateTree(parseExpression(expression), scopeOf(scope));
}

/**
 * Renders a template with statements, in the manner of Jinja2.
 *
 * @throws DefinitionError as `evaluate`
 * @example render("Hello {{ name }}", { name: "you" }) // "Hello you"
 */
export function render(template: string, scope: ScopeRecord = {}): string {
  return renderTemplate(parseTemplate(template), scopeOf(scope));
}

export interface CompileOptions {
  /** Name of the source in messages. @defaultValue `workflow` */
  readonly file?: string;
  /** Step types besides the built-in ones. */
  readonly stepTypes?: readonly StepType[];
}

/**
 * Compiles a workflow given as text (YAML or JSON) or as a document.
 *
 * @throws DefinitionErrors with every error found
 */
export function compile(source: string | JsonObject, { file = "workflow", stepTypes = [] }: CompileOptions = {}): CompiledWorkflow {
  return compileDocument(source, { file, stepTypes: declarationsOf(stepTypes) });
}

/** As `compile`, with findings (errors and warnings) instead of an exception. */
export function check(source: string | JsonObject, { file = "workflow", stepTypes = [] }: CompileOptions = {}): CheckResult {
  return checkDocument(source, { file, stepTypes: declarationsOf(stepTypes) });
}
