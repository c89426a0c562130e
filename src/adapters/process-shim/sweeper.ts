/**
 * Ends what an attempt leaves behind (I-15): its process group, and by its token whoever left the group. One scan of /proc serves
 * all attempts that ended in the meantime, since a scan costs about 40 µs for each process of the machine.
 */
import { findMarked, isGroupAlive, signalProcess } from "./proc.ts";

/** How long an attempt's end may wait for others before the scan. Far below the 2 s that I-15 allows. */
const GATHER_MS = 500;
const POLL_MS = 25;
/** A process that survives KILL this long sits in the kernel; nobody can end it. */
const GIVE_UP_MS = 3_000;

interface Target {
  /** The token, or how it begins. */
  readonly token: string;
  readonly group: number | null;
  readonly graceMs: number;
  readonly resolve: (found: number) => void;
  readonly seen: Set<number>;
  /** When the first of them was told to end; null before. */
  termAt: number | null;
}

export interface Sweeper {
  /** Resolves with the number of processes found when none is left. `soon`: do not wait for others. */
  sweep(token: string, group: number | null, graceMs: number, soon?: boolean): Promise<number>;
  readonly isIdle: boolean;
}

export function createSweeper(): Sweeper {
  const targets = new Set<Target>();
  let timer: NodeJS.Timeout | null = null;
  let scanning = false;

  const plan = (delayMs: number): void => {
    if (timer !== null) clearTimeout(timer);
    timer = setTimeout(() => void scan(), delayMs);
  };
  const scan = async (): Promise<void> => {
    timer = null;
    if (scanning) return;
    scanning = true;
    const batch = [...targets];
    const marked = await findMarked();
    scanning = false;
    for (const target of batch) {
      const pids = marked.filter(({ token }) => token.startsWith(target.token)).map(({ pid }) => pid);
      if (treat(target, pids)) {
        targets.delete(target);
        target.resolve(target.seen.size);
      }
    }
    if (targets.size > 0 && timer === null)
      plan(batch.some((target) => target.termAt !== null && targets.has(target)) ? POLL_MS : GATHER_MS);
  };
  return {
    get isIdle() {
      return targets.size === 0;
    },
    sweep(token, group, graceMs, soon = false) {
      return new Promise((resolve) => {
        targets.add({ token, group, graceMs, resolve, seen: new Set(), termAt: null });
        if (soon) plan(0);
        else if (timer === null && !scanning) plan(GATHER_MS);
      });
    },
  };
}

/** Signals what is left of an attempt; true when nothing is, or nothing can be done. */
function treat(target: Target, pids: readonly number[]): boolean {
  const groupLives = target.group !== null && isGroupAlive(target.group);
  if (pids.length === 0 && !groupLives) return true;
  const now = performance.now();
  const isNew = target.termAt === null || pids.some((pid) => !target.seen.has(pid));
  target.termAt ??= now;
  for (const pid of pids) target.seen.add(pid);
  if (target.seen.size === 0 && groupLives) target.seen.add(-(target.group ?? 0));
  const elapsed = now - target.termAt;
  if (elapsed > target.graceMs + GIVE_UP_MS) return true;
  if (elapsed >= target.graceMs) signalAll(target, pids, groupLives, "SIGKILL");
  else if (isNew) {
    signalAll(target, pids, groupLives, "SIGTERM");
    signalAll(target, pids, groupLives, "SIGCONT"); // a stopped process hears TERM only when it goes on
  }
  return false;
}

function signalAll(target: Target, pids: readonly number[], groupLives: boolean, signal: NodeJS.Signals): void {
  if (groupLives && target.group !== null) signalProcess(-target.group, signal);
  for (const pid of pids) signalProcess(pid, signal);
}
