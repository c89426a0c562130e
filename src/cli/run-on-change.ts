/** `troupe run --on-change`: a run, and another whenever files change, until somebody ends it. */
import { toError } from "../core/errors.ts";
import type { RunId } from "../core/ids.ts";
import type { Context, OpenProject } from "./context.ts";
import { BY, driveRun } from "./drive-run.ts";
import { EXIT } from "./exit-code.ts";
import { type Driving, isSuspension } from "./open-driver.ts";
import { reportError } from "./report-error.ts";
import type { FileWatch } from "./watch-files.ts";

export interface OnChangeOptions {
  readonly context: Context;
  readonly opened: OpenProject;
  readonly driving: Driving;
  readonly files: FileWatch;
  /** A change cancels the run that goes on; else it waits for its end. */
  readonly isRestarting: boolean;
  readonly waits: boolean;
  /** Reads the workflow anew, and starts it. @param paths what has changed; none for the first run */
  readonly start: (paths: readonly string[]) => Promise<RunId>;
}

/** Answers with the exit code of the last run. */
export async function runOnChange({ start, files, ...options }: OnChangeOptions): Promise<number> {
  const { context, driving } = options;
  const { terminal } = context;
  let code: number = EXIT.succeeded;
  let paths: readonly string[] = [];
  for (;;) {
    const next = files.changed();
    try {
      code = await runOnce(await start(paths), next, options);
    } catch (thrown) {
      const error = toError(thrown);
      if (isSuspension(error)) throw error;
      code = reportError(error, context, options.opened.output); // A workflow that is being written is wrong now and then.
    }
    if (driving.interrupts.isCanceling || code === EXIT.interrupted || code === EXIT.terminated) return code;
    terminal.note("Waiting for files to change. Ctrl-C ends it.\n");
    const changed = await untilChanged(next, driving);
    if (changed === null) return code;
    paths = changed;
    terminal.note(`${changed.slice(0, 3).join(", ")}${changed.length > 3 ? ` and ${changed.length - 3} more` : ""} changed.\n`);
  }
}

async function runOnce(
  runId: RunId,
  next: Promise<readonly string[]>,
  { context, opened, driving, isRestarting, waits }: Omit<OnChangeOptions, "start" | "files">,
): Promise<number> {
  const running = driveRun({ context, opened, driving, runId, waits });
  if (!isRestarting) return await running;
  const isChanged = await Promise.race([running.then(() => false), next.then(() => true)]);
  // A refusal says that it has ended meanwhile.
  if (isChanged) await driving.driver.post(runId, { type: "run.cancel", by: BY, reason: "files have changed" }).catch(() => {});
  return await running;
}

/** Null when somebody ends it. */
async function untilChanged(next: Promise<readonly string[]>, { interrupts }: Driving): Promise<readonly string[] | null> {
  const { promise: ended, resolve: end } = Promise.withResolvers<null>();
  using _answering = interrupts.answer({ cancel: () => end(null), force: () => end(null), suspend: () => end(null) });
  return await Promise.race([next, ended]);
}
