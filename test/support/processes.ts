/** A process adapter in a directory of its own, and the proof that nothing of it is left. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect } from "vitest";
import { createProcesses, type ProcessShim } from "../../src/adapters/process-shim/processes.ts";
import type { ProcessSpec } from "../../src/ports/processes.ts";
import { eventually } from "./eventually.ts";

export interface Bench {
  readonly directory: string;
  readonly workspace: string;
  readonly processes: ProcessShim;
}

/** Makes the adapter before a file's tests; afterwards no process with a token of this test process may live (I-15). */
export function useProcesses(): Bench {
  const bench = { directory: "", workspace: "", processes: null as unknown as ProcessShim };
  beforeAll(async () => {
    bench.directory = mkdtempSync(join(tmpdir(), "troupe-test-"));
    bench.workspace = mkdtempSync(join(tmpdir(), "troupe-work-"));
    bench.processes = createProcesses({ directory: bench.directory });
    // Deadlines of the first test must not pass while the supervisor starts on a busy machine.
    await bench.processes.run(idle(bench), new AbortController().signal);
  });
  afterAll(async () => {
    await eventually(() => expect(living(RUN_MARK)).toEqual([]));
    await bench.processes[Symbol.asyncDispose]();
    rmSync(bench.directory, { recursive: true, force: true });
    rmSync(bench.workspace, { recursive: true, force: true });
  });
  return bench;
}

function idle({ directory, workspace, processes }: Bench): ProcessSpec {
  const token = `${RUN_MARK}.warm.1.`;
  const limits = {
    epoch: 1,
    confinement: null,
    stdin: null,
    deadlineAt: null,
    graceMs: 100,
    captureMaxBytes: 1_000,
    masks: [],
    cleanup: null,
  };
  return {
    directory: join(directory, "warm"),
    token,
    argv: processes.interpreter,
    script: "true",
    cwd: workspace,
    env: processes.inherited,
    ...limits,
  };
}

/** How the run ids that `makeRequest` gives out in this process begin. */
export const RUN_MARK = `run_${process.pid.toString(16).padStart(8, "0")}`;

/** Processes whose attempt token begins like this, by pid; zombies have no environment and do not count. */
export function living(token: string): number[] {
  const mark = `TROUPE_ATTEMPT_TOKEN=${token}`;
  return readdirSync("/proc")
    .map(Number)
    .filter(
      (pid) =>
        pid > 0 &&
        environ(pid)
          .split("\0")
          .some((entry) => entry.startsWith(mark)),
    );
}

function environ(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, "latin1");
  } catch {
    return "";
  }
}

/** Whether a process runs. One that has ended counts as gone, though nobody may have read its exit code yet. */
export function isRunning(pid: string): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return !stat.slice(stat.lastIndexOf(")") + 2).startsWith("Z");
  } catch {
    return false;
  }
}
