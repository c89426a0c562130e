/** From the text of a workflow to the compiled workflow, or to everything that is wrong with it. */

import { DefinitionError, DefinitionErrors, isTroupeError } from "../core/errors.ts";
import type { Digest } from "../core/ids.ts";
import type { JsonObject } from "../core/json.ts";
import type { StepTypeDeclaration } from "../plan/step-type.ts";
import type { CompiledWorkflow } from "../plan/workflow.ts";
import { type Built, buildWorkflow } from "./build-workflow.ts";
import { canonicalKeys } from "./canonical-keys.ts";
import type { CheckResult } from "./check-result.ts";
import { ShapeChecker } from "./check-shape.ts";
import { compileStep, type FoundTree, mapOf } from "./compile-step.ts";
import { readRisk } from "./document-policies.ts";
import { checkDocumentShape } from "./document-shape.ts";
import type { Embedding } from "./embed-workflow.ts";
import { FieldReader } from "./fields.ts";
import { Findings } from "./finding.ts";
import type { Fragment } from "./fragment.ts";
import { bindOutputs, expandIncludes } from "./include.ts";
import { type ReadFile, readText } from "./inline-files.ts";
import { placeSteps } from "./inner-steps.ts";
import { lint } from "./lint/lint.ts";
import type { LintRule } from "./lint/rule.ts";
import type { WorkflowDocument } from "./model.ts";
import { normalise } from "./normalise.ts";
import { PolicyReader } from "./policies.ts";
import { readSource } from "./read-source.ts";
import { Reporter } from "./reporter.ts";
import { fromSeed, isSeed } from "./seed.ts";
import { entryOf, type MapNode, type ScalarNode, toNode, toObject } from "./source-node.ts";
import { SourceText } from "./source-text.ts";

export interface CompileOptions {
  /** Where the text comes from, for messages; a workflow without a name is called after it. */
  readonly file: string;
  /** The step types that there are. */
  readonly stepTypes: readonly StepTypeDeclaration[];
  /** For `template_file` and the like; without it they are errors. */
  readonly readFile?: ReadFile;
}

export interface CheckOptions extends CompileOptions {
  /** Rules that a workflow which compiles is looked at with. */
  readonly rules?: readonly LintRule[];
}

/**
 * Compiles a workflow given as text (YAML or JSON) or as a document.
 *
 * @throws DefinitionErrors with every error found.
 */
export function compile(source: string | JsonObject | WorkflowDocument, options: CompileOptions): CompiledWorkflow {
  const { workflow, findings } = read(source, options);
  if (workflow === null) throw new DefinitionErrors(findings.errors);
  return workflow;
}

/** As `compile`, with everything that can be said instead of an exception: for `troupe validate` and editors. */
export function check(source: string | JsonObject | WorkflowDocument, options: CheckOptions): CheckResult {
  const { workflow, findings, root, drafts = [], references = [], reporter } = read(source, options);
  if (options.rules !== undefined && workflow !== null && root !== undefined && reporter !== undefined)
    lint({ workflow, root, drafts, references }, reporter, options.rules);
  return { workflow, findings: findings.list };
}

/**
 * Compiles a stored document again: it was checked when it was stored, so only its meaning is worked out. Equal to the workflow that
 * it came from but for the places, which a document without text does not have.
 *
 * @throws DefinitionErrors when the document was damaged, or a step type is gone.
 */
export function recompile(document: JsonObject, hash: Digest, options: Omit<CompileOptions, "readFile">): CompiledWorkflow {
  const findings = new Findings();
  const root = asMap(document);
  const { workflow } = buildWorkflow({
    root,
    source: new SourceText("", options.file),
    findings,
    checker: checkerFor(options.stepTypes),
    written: root,
    hash,
  });
  if (workflow === null) throw new DefinitionErrors(findings.errors);
  return workflow;
}

const checkers = new WeakMap<readonly StepTypeDeclaration[], ShapeChecker>();

/** Schemas are compiled once for a list of step types. */
function checkerFor(stepTypes: readonly StepTypeDeclaration[]): ShapeChecker {
  const checker = checkers.get(stepTypes) ?? new ShapeChecker(stepTypes);
  checkers.set(stepTypes, checker);
  return checker;
}

function asMap(document: JsonObject | WorkflowDocument): MapNode {
  return toNode(document as JsonObject) as MapNode; // documents hold nothing but JSON, and an object becomes a map
}

interface Reading extends Built {
  readonly findings: Findings;
}

function read(given: string | JsonObject | WorkflowDocument, options: CompileOptions, path: readonly string[] = []): Reading {
  const { file, stepTypes, readFile } = options;
  const findings = new Findings();
  const source = new SourceText(typeof given === "string" ? given : "", file);
  const written = typeof given === "string" ? rootOf(source, findings) : asMap(given);
  if (written === null) return { workflow: null, findings };
  const reporter = new Reporter(source, written, findings);
  const isFromSeed = isSeed(written);
  const canonical = canonicalKeys(isFromSeed ? fromSeed(written, reporter) : written, stepTypes, reporter);
  const checker = checkerFor(stepTypes);
  const { root: expanded, included } = expandIncludes(canonical, {
    readFragment: (relative, at) => readFragment(relative, at, options, path, reporter),
    checkShape: (step) => checker.include(step, reporter),
    reporter,
  });
  if (findings.hasErrors && hasNoSteps(expanded)) return { workflow: null, findings }; // the only ones could not be included
  checkDocumentShape(expanded, checker, reporter);
  if (findings.hasErrors) return { workflow: null, findings };
  const bound = included.size === 0 ? expanded : bindOutputs(expanded, treesOf(expanded, checker), included, reporter);
  const embedding: Embedding = {
    readWorkflow: (relative, at) => readFragment(relative, at, options, path, reporter)?.workflow ?? null,
    checkWorkflow: (inner) => check(toObject(inner), { file, stepTypes }),
    reporter,
  };
  const root = normalise(bound, { declarations: checker.declarations, readFile, fallbackName: nameOf(file), reporter, embedding });
  return { findings, ...buildWorkflow({ root, source, findings, checker, written }) };
}

function hasNoSteps(root: MapNode): boolean {
  const steps = entryOf(root, "steps")?.value;
  return steps?.kind === "list" && steps.items.length === 0;
}

/** Workflows that include each other would never end. */
const INCLUDE_DEPTH_MAX = 8;

function readFragment(
  relative: string,
  at: ScalarNode,
  options: CompileOptions,
  path: readonly string[],
  reporter: Reporter,
): Fragment | null {
  const below = relative.slice(0, relative.lastIndexOf("/") + 1);
  const refuse = (problem: string, fix?: string): null => {
    reporter.error(at, "DEF_INCLUDE", { path: relative, problem }, fix);
    return null;
  };
  const name = path.length === 0 ? relative : `${(path.at(-1) ?? "").replace(/[^/]*$/, "")}${relative}`;
  if (path.includes(name)) return refuse(`it includes itself: ${[...path, name].join(" → ")}`, "Remove one of these includes.");
  if (path.length >= INCLUDE_DEPTH_MAX)
    return refuse(`includes are nested more than ${INCLUDE_DEPTH_MAX} deep`, "Include it from fewer levels.");
  const text = readText(relative, options.readFile);
  if (text.kind === "refused") return refuse(text.problem, text.fix);
  const { readFile } = options;
  const inner: CompileOptions = {
    ...options,
    file: options.file.replace(/[^/\\]*$/, "") + relative,
    ...(readFile !== undefined && { readFile: (file) => readFile(below + file) }),
  };
  const { findings, workflow, drafts, root, trees } = read(text.value, inner, [...path, name]);
  if (findings.hasErrors) reporter.findings.take(findings);
  return workflow === null || root === undefined ? null : { workflow, drafts: drafts ?? [], root, trees: trees ?? [] };
}

/** Every tree of a document of the right shape, before names mean anything. What is wrong with them is told when they are compiled. */
function treesOf(root: MapNode, { declarations }: ShapeChecker): FoundTree[] {
  const reporter = new Reporter(new SourceText("", ""), root, new Findings());
  const policies = new PolicyReader(entryOf(root, "use")?.value, reporter);
  const trees: FoundTree[] = [];
  const fields = new FieldReader({ reporter, visit: (tree, _, node, field) => trees.push({ tree, field, node }) });
  const around = { declarations, defaults: undefined, functions: undefined, policies, reporter };
  for (const [index, placed] of placeSteps(root).entries()) trees.push(...(compileStep(placed, index, around)?.trees ?? []));
  fields.readMap(mapOf(entryOf(root, "output")?.value), "output");
  readRisk(entryOf(root, "risk")?.value, fields);
  return trees;
}

function rootOf(source: SourceText, findings: Findings): MapNode | null {
  try {
    return readSource(source);
  } catch (thrown) {
    if (!(isTroupeError(thrown) && thrown instanceof DefinitionError) || thrown.place === undefined) throw thrown;
    const { code, details, place, fix } = thrown;
    findings.add({ code, details, place, path: "", ...(fix !== undefined && { fix }) });
    return null;
  }
}

/** `src/hello.troupe.yaml` is `hello`. */
function nameOf(file: string): string {
  const name = (file.split(/[\\/]/).at(-1) ?? "").replace(/(?:\.troupe)?\.(?:ya?ml|json)$/i, "").replace(/[^A-Za-z0-9_.-]+/g, "_");
  return /^[A-Za-z_]/.test(name) ? name : `workflow${name === "" ? "" : `_${name}`}`;
}
