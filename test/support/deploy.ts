/** Deploys a workflow to the store of a test, as `troupe deploy` does. */
import type { TenantId } from "../../src/core/ids.ts";
import type { Project } from "../../src/main/project-shape.ts";
import type { DeploymentStore } from "../../src/ports/deployments.ts";

export async function deployText(project: Pick<Project, "compile" | "store">, source: string, tenant = "default"): Promise<void> {
  const { hash, name, document, file, steps } = project.compile(source);
  const definition = { hash, name, document, file, createdAt: Date.now() };
  // The store of every project keeps deployments too.
  const store = project.store as unknown as DeploymentStore;
  await store.deploy({ tenant: tenant as TenantId, definition, source, title: null, steps: steps.length, by: "ada" });
}
