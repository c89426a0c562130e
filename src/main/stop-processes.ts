/** Ends every process of a run at once, wherever its engine is: the answer to a second interrupt. */
import { realpathSync } from "node:fs";
import { createSweeper } from "../adapters/process-shim/sweeper.ts";
import type { RunId } from "../core/ids.ts";
import { runToken } from "../ports/attempt-token.ts";
import { attemptsDirectory } from "./workshop.ts";

/** Resolves with the number of processes killed. What their attempts had done by then stays unknown and is recorded as such. */
export function stopProcesses(stateDirectory: string, runId: RunId): Promise<number> {
  return createSweeper().sweep(runToken(realpathSync(attemptsDirectory(stateDirectory)), runId), null, 0, true);
}
