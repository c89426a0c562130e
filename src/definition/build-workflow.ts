/** From a normalised document to the compiled workflow: steps, what links them, and what they may refer to. */
import type { Digest, TenantId } from "../core/ids.ts";
import { TENANT_DEFAULT } from "../core/ids.ts";
import { sha256 } from "../core/sha256.ts";
import { referencesOf } from "../expression/references.ts";
import { type CompiledWorkflow, PRIORITY_DEFAULT, type Priority } from "../plan/workflow.ts";
import { canonicalText } from "./canonical-text.ts";
import { checkReferences } from "./check-references.ts";
import type { ShapeChecker } from "./check-shape.ts";
import { checkTriggerInputs } from "./check-trigger-inputs.ts";
import { checkUse } from "./check-use.ts";
import { compileStep, type DraftStep, type FoundReference, type FoundTree, mapOf, scalarOf, textAt } from "./compile-step.ts";
import { readRisk, readSecrets } from "./document-policies.ts";
import { FieldReader } from "./fields.ts";
import type { Findings } from "./finding.ts";
import { placeSteps } from "./inner-steps.ts";
import { conflictsOf, finishStep, indexSteps, linkSteps, nodeAt, reportCycle } from "./link-steps.ts";
import { PolicyReader } from "./policies.ts";
import { readTriggers } from "./read-triggers.ts";
import { Reporter } from "./reporter.ts";
import { entryOf, type MapNode, toObject } from "./source-node.ts";
import type { SourceText } from "./source-text.ts";

export interface Built {
  readonly workflow: CompiledWorkflow | null;
  /** What it was built from, for whoever includes it. */
  readonly root?: MapNode;
  readonly drafts?: readonly DraftStep[];
  readonly trees?: readonly FoundTree[];
  readonly references?: readonly FoundReference[];
  readonly reporter?: Reporter;
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

/** The compiled workflow of a document of the right shape, or what is wrong with what it says, as findings. */
export function buildWorkflow({ root, source, findings, checker, written, hash }: Building): Built {
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
    triggers: readTriggers(get("on"), reporter, hash === undefined),
    profile: textAt(root, "profile") ?? null,
    steps,
    indexOf,
  };
  checkReferences({ workflow, drafts, workflowReferences, workflowTrees, reporter });
  if (!hasCycle) checkUse({ root, workflow, drafts, workflowReferences, policies, reporter });
  checkTypes(drafts, steps, reporter);
  if (hash === undefined) checkTriggerInputs(get("on"), workflow.inputSchema, reporter);
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
