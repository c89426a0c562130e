/** Runs one short command and reads what it says. It leaves no process behind. */
import { spawn } from "node:child_process";
import { finished } from "node:stream/promises";
import { setTimeout as pause } from "node:timers/promises";

export interface CheckCommand {
  /** Absolute path of the program. */
  readonly program: string;
  readonly args: readonly string[];
  /** The whole environment (S-13). */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly timeoutMs: number;
}

export type CheckEnd =
  | { readonly kind: "exited"; readonly code: number | null; readonly signal: string | null; readonly text: string }
  | { readonly kind: "timed_out" }
  | { readonly kind: "not_started"; readonly problem: string };

/** Between TERM and KILL. */
const GRACE_MS = 500;
/** For what it wrote before its end; a grandchild that left the group may hold the pipes for ever. */
const DRAIN_MAX_MS = 500;
/** Of both streams together; a version is told at the beginning. */
const TEXT_MAX_BYTES = 16_384;

/** Never rejects. */
export async function runCheck({ program, args, env, cwd, timeoutMs }: CheckCommand): Promise<CheckEnd> {
  const { promise, resolve } = Promise.withResolvers<CheckEnd>();
  const child = spawn(program, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"], detached: true });
  const chunks: Buffer[] = [];
  let bytes = 0;
  let isLate = false;
  const keep = (chunk: Buffer): void => {
    if (bytes < TEXT_MAX_BYTES) chunks.push(chunk);
    bytes += chunk.length;
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  const killAfter = setTimeout(() => killGroup(child.pid, "SIGKILL"), timeoutMs + GRACE_MS);
  const termAfter = setTimeout(() => {
    isLate = true;
    killGroup(child.pid, "SIGTERM");
  }, timeoutMs);
  const end = (how: CheckEnd): void => {
    clearTimeout(termAfter);
    clearTimeout(killAfter);
    resolve(how);
  };
  child.on("error", (error) => end({ kind: "not_started", problem: (error as NodeJS.ErrnoException).code ?? error.message }));
  const drained = Promise.allSettled([finished(child.stdout), finished(child.stderr)]);
  child.on("exit", (code, signal) => {
    killGroup(child.pid, "SIGKILL");
    const readOut = Promise.race([drained, pause(DRAIN_MAX_MS, undefined, { ref: false })]);
    void readOut.then(() => {
      child.stdout.destroy();
      child.stderr.destroy();
      const text = Buffer.concat(chunks).subarray(0, TEXT_MAX_BYTES).toString("utf8");
      end(isLate ? { kind: "timed_out" } : { kind: "exited", code, signal, text });
    });
  });
  return await promise;
}

function killGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // Nobody of the group is left.
  }
}
