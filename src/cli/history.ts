/** What steps of a workflow took before, for expectations. */
import { type Context, openProjectFor, type SettingOptions } from "./context.ts";

/** Durations in milliseconds by step, newest first. @throws RequestError CLI_USAGE where there is no state directory */
export async function historyOf(
  context: Context,
  options: SettingOptions,
  workflow: string,
): Promise<ReadonlyMap<string, readonly number[]>> {
  await using opened = await openProjectFor(context, options, "existing");
  return new Map(opened.project.store.history(workflow).map(({ step, durationsMs }) => [step, durationsMs]));
}
