/** Commands that answer steps of any number of runs, and stay with those runs where nobody else drives them. */
import type { Heard } from "../main/answer-shape.ts";
import type { Driver, Project } from "../main/project-shape.ts";
import { type Context, openProjectFor, type SettingOptions } from "./context.ts";
import { driveRun } from "./drive-run.ts";
import { withDriver } from "./open-driver.ts";
import { printList } from "./print.ts";
import { shortRunId } from "./render/run-id.ts";
import { untilStill } from "./until-still.ts";

export async function answerRuns(
  context: Context,
  options: SettingOptions,
  answer: (project: Project, driver: Driver) => Promise<readonly Heard[]>,
): Promise<number> {
  const { terminal } = context;
  await using opened = await openProjectFor(context, options, "existing");
  const { project, output } = opened;
  return await withDriver(context, opened, {}, async (driving) => {
    const { driver } = driving;
    const heard = await answer(project, driver);
    if (output === "text") for (const { run, step } of heard) terminal.note(`${shortRunId(run)} ${step} goes on\n`);
    else printList(terminal, heard, output);
    if (driver.kind === "remote") return 0;
    const runs = [...new Set(heard.map(({ run }) => run))];
    const [only, second] = runs;
    if (only !== undefined && second === undefined && output === "text")
      return await driveRun({ context, opened, driving, runId: only, afterSeq: project.snapshot(only).snapshot.seq });
    // They go on here, since nobody else would let them.
    await Promise.all(runs.map((run) => untilStill(project, driver, run)));
    return 0;
  });
}
