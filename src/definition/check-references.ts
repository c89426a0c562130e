/** Whether what expressions read can be there: names, paths against schemas, types (what can be said before a run). */
import type { Expression, PathNode, Template, TemplatePart, Text } from "../../grammar/ast.ts";
import { ROOTS } from "../../grammar/ast.ts";
import { nearestName } from "../core/nearest.ts";
import type { TypeName } from "../expression/values.ts";
import type { CompiledStep, CompiledWorkflow } from "../plan/workflow.ts";
import type { DraftStep, FoundReference, FoundTree } from "./compile-step.ts";
import { byKeySchema, fanOutputSchema, itemSchema } from "./fan-out-schema.ts";
import { FAILURE_SCHEMA, mayReadError, whyNoItem, whyNoSecret } from "./field-scope.ts";
import { writtenReference } from "./link-steps.ts";
import { OutputPresence } from "./output-presence.ts";
import { whyHidden } from "./phase-rules.ts";
import type { Remark, Reporter } from "./reporter.ts";
import { type SchemaView, viewMember, viewSchema } from "./schema-view.ts";
import { articles, checkCondition, type TypeChecking, type Types, typesOf } from "./static-types.ts";

/** What `steps.<id>` has beside its output. */
const STEP_PARTS: Readonly<Record<string, readonly string[]>> = {
  output: [],
  status: ["string"],
  error: ["object", "null"],
  attempts: ["integer"],
  duration: ["number", "null"],
  cost: ["number", "null"],
};

const FAN_OUT_FIELD = /^(?:for_each|matrix\.(?!include\b|exclude\b)\w+)$/;

export interface ReferenceChecking {
  readonly workflow: Omit<CompiledWorkflow, "document" | "hash">;
  readonly drafts: readonly DraftStep[];
  /** Found outside the steps: in the run's output and its environment. */
  readonly workflowReferences: readonly FoundReference[];
  readonly workflowTrees: readonly FoundTree[];
  readonly reporter: Reporter;
}

export function checkReferences(given: ReferenceChecking): void {
  const checker = new ReferenceChecker(given);
  for (const { step, references, trees } of given.drafts) {
    const compiled = given.workflow.steps[step.index] ?? null;
    for (const found of references) checker.reference(found, compiled);
    for (const found of trees) checker.types(found, compiled);
  }
  for (const found of given.workflowReferences) checker.reference(found, null);
  for (const found of given.workflowTrees) checker.types(found, null);
}

class ReferenceChecker {
  readonly #workflow: ReferenceChecking["workflow"];
  readonly #reporter: Reporter;
  readonly #input: SchemaView;
  readonly #outputs = new Map<number, SchemaView>();
  readonly #presence: OutputPresence;

  constructor({ workflow, reporter }: ReferenceChecking) {
    this.#workflow = workflow;
    this.#reporter = reporter;
    this.#presence = new OutputPresence(workflow.steps);
    this.#input = viewSchema(workflow.inputSchema);
  }

  /** @param step the step that reads; null for the run's own output and environment. */
  reference(found: FoundReference, step: CompiledStep | null): void {
    const { root, path, guarded } = found.reference;
    switch (root) {
      case "steps":
        this.#stepReference(found, step);
        return;
      case "input":
        this.#path(found, this.#input, path, "The input", guarded);
        return;
      case "env":
        this.#environment(found, step);
        return;
      case "item": {
        const remark = whyNoItem(found, step);
        if (remark !== null) this.#say(found, remark);
        else this.#path(found, this.#itemView(step), path, "An item", guarded);
        return;
      }
      case "secrets": {
        const remark = whyNoSecret(found, step, this.#workflow);
        if (remark !== null) this.#say(found, remark);
        return;
      }
      case "run":
      case "context":
        return;
      default:
        if (root === "error" && mayReadError(found, step)) this.#path(found, viewSchema(FAILURE_SCHEMA), path, "A failure", guarded);
        else if (!guarded) this.#unknownRoot(found);
    }
  }

  /** Operators that can never work, or whose answer never changes. */
  types({ tree, field, node }: FoundTree, step: CompiledStep | null): void {
    const checking: TypeChecking = {
      view: (path) => this.#viewOf(path, step),
      strict: tree.kind !== "template",
      report: ({ at, length, severity, problem }) =>
        this.#reporter.inside(node, at.offset, length, { code: "DEF_COMPARE", severity, details: { problem } }),
    };
    if (tree.kind === "template") return; // its own names may hide a root, and its truth is Jinja2's
    if (tree.kind === "text") {
      const types = expressionsOf(tree).map((expression) => typesOf(expression, checking));
      if (FAN_OUT_FIELD.test(field)) this.#items(tree, field, types[0] ?? null, node);
    } else if (field !== "") checkCondition(tree, checking);
  }

  /** What a fan-out goes over must be able to have items. */
  #items({ parts }: Text, field: string, types: Types, node: FoundTree["node"]): void {
    const allowed: readonly TypeName[] = field === "for_each" ? ["list", "map"] : ["list"];
    if (parts.length === 1 && (types === null || types.some((type) => allowed.includes(type)))) return;
    const is = parts.length > 1 ? "a text" : articles(types ?? []);
    this.#reporter.at(node, {
      code: "DEF_FAN_OUT",
      details: { problem: `\`${field}\` goes over ${articles(allowed)}; this is always ${is}.` },
      fix:
        parts.length > 1
          ? "Keep the one `{{ … }}` that gives the list."
          : "Give a list, such as `{{ input.names }}` where the schema says `type: array`.",
    });
  }

  #stepReference(found: FoundReference, step: CompiledStep | null): void {
    const { reference, field } = found;
    const index = this.#workflow.indexOf.get(reference.step ?? "");
    if (index === undefined) {
      if (step === null && reference.step !== undefined) this.#unknownStep(found, reference.step);
      return;
    }
    if (step === null && field.startsWith("env")) {
      this.#say(found, {
        code: "DEF_UNKNOWN_NAME",
        details: { problem: "The workflow's `env` is known before any step has run." },
        fix: "Put the variable into the `env` of the steps that need it.",
      });
      return;
    }
    const target = this.#workflow.steps[index];
    if (target === undefined) return;
    if (step === null && (target.phase.kind === "compensation" || target.phase.kind === "finally")) {
      const { problem, fix } = whyHidden(target.id, target.phase);
      this.#say(found, { code: "DEF_PHASE", details: { problem }, fix });
      return;
    }
    const [part, ...rest] = reference.path;
    if (part === undefined) return;
    if (part === "by_key" && target.fanOut !== null) {
      this.#path(found, viewSchema(byKeySchema(target)), rest, `The results of \`${reference.step}\``, reference.guarded);
      if (!reference.guarded) this.#mayBeMissing(found, step, target);
      return;
    }
    if (typeof part !== "string" || !Object.hasOwn(STEP_PARTS, part)) {
      const near = nearestName(String(part), [...Object.keys(STEP_PARTS), ...(target.fanOut === null ? [] : ["by_key"])]);
      const fix =
        near === undefined
          ? `Its output is written \`steps.${reference.step}.output.${part}\`, or \`$${reference.step}.${part}\`.`
          : `Did you mean \`${near}\`?`;
      this.#say(found, { code: "DEF_UNKNOWN_NAME", details: { problem: `A step has no \`${part}\`.` }, fix });
      return;
    }
    if (part !== "output") return;
    this.#path(
      found,
      this.#outputView(index, rest[0]),
      this.#isVariable(index, rest[0]) ? rest.slice(1) : rest,
      `The output of \`${reference.step}\``,
      reference.guarded,
    );
    if (!reference.guarded) this.#mayBeMissing(found, step, target);
  }

  #mayBeMissing(found: FoundReference, step: CompiledStep | null, target: CompiledStep): void {
    const { field, reference } = found;
    if (field.startsWith("risk")) return; // told for what there is when somebody is asked
    const name = reference.step ?? target.id;
    const problem = this.#presence.whyMissing(step, target, name);
    if (problem !== null) this.#say(found, { code: "DEF_MAYBE_MISSING", severity: "warning", details: { problem } });
  }

  #itemView(step: CompiledStep | null): SchemaView {
    return step?.fanOut ? viewSchema(itemSchema(step.fanOut)) : { kind: "unknown" };
  }

  #path(found: FoundReference, start: SchemaView, path: readonly (string | number)[], whole: string, guarded: boolean): void {
    let view = start;
    for (const [position, key] of path.entries()) {
      view = viewMember(view, key);
      if (view.kind === "unknown" || view.kind === "schema") continue;
      const near = nearestName(String(key), view.names);
      const where =
        position === 0 ? whole : `\`${path.slice(0, position).join(".")}\` of ${whole.charAt(0).toLowerCase()}${whole.slice(1)}`;
      const fix =
        near !== undefined
          ? `Did you mean \`${near}\`?`
          : view.names.length > 0
            ? `It has ${view.names.slice(0, 12).join(", ")}.`
            : "Correct the path or the schema.";
      if (view.kind === "excluded") {
        this.#say(found, {
          code: "DEF_UNKNOWN_NAME",
          severity: guarded ? "warning" : "error",
          details: { problem: `${where} has no \`${key}\`: ${view.because}.` },
          fix,
        });
      } else if (!guarded) {
        this.#say(found, {
          code: "DEF_UNKNOWN_NAME",
          severity: "warning",
          details: { problem: `${where} has no \`${key}\` in its schema.` },
          fix,
        });
      }
      return;
    }
  }

  #environment(found: FoundReference, step: CompiledStep | null): void {
    const [name] = found.reference.path;
    if (typeof name !== "string" || found.reference.guarded) return;
    const names = [...Object.keys(this.#workflow.env), ...Object.keys(step?.env ?? {})];
    if (names.includes(name)) return;
    const near = nearestName(name, names);
    this.#say(found, {
      code: "DEF_UNKNOWN_NAME",
      details: { problem: `The variable \`${name}\` is not declared.` },
      fix: near === undefined ? "Declare it under `env`: expressions see no other variables." : `Did you mean \`${near}\`?`,
    });
  }

  #unknownRoot(found: FoundReference): void {
    const { root } = found.reference;
    const inputs = viewMember(this.#input, root);
    const isInput = inputs.kind === "schema";
    const fix =
      root === "error"
        ? "`error` exists in `catch.match.when` and in the value of a fallback; elsewhere write `steps.<id>.error`."
        : isInput
          ? `Did you mean \`input.${root}\`?`
          : this.#workflow.indexOf.has(root)
            ? `Did you mean \`steps.${root}.output\`, or \`$${root}\` for short?`
            : `${didYouMean(nearestName(root, ROOTS))}Paths begin with ${ROOTS.join(", ")}; texts stand in quotes.`;
    this.#say(found, { code: "DEF_UNKNOWN_NAME", details: { problem: `There is no \`${root}\`.` }, fix });
  }

  #unknownStep(found: FoundReference, name: string): void {
    const near = nearestName(name, this.#workflow.indexOf.keys());
    this.#say(found, {
      code: "DEF_UNKNOWN_STEP",
      details: { step: found.field, needs: name },
      message: `\`${found.field}\` reads step \`${name}\`, which does not exist.`,
      ...(near !== undefined && { fix: `Did you mean \`${near}\`?` }),
    });
  }

  #say({ reference, source, node }: FoundReference, remark: Remark): void {
    const { offset } = reference.place;
    this.#reporter.inside(node, offset, writtenReference(source, offset).length, remark);
  }

  #viewOf(node: PathNode, step: CompiledStep | null): SchemaView {
    const keys: (string | number)[] = [];
    for (const key of node.keys) {
      if (typeof key === "object") return { kind: "unknown" };
      keys.push(key);
    }
    if (node.root === "input") return keys.reduce(viewMember, this.#input);
    if (node.root === "item") return keys.reduce(viewMember, this.#itemView(step));
    if (node.root === "error") return keys.reduce(viewMember, viewSchema(FAILURE_SCHEMA));
    const [id, part, ...rest] = keys;
    const index = node.root === "steps" ? this.#workflow.indexOf.get(String(id)) : undefined;
    if (index === undefined || typeof part !== "string") return { kind: "unknown" };
    if (part === "output")
      return (this.#isVariable(index, rest[0]) ? rest.slice(1) : rest).reduce(viewMember, this.#outputView(index, rest[0]));
    const types = STEP_PARTS[part];
    return types === undefined || rest.length > 0 ? { kind: "unknown" } : viewSchema({ type: types });
  }

  /** `$step1.design` is the whole output where `design` is its variable and no part of it has that name. */
  #isVariable(index: number, key: string | number | undefined): boolean {
    const step = this.#workflow.steps[index];
    return step !== undefined && key !== undefined && step.outputVariable === key;
  }

  #outputView(index: number, key: string | number | undefined): SchemaView {
    const step = this.#workflow.steps[index];
    if (step !== undefined && step.fanOut !== null) return viewSchema(fanOutputSchema(step));
    if (step === undefined || this.#isVariable(index, key)) {
      const own = viewMember(viewSchema(step?.outputSchema ?? null), String(key));
      return own.kind === "schema" ? own : own.kind === "unknown" ? own : viewSchema(step?.outputSchema ?? null);
    }
    let view = this.#outputs.get(index);
    if (view === undefined) {
      view = viewSchema(step.outputSchema);
      this.#outputs.set(index, view);
    }
    return view;
  }
}

function didYouMean(near: string | undefined): string {
  return near === undefined ? "" : `Did you mean \`${near}\`? `;
}

function expressionsOf(tree: Text | Template): Expression[] {
  return tree.parts.flatMap((part: TemplatePart) => (part.kind === "output" ? [part.expression] : []));
}
