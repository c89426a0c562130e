/** Who a process is, beyond its number: numbers are reused, and start over after a boot (I-11). */
import { readFileSync } from "node:fs";

export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks from boot to start (`/proc/pid/stat`, field 22); empty where the platform has none. */
  readonly processStart: string;
  readonly bootId: string;
}

export function readOwnIdentity(): ProcessIdentity {
  return { pid: process.pid, processStart: readProcessStart(process.pid) ?? "", bootId: readBootId() };
}

/** True unless pid, start time or boot id say that this process is gone. */
export function isAlive({ pid, processStart, bootId }: ProcessIdentity): boolean {
  if (bootId !== readBootId()) return false;
  const startedNow = readProcessStart(pid);
  if (startedNow !== null) return startedNow === processStart;
  try {
    process.kill(pid, 0);
    return processStart === "";
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM" && processStart === "";
  }
}

export function isSameProcess(left: ProcessIdentity, right: ProcessIdentity): boolean {
  return left.pid === right.pid && left.processStart === right.processStart && left.bootId === right.bootId;
}

function readProcessStart(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The command, in parentheses, may hold anything; fields count from behind it.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? null;
  } catch {
    return null;
  }
}

function readBootId(): string {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim();
  } catch {
    return "";
  }
}
