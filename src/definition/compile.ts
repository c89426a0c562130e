/** From the text of a workflow to the compiled workflow, or to everything that is wrong with it. */
import { DefinitionError, DefinitionErrors, isTroupeError } from "../core/errors.ts";
import type { Digest, TenantId } from "../core/ids.ts";
import { TENANT_DEFAULT } from "../core/ids.ts";
import type { JsonObject } from "../core/json.ts";
import { sha256 } from "../core/sha256.ts";
import { referencesOf } from "../expression/references.ts";
import type { StepTypeDeclaration } from "../plan/step-type.ts";
import { type CompiledWorkflow, PRIORITY_DEFAULT, type Priority } from "../plan/workflow.ts";
import { canonicalKeys } from "./canonical-keys.ts";
import { canonicalText } from "./canonical-text.ts";
import { checkReferences } from "./check-references.ts";
import type { CheckResult } from "./check-result.ts";
import { ShapeChecker } from "./check-shape.ts";
import { checkUse } from "./check-use.ts";
import { compileStep, type DraftStep, type FoundReference, type FoundTree, mapOf, scalarOf, textAt } from "./compile-step.ts";
import { readRisk, readSecrets } from "./document-policies.ts";
import type { Embedding } from "./embed-workflow.ts";
import { FieldReader } from "./fields.ts";
import { Findings } from "./finding.ts";
import type { Fragment } from "./fragment.ts";
import { bindOutputs, expandIncludes } from "./include.ts";
import { type ReadFile, readText } from "./inline-files.ts";
import { mapInnerSteps, placeSteps } from "./inner-steps.ts";
import { conflictsOf, finishStep, indexSteps, linkSteps, nodeAt, reportCycle } from "./link-steps.ts";
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
  const { workflow } = build({
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

interface Built {
  readonly workflow: CompiledWorkflow | null;
  /** What it was built from, for whoever includes it. */
  readonly root?: MapNode;
  readonly drafts?: readonly DraftStep[];
  readonly trees?: readonly FoundTree[];
  readonly references?: readonly FoundReference[];
  readonly reporter?: Reporter;
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
  checkShape(expanded, checker, reporter);
  if (findings.hasErrors) return { workflow: null, findings };
  const bound = included.size === 0 ? expanded : bindOutputs(expanded, treesOf(expanded, checker), included, reporter);
  const embedding: Embedding = {
    readWorkflow: (relative, at) => readFragment(relative, at, options, path, reporter)?.workflow ?? null,
    checkWorkflow: (inner) => check(toObject(inner), { file, stepTypes }),
    reporter,
  };
  const root = normalise(bound, { declarations: checker.declarations, readFile, fallbackName: nameOf(file), reporter, embedding });
  return { findings, ...build({ root, source, findings, checker, written }) };
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

/** Later checks rely on the shape, so a document that lacks it is looked at no further. */
function checkShape(root: MapNode, checker: ShapeChecker, reporter: Reporter): void {
  const version = entryOf(root, "apiVersion")?.value;
  const said = scalarOf(version);
  if (version !== undefined && said !== "troupe/v1") {
    reporter.error(version, "DEF_VERSION", { version: String(said ?? "") });
    return;
  }
  checker.document(root, reporter);
  for (const key of ["steps", "finally"]) {
    const steps = entryOf(root, key)?.value;
    for (const [index, step] of (steps?.kind === "list" ? steps.items : []).entries())
      if (step.kind === "map") checkTree(step, key === "finally", index, checker, reporter);
  }
}

function checkTree(step: MapNode, isLast: boolean, index: number, checker: ShapeChecker, reporter: Reporter): void {
  checker.step(step, textAt(step, "id") ?? `number ${index + 1}`, reporter);
  if (isLast) refuseInner(step, "A `finally` step", reporter);
  mapInnerSteps(step, (inner, role) => {
    checker.step(inner, textAt(inner, "id") ?? role, reporter);
    refuseInner(inner, role === "handler" ? "A step that handles a failure" : "A compensation", reporter);
    return inner;
  });
}

/** Phases do not nest: what goes wrong at the end of a run has no end of its own. */
function refuseInner(step: MapNode, who: string, reporter: Reporter): void {
  for (const one of step.entries) {
    const isOutOfOrder = one.key === "needs" && who === "A compensation";
    if (one.key !== "catch" && one.key !== "compensate" && !isOutOfOrder) continue;
    reporter.atKey(one, {
      code: "DEF_PHASE",
      details: {
        problem: isOutOfOrder
          ? `${who} has no \`needs\`: the step that ended last is compensated first.`
          : `${who} has no \`${one.key}\` of its own.`,
      },
      fix: one.key === "catch" ? "Remove it; `retry`, `optional` and `timeout` work here too." : "Remove it.",
    });
  }
}

interface Building {
  /** Normalised. */
  readonly root: MapNode;
  readonly source: SourceText;
  readonly findings: Findings;
  readonly checker: ShapeChecker;
  readonly written: MapNode;
  readonly hash?: Digest;
}

function build({ root, source, findings, checker, written, hash }: Building): Built {
  const reporter = new Reporter(source, written, findings);
  const get = (key: string) => entryOf(root, key)?.value;
  const policies = new PolicyReader(get("use"), reporter);
  const { declarations } = checker;
  const drafts: DraftStep[] = [];
  const around = { declarations, defaults: get("defaults"), functions: get("functions"), policies, reporter };
  for (const [index, placed] of placeSteps(root).entries()) {
    const draft = compileStep(placed, index, around);
    if (draft !== null) drafts.push(draft);
    else reporter.error(placed.node, "DEF_UNKNOWN_TYPE", { type: textAt(placed.node, "type") ?? "" });
  }
  const indexOf = indexSteps(drafts, reporter);
  if (findings.hasErrors) return { workflow: null };
  const links = linkSteps(drafts, indexOf, reporter);
  const hasCycle = !findings.hasErrors && reportCycle(drafts, links, reporter);
  const conflicts = conflictsOf(drafts, reporter);
  const steps = drafts.map((draft) => finishStep(draft, links, conflicts));
  const workflowReferences: FoundReference[] = [];
  const workflowTrees: FoundTree[] = [];
  const fields = new FieldReader({
    reporter,
    visit: (tree, text, node, field) => {
      workflowTrees.push({ tree, field, node });
      for (const reference of referencesOf(tree)) workflowReferences.push({ reference, field, source: text, node });
    },
  });
  const env = fields.readMap(mapOf(get("env")), "env");
  const values = entryOf(get("output"), "values")?.value;
  const outputSchema = entryOf(get("output"), "schema")?.value;
  const input = get("input");
  const timeout = get("timeout");
  const workflow: Omit<CompiledWorkflow, "document" | "hash"> = {
    name: textAt(root, "name") ?? "",
    title: textAt(root, "title") ?? null,
    description: textAt(root, "description") ?? null,
    dialect: textAt(root, "dialect") === "seed" ? "seed" : "troupe",
    file: source.file,
    inputSchema: input?.kind === "map" ? toObject(input) : null,
    outputSchema: outputSchema?.kind === "map" ? toObject(outputSchema) : null,
    output: values?.kind === "map" && values.entries.length > 0 ? fields.readMap(values, "output") : null,
    env,
    concurrency: (scalarOf(get("concurrency")) as number | undefined) ?? null, // the shape has been checked, here and below
    priority: (scalarOf(get("priority")) as Priority | undefined) ?? PRIORITY_DEFAULT,
    tenant: (textAt(root, "tenant") as TenantId | undefined) ?? TENANT_DEFAULT,
    labels: labelsOf(mapOf(get("labels"))),
    timeoutMs: timeout === undefined ? null : policies.duration(timeout),
    risk: readRisk(get("risk"), fields),
    secrets: readSecrets(get("secrets")),
    profile: textAt(root, "profile") ?? null,
    steps,
    indexOf,
  };
  checkReferences({ workflow, drafts, workflowReferences, workflowTrees, reporter });
  if (!hasCycle) checkUse({ root, workflow, drafts, workflowReferences, policies, reporter });
  checkTypes(drafts, steps, reporter);
  if (findings.hasErrors) return { workflow: null };
  const document = toObject(root);
  const digest = hash ?? (sha256(canonicalText(root)) as Digest); // the digest of canonical text
  return {
    workflow: { hash: digest, document, ...workflow },
    root,
    drafts,
    trees: workflowTrees,
    references: workflowReferences,
    reporter,
  };
}

/** What the step types themselves have to say. */
function checkTypes(drafts: readonly DraftStep[], steps: CompiledWorkflow["steps"], reporter: Reporter): void {
  for (const { declaration, node, step } of drafts) {
    const compiled = steps[step.index];
    if (declaration.check === undefined || compiled === undefined) continue;
    for (const { code, severity, message, field, fix, at } of declaration.check(compiled)) {
      const target = nodeAt(node, field);
      const remark = { code, severity, message, ...(fix !== undefined && { fix }) };
      if (at === undefined) reporter.at(target, remark);
      else reporter.inside(target, at.offset, 1, remark);
    }
  }
}

function labelsOf(node: MapNode | undefined): Record<string, string> {
  const labels: Record<string, string> = Object.create(null);
  for (const { key, value } of node?.entries ?? []) labels[key] = String(scalarOf(value) ?? "");
  return labels;
}
