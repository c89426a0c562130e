/** The last lines of steps that run. */
import type { RunId } from "../core/ids.ts";
import { attemptLogs } from "../main/attempt-logs.ts";
import { lastLines } from "../main/last-lines.ts";
import type { AttemptRow } from "../ports/store.ts";

/** Logs read for one picture of a run; each costs a few calls to the system. */
const LINES_AT_ONCE = 30;

/** The last line of each step that runs, by step. Looks at no other step's files, since a run may have thousands. */
export function runningLines(
  attempts: readonly AttemptRow[],
  stateDirectory: string,
  runId: RunId,
  running: ReadonlySet<string>,
): ReadonlyMap<string, string> {
  const open = attempts.filter(({ step, endedAt }) => endedAt === null && running.has(step)).slice(0, LINES_AT_ONCE);
  const lines = new Map<string, string>();
  for (const { step, directory } of attemptLogs({ attempts: () => open }, stateDirectory, runId)) {
    const line = directory === null ? undefined : lastLines(directory, 1)[0];
    if (line !== undefined) lines.set(step, line);
  }
  return lines;
}
