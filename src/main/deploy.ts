/** Puts a workflow into a state directory under its name: from a text that stands alone, or from a file with what it inlines. */
import { resolve } from "node:path";
import type { TenantId } from "../core/ids.ts";
import { formatDocument } from "../definition/format.ts";
import { compile } from "../definition/index.ts";
import type { CompiledWorkflow } from "../plan/workflow.ts";
import type { Deployed, DeploymentStore, DeployOrder } from "../ports/deployments.ts";
import { declarationsOf } from "./declarations.ts";
import { readText } from "./load-workflow.ts";
import type { Project } from "./project-shape.ts";

export interface Deploying {
  readonly tenant: TenantId;
  readonly by: string;
  readonly expected?: DeployOrder["expected"];
}

/** @throws RequestError WORKFLOW_CHANGED */
export function deploySource(
  store: Pick<DeploymentStore, "deploy">,
  { hash, name, title, document, file, steps }: CompiledWorkflow,
  source: string,
  deploying: Deploying,
): Promise<Deployed> {
  const definition = { hash, name, document, file: resolve(file), createdAt: Date.now() };
  return store.deploy({ definition, source, title, steps: steps.length, ...deploying });
}

export interface DeployedFile extends Deployed {
  readonly name: string;
  readonly version: string;
}

/**
 * The text of the file is kept as it is. Where it needs other files, what it means with them is kept instead: a deployed text stands alone.
 *
 * @throws RequestError FILE_UNREADABLE; DefinitionErrors
 */
export async function deployFile(project: Pick<Project, "load" | "store">, file: string, deploying: Deploying): Promise<DeployedFile> {
  const workflow = project.load(file);
  const { name, hash } = workflow;
  const deployed = await deploySource(project.store, workflow, standingAlone(readText(file), workflow), deploying);
  return { ...deployed, name, version: hash };
}

function standingAlone(text: string, { name, hash, document }: CompiledWorkflow): string {
  const stepTypes = declarationsOf([]);
  try {
    if (compile(text, { file: `${name}.troupe.yaml`, stepTypes }).hash === hash) return text;
  } catch {
    // It inlines files, which nobody gives it here.
  }
  return formatDocument(JSON.stringify(document), { file: `${name}.troupe.yaml`, syntax: "yaml", stepTypes });
}
