/** What shell steps are made with. */
import type { Processes } from "../../ports/processes.ts";

export interface ShellStepOptions {
  readonly processes: Processes;
  /** Real path of the directory below which every attempt gets its control directory; its processes are known by it. */
  readonly directory: string;
}
