/**
 * git's own lock on an index, taken in a way that tells whose it is: whoever finds the lock of a process that has died removes it, where
 * git would ask a person to.
 */
import { randomUUID } from "node:crypto";
import { link, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { GitProblem } from "./problem.ts";

const TOKEN = /^troupe (\d+) (\S+) \S+\n$/;
const LOOK_EVERY_MS = 50;

/**
 * `patienceMs`: how long one holder may keep it. Another engine that merges again and again is a new holder each time.
 *
 * @throws GitProblem GIT_LOCKED
 */
export async function lockIndex(gitDir: string, patienceMs: number): Promise<AsyncDisposable> {
  const path = join(gitDir, "index.lock");
  const token = `troupe ${process.pid} ${(await startOf(process.pid)) ?? "-"} ${randomUUID()}\n`;
  let until = performance.now() + patienceMs;
  let holder = "";
  while (!(await create(path, token))) {
    if (await breakStale(path)) continue;
    const found = await readFile(path, "utf8").catch(() => holder);
    if (found !== holder) until = performance.now() + patienceMs;
    holder = found;
    if (performance.now() > until)
      throw new GitProblem("GIT_LOCKED", `${path} is held by another git process.`, {
        hint: "Wait for it. If none is at work, it crashed: remove the file.",
      });
    await sleep(LOOK_EVERY_MS);
  }
  return {
    async [Symbol.asyncDispose]() {
      const held = await readFile(path, "utf8").catch(() => "");
      if (held === token) await rm(path, { force: true });
    },
  };
}

/** Removes a lock that a dead process of ours left behind; tells whether it did. */
export async function breakStale(path: string): Promise<boolean> {
  const found = await readFile(path, "utf8").catch(() => "");
  const [, pid, start] = TOKEN.exec(found) ?? [];
  if (pid === undefined || start === undefined) return false;
  const now = await startOf(Number(pid));
  if (now === start || (now === null && start === "-" && isAlive(Number(pid)))) return false;
  // Taken away first and looked at then: another one may have done the same and holds a new lock by now.
  const aside = `${path}.${randomUUID()}`;
  if (
    !(await rename(path, aside)
      .then(() => true)
      .catch(() => false))
  )
    return true;
  const taken = await readFile(aside, "utf8").catch(() => "");
  if (taken !== found) await link(aside, path).catch(() => undefined);
  await rm(aside, { force: true });
  return taken === found;
}

/** With its token from its first moment: a lock without one would be nobody's after a crash. */
async function create(path: string, token: string): Promise<boolean> {
  const temporary = `${path}.${randomUUID()}`;
  await writeFile(temporary, token, { flag: "wx", mode: 0o600 });
  try {
    await link(temporary, path);
    return true;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw thrown;
  } finally {
    await rm(temporary, { force: true });
  }
}

/** When a process began, in ticks since boot; null where that cannot be told, or there is none. */
async function startOf(pid: number): Promise<string | null> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => null);
  // The name in parentheses may hold anything; the start time is the 20th member behind it.
  return stat?.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? null;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === "EPERM";
  }
}
