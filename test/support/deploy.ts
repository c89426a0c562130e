/** Deploys a workflow to the store of a test, as `troupe deploy` does. */
import type { TenantId } from "../../src/core/ids.ts";
import type { Project } from "../../src/main/project-shape.ts";

export async function deployText(project: Pick<Project, "compile" | "store">, source: string, tenant = "default"): Promise<void> {
  const { hash, name, document, file, steps } = project.compile(source);
  const definition = { hash, name, document, file, createdAt: Date.now() };
  await project.store.deploy({ tenant: tenant as TenantId, definition, source, title: null, steps: steps.length, by: "ada" });
}
