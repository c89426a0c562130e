/** Opens a state directory for commands that care for it. */
import { RequestError } from "../core/errors.ts";
import type { Maintenance } from "../main/maintenance.ts";
import { type Context, hasState, type SettingOptions, settingsFor } from "./context.ts";
import type { Settings } from "./settings.ts";

export interface OpenMaintenance extends AsyncDisposable {
  readonly maintenance: Maintenance;
  readonly settings: Settings;
}

/** @throws RequestError CLI_USAGE where there is no state directory */
export async function openMaintenanceFor(context: Context, options: SettingOptions): Promise<OpenMaintenance> {
  const settings = await settingsFor(context, options);
  const { state, durability } = settings.values;
  if (!hasState(state))
    throw new RequestError(
      "CLI_USAGE",
      { problem: `There are no runs in ${state}.` },
      { fix: "Name another state directory with --state." },
    );
  const { openMaintenance } = await import("../main/maintenance.ts");
  const maintenance = await openMaintenance({ state, durability });
  return { maintenance, settings, [Symbol.asyncDispose]: () => maintenance[Symbol.asyncDispose]() };
}
