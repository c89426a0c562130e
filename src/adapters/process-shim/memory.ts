/** Out-of-memory kills: whom the kernel should take first, and whether it did (F-17). */
import { readFileSync, writeFileSync } from "node:fs";

/** Above the engine and the supervisor, so that a greedy step dies before those who can tell about it. */
const OOM_SCORE = "300";

/** Best effort: without /proc nothing happens. */
export function preferAsVictim(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/oom_score_adj`, OOM_SCORE);
  } catch {
    // Some containers forbid it; the kernel then chooses by size alone.
  }
}

/** Tells later whether a process of our memory group was killed since now; null where the group's counter cannot be read. */
export function createOomWatch(): () => boolean | null {
  const before = counter();
  return () => {
    const now = counter();
    return before === null || now === null ? null : now > before;
  };
}

let file: string | null | undefined;

function counter(): number | null {
  file ??= counterFile();
  if (file === null) return null;
  const text = readOrNull(file);
  const value = text?.match(/^oom_kill (\d+)$/m)?.[1];
  return value === undefined ? null : Number(value);
}

/** `memory.events` under control groups version 2, `memory.oom_control` under version 1. */
function counterFile(): string | null {
  const groups = readOrNull("/proc/self/cgroup") ?? "";
  const unified = groups.match(/^0::(.*)$/m)?.[1];
  const memory = groups.match(/^\d+:memory:(.*)$/m)?.[1];
  const candidates = [
    ...(unified === undefined ? [] : [`/sys/fs/cgroup${unified}/memory.events`, "/sys/fs/cgroup/memory.events"]),
    ...(memory === undefined ? [] : [`/sys/fs/cgroup/memory${memory}/memory.oom_control`, "/sys/fs/cgroup/memory/memory.oom_control"]),
  ];
  return candidates.find((path) => readOrNull(path)?.includes("oom_kill ") === true) ?? null;
}

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}
