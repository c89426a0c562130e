/** Commands that put something to an existing run and then stay with it until it rests. */
import type { RunId } from "../core/ids.ts";
import type { Driver } from "../main/project-shape.ts";
import { type Context, openProjectFor, type SettingOptions } from "./context.ts";
import { driveRun } from "./drive-run.ts";
import { type ObservationFlags, withDriver } from "./open-driver.ts";

export interface ActOptions {
  readonly context: Context;
  readonly options: SettingOptions & ObservationFlags & { readonly junit?: string | undefined };
  /** As the user wrote it. */
  readonly run: string;
  readonly wanted?: "canceled";
  /** Resolves with the run to follow, which may be a new one. */
  readonly act: (driver: Driver, runId: RunId, opened: Awaited<ReturnType<typeof openProjectFor>>) => Promise<RunId>;
}

export async function actOnRun({ context, options, run, wanted, act }: ActOptions): Promise<number> {
  await using opened = await openProjectFor(context, options, "existing");
  const { project } = opened;
  const runId = project.runId(run);
  return await withDriver(context, opened, options, async (driving) => {
    const before = project.snapshot(runId).snapshot.seq;
    const followed = await act(driving.driver, runId, opened);
    return await driveRun({
      context,
      opened,
      driving,
      runId: followed,
      afterSeq: followed === runId ? before : 0,
      junit: options.junit,
      ...(wanted !== undefined && { wanted }),
    });
  });
}
