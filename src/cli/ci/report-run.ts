/** What a run leaves behind for a CI server: a summary, outputs for later steps of the job, a JUnit report. */
import { appendFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import type { RunView } from "../../contract/run-view.ts";
import { toError } from "../../core/errors.ts";
import type { RunId } from "../../core/ids.ts";
import { attemptLogs, readLog } from "../../main/attempt-logs.ts";
import { renderJUnit } from "../../main/junit.ts";
import type { Context, OpenProject } from "../context.ts";
import { gatherSummary } from "../summary.ts";
import { renderJobSummary } from "./job-summary.ts";
import { toRunSuite } from "./run-junit.ts";

/** Of the streams of one attempt, from their ends. */
const PRINTED_MAX_BYTES = 16 * 1024;
/** Steps whose output is read for one report. */
const PRINTED_STEPS_MAX = 100;

export interface RunEnd {
  readonly view: RunView;
  readonly exitCode: number;
  readonly junit: string | undefined;
}

/** A file that takes nothing is told, and changes nothing: what became of the run is what the exit code says. */
export async function reportRun(context: Context, { project }: OpenProject, { view, exitCode, junit }: RunEnd): Promise<void> {
  const { ci, cwd, env, terminal } = context;
  const attempt = (what: string, write: () => void): void => {
    try {
      write();
    } catch (thrown) {
      terminal.note(`warning: ${what} cannot be written: ${toError(thrown).message}\n`);
    }
  };
  if (junit !== undefined) {
    let read = 0;
    const printed = (step: string): ReturnType<typeof printedBy> =>
      ++read > PRINTED_STEPS_MAX ? { stdout: "", stderr: "" } : printedBy(project, view.id as RunId, step); // Views come from the store.
    attempt(`the report ${junit}`, () => writeFileSync(resolve(cwd, junit), renderJUnit([toRunSuite(view, printed)])));
  }
  if (ci?.server !== "github") return;
  const { GITHUB_STEP_SUMMARY: summary, GITHUB_OUTPUT: outputs } = env;
  if (summary !== undefined && summary !== "") {
    const gathered = await gatherSummary(project, view);
    attempt("the job's summary", () => appendFileSync(summary, `${renderJobSummary(gathered)}\n`));
  }
  if (outputs !== undefined && outputs !== "")
    // Each of them comes from a closed set of signs, so none can name an output of its own.
    attempt("the step's outputs", () => appendFileSync(outputs, `run-id=${view.id}\nstate=${view.state}\nexit-code=${exitCode}\n`));
}

function printedBy(project: OpenProject["project"], runId: RunId, step: string): { readonly stdout: string; readonly stderr: string } {
  const directory = attemptLogs(project.store, project.directory, runId, step).findLast((log) => log.directory !== null)?.directory ?? null;
  const tail = (stream: "stdout" | "stderr"): string =>
    directory === null ? "" : new TextDecoder().decode(readLog(directory, stream, -PRINTED_MAX_BYTES, PRINTED_MAX_BYTES).bytes);
  return { stdout: tail("stdout"), stderr: tail("stderr") };
}
