/** Processes as the kernel shows them in /proc. Where there is none, only process groups can be followed. */
import { readdirSync, readFileSync } from "node:fs";
import { setImmediate as turn } from "node:timers/promises";
import { type ProcessIdentity, TOKEN_VARIABLE } from "./protocol.ts";

let bootId: string | null | undefined;

/** Changes with every start of the machine. */
export function readBootId(): string | null {
  bootId ??= readOrNull("/proc/sys/kernel/random/boot_id")?.trim() ?? null;
  return bootId;
}

/** Start time in clock ticks since boot; null for a process that is gone or only waits to be reaped. */
function readStartTicks(pid: number): number | null {
  return readStat(pid)?.startTicks ?? null;
}

function readStat(pid: number): { readonly group: number; readonly startTicks: number } | null {
  const stat = readOrNull(`/proc/${pid}/stat`);
  if (stat === null) return null;
  // The command name may hold blanks and parentheses: count from its last one.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields[0] === "Z" || fields[0] === "X" ? null : { group: Number(fields[2]), startTicks: Number(fields[19]) };
}

/** Tells whether a process of the group still runs. Those that only wait to be reaped answer signals too, so they are looked at. */
export function isGroupAlive(group: number): boolean {
  if (!signalProcess(-group, 0)) return false;
  return readBootId() === null || listPids().some((pid) => readStat(pid)?.group === group);
}

export function identityOf(pid: number): ProcessIdentity {
  return { pid, startTicks: readStartTicks(pid), bootId: readBootId() };
}

let own: ProcessIdentity | undefined;

/** Our own identity, read once: it costs as much as a file. */
export function ownIdentity(): ProcessIdentity {
  own ??= identityOf(process.pid);
  return own;
}

/** Tells whether exactly this process still runs: a reused pid has another start time. */
export function isAlive(identity: ProcessIdentity): boolean {
  if (identity.bootId !== readBootId()) return false;
  if (identity.bootId === null) return signalProcess(identity.pid, 0);
  return identity.startTicks !== null && readStartTicks(identity.pid) === identity.startTicks;
}

/** Sends a signal to a process, or with a negative number to a group; false when there is none. */
export function signalProcess(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

export interface Marked {
  readonly pid: number;
  readonly token: string;
}

const PER_TURN = 64;
const MARK = `${TOKEN_VARIABLE}=`;

/**
 * All processes that carry an attempt's token in their environment, found also when they left group and session (F-21). Reads
 * some processes a turn, so that a machine with thousands of them does not hold up deadlines.
 */
export async function findMarked(): Promise<readonly Marked[]> {
  const marked: Marked[] = [];
  let pids = listPids();
  // A process in the middle of exec shows no environment for an instant: such ones are looked at again.
  for (let round = 0; round < 3 && pids.length > 0; round++) {
    const blank: number[] = [];
    for (let i = 0; i < pids.length; i++) {
      if (i % PER_TURN === PER_TURN - 1) await turn();
      const pid = pids[i] as number; // i is below the length
      const environment = readOrNull(`/proc/${pid}/environ`);
      if (environment === "") blank.push(pid);
      else if (environment !== null) addMark(marked, pid, environment);
    }
    pids = blank.filter(hasMemory);
  }
  return marked;
}

function addMark(marked: Marked[], pid: number, environment: string): void {
  const start = environment.startsWith(MARK) ? 0 : environment.indexOf(`\0${MARK}`) + 1;
  if (start === 0 && !environment.startsWith(MARK)) return;
  const end = environment.indexOf("\0", start);
  marked.push({ pid, token: environment.slice(start + MARK.length, end === -1 ? undefined : end) });
}

function listPids(): number[] {
  try {
    return readdirSync("/proc")
      .map(Number)
      .filter((pid) => pid > 0 && pid !== process.pid);
  } catch {
    return [];
  }
}

/** Kernel threads and zombies have no memory; a process in exec has. */
function hasMemory(pid: number): boolean {
  const statm = readOrNull(`/proc/${pid}/statm`);
  return statm !== null && !statm.startsWith("0 ");
}

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return null;
  }
}
