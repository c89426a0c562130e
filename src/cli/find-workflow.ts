/** A workflow as whoever runs it names it: a file, or where there is none of that name, one that is deployed in the state directory. */
import { existsSync } from "node:fs";
import { TENANT_DEFAULT, type TenantId } from "../core/ids.ts";
import type { CompiledWorkflow } from "../plan/workflow.ts";
import { type Context, hasState, type OpenProject, openProjectFor, type SettingOptions } from "./context.ts";
import { loadFile } from "./load-file.ts";
import type { Settings } from "./settings.ts";

const NAME = /^[A-Za-z_][A-Za-z0-9_.-]{0,99}$/;

export interface Named {
  readonly name: string;
  readonly settings: Settings;
  /** The state directory where it is open already. */
  readonly opened: OpenProject | null;
}

/** @throws RequestError FILE_UNREADABLE; DefinitionErrors */
export async function findWorkflow(
  context: Context,
  options: SettingOptions,
  { name, settings, opened }: Named,
): Promise<CompiledWorkflow> {
  const { state, tenant } = settings.values;
  if (!NAME.test(name) || existsSync(name) || !hasState(state)) return loadFile(name);
  await using stack = new AsyncDisposableStack();
  const { project } = opened ?? stack.use(await openProjectFor(context, options, "existing"));
  const owner = (tenant || TENANT_DEFAULT) as TenantId; // Any text names a tenant.
  return project.store.deployment(owner, name) === null ? loadFile(name) : project.deployed(owner, name);
}
