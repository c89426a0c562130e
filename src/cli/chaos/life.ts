/** One life of a workflow in a folder of its own: started, killed at a crash point, and gone on with until it rests. */
import { spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import type { RunView } from "../../contract/run-view.ts";

export interface LifePlan {
  /** Workflow; its folder is copied, and is where the steps work. */
  readonly file: string;
  /** Input as JSON. */
  readonly input: string;
  /** The n-th crash point kills the engine; null for an undisturbed life. */
  readonly killAt: number | null;
  /** Argv of this very command, without its words. */
  readonly command: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly maxMs: number;
}

export interface Life {
  readonly wasKilled: boolean;
  /** Null when nothing of the run was on disk yet: then nothing had been promised. */
  readonly run: RunView | null;
}

/** @throws Error when a life does not come to rest in its time */
export async function live({ file, input, killAt, command, env, maxMs }: LifePlan): Promise<Life> {
  const root = mkdtempSync(join(tmpdir(), "troupe-chaos-"));
  try {
    const folder = join(root, "work");
    cpSync(dirname(file), folder, { recursive: true, filter: (path) => basename(path) !== ".troupe" && basename(path) !== "node_modules" });
    mkdirSync(folder, { recursive: true });
    const state = ["--state", join(root, "state")];
    const call = (words: readonly string[], more: Readonly<Record<string, string>> = {}, stdin = ""): Promise<Ended> =>
      run([...command, ...words, ...state], { cwd: folder, env: { ...env, ...more }, stdin, maxMs });
    const killing = killAt === null ? {} : { TROUPE_CRASH_AT: `any:${killAt}` };
    const first = await call(["run", basename(file), "--input", "-", "-o", "json"], killing, input);
    const wasKilled = first.signal === "SIGKILL";
    if (!wasKilled) return { wasKilled, run: JSON.parse(first.stdout) as RunView }; // What `run -o json` prints.
    await call(["recover", "all"]);
    const shown = await call(["show", "@latest", "-o", "json"]);
    return { wasKilled, run: shown.code === 0 ? (JSON.parse(shown.stdout) as RunView) : null };
  } finally {
    rmSync(root, { recursive: true, force: true, maxRetries: 5 });
  }
}

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
}

interface RunOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: string;
  readonly maxMs: number;
}

function run([program = "", ...words]: readonly string[], { cwd, env, stdin, maxMs }: RunOptions): Promise<Ended> {
  const { promise, resolve, reject } = Promise.withResolvers<Ended>();
  const child = spawn(program, words, { cwd, env, stdio: ["pipe", "pipe", "ignore"] });
  const timer = setTimeout(() => {
    child.kill("SIGTERM");
    reject(new Error(`\`${words.slice(1).join(" ")}\` did not end within ${maxMs} ms.`));
  }, maxMs);
  const parts: Buffer[] = [];
  child.stdout.on("data", (part: Buffer) => parts.push(part));
  child.stdin.on("error", () => {}); // It was killed before it had read all.
  child.stdin.end(stdin);
  child.once("error", reject);
  child.once("close", (code, signal) => {
    clearTimeout(timer);
    resolve({ code, signal, stdout: Buffer.concat(parts).toString("utf8") });
  });
  return promise;
}
