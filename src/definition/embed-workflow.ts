/**
 * A workflow within a step of another one becomes its own normalised document, so that the parent's hash covers it and a stored run never
 * reads it again.
 */
import type { CompiledWorkflow } from "../plan/workflow.ts";
import type { Finding } from "./finding.ts";
import type { Reporter } from "./reporter.ts";
import { entry, entryOf, type MapNode, type ScalarNode, type SourceNode, toNode } from "./source-node.ts";

export interface Embedding {
  /** Reads and checks a file; what is wrong is told there. */
  readonly readWorkflow: (path: string, at: ScalarNode) => CompiledWorkflow | null;
  /** Checks a workflow that is written out in the step. */
  readonly checkWorkflow: (written: MapNode) => { readonly workflow: CompiledWorkflow | null; readonly findings: readonly Finding[] };
  readonly reporter: Reporter;
}

const FILE_SUFFIX = "_file";

/** Replaces the fields that hold workflows. */
export function embedWorkflows(step: MapNode, fields: readonly string[], around: Embedding): MapNode {
  let entries = step.entries;
  for (const field of fields) {
    const file = step.entries.find(({ key }) => key === `${field}${FILE_SUFFIX}`);
    const written = entryOf(step, field);
    const given = file ?? written;
    if (given === undefined) continue;
    if (file !== undefined && written !== undefined) {
      const details = { path: file.key, problem: `the step has \`${field}\` too` };
      around.reporter.atKey(file, { code: "DEF_FILE", details, fix: "Keep one of the two." });
      continue;
    }
    const document = documentOf(given.value, around);
    if (document !== null) entries = entries.map((one) => (one === given ? { ...entry(field, document, given.value) } : one));
  }
  return entries === step.entries ? step : { ...step, entries };
}

function documentOf(node: SourceNode, { readWorkflow, checkWorkflow, reporter }: Embedding): SourceNode | null {
  if (node.kind === "scalar") {
    const workflow = readWorkflow(String(node.value), node);
    return workflow === null ? null : toNode(workflow.document, node);
  }
  if (node.kind !== "map") return null; // Its shape has been refused already.
  const { workflow, findings } = checkWorkflow(node);
  if (workflow !== null) return toNode(workflow.document, node);
  const first = findings.find(({ severity }) => severity === "error");
  const problem = `${first?.path ?? ""}: ${first?.message ?? "it is no workflow"}`.replace(/^: /, "");
  reporter.error(node, "DEF_FILE", { path: "workflow", problem }, first?.fix ?? undefined);
  return null;
}
