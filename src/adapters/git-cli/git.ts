/** The only module that starts git. Output is bounded, time is bounded, and bytes of paths come and go unchanged (as latin1 text). */
import { type ChildProcess, spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";
import { FIXED_ARGUMENTS, fixedEnvironment } from "./environment.ts";
import { GitProblem } from "./problem.ts";

/** Where a command runs: a git directory, and what of it is replaced. */
export interface GitPlace {
  readonly gitDir: string;
  /** Objects are read and written there instead. */
  readonly objects?: string;
  readonly workTree?: string;
  readonly index?: string;
  /** Boundary of a shallow history. */
  readonly shallow?: string;
  /** `name=value`, above every file. */
  readonly config?: readonly string[];
}

export interface GitOptions {
  /** Bytes as latin1. */
  readonly stdin?: string;
  /** Exit codes that are answers. @defaultValue 0 only */
  readonly answers?: readonly number[];
  readonly timeoutMs?: number;
  /** For commits, in epoch milliseconds. */
  readonly at?: number;
}

export interface GitResult {
  readonly code: number;
  /** Bytes as latin1. */
  readonly stdout: string;
}

export type Git = (place: GitPlace, words: readonly string[], options?: GitOptions) => Promise<GitResult>;

/** A checkout of a large tree takes its time; anything longer hangs. */
const TIMEOUT_MS_DEFAULT = 300_000;
const OUTPUT_MAX_BYTES = 64 * 1024 * 1024;
const ERROR_MAX_BYTES = 8 * 1024;
/** Between TERM, at which git removes its lock files, and KILL. */
const GRACE_MS = 2_000;
/** `merge-tree --write-tree`. */
const OLDEST = [2, 38] as const;

export function createGit(path: string): Git {
  let program: Promise<string> | null = null;
  return async (place, words, options = {}) => {
    program ??= findProgram(path);
    program.catch(() => {
      program = null; // Somebody may install it meanwhile.
    });
    return await call(await program, path, place, words, options);
  };
}

/** Names in bytes as people read them. */
export function toReadable(bytes: string): string {
  return Buffer.from(bytes, "latin1").toString("utf8");
}

/** A text of ours as git gets it on its standard input. */
export function toBytes(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}

/** Members of output that ends each with NUL. */
export function splitNul(stdout: string): readonly string[] {
  const members = stdout.split("\0");
  if (members.at(-1) === "") members.pop();
  return members;
}

/** Only absolute entries count: a `.` on the path would run a `git` of the repository. */
async function findProgram(path: string): Promise<string> {
  const program = path
    .split(delimiter)
    .filter(isAbsolute)
    .map((directory) => join(directory, "git"))
    .find(isExecutable);
  if (program === undefined) throw new GitProblem("GIT_MISSING", "There is no `git` on the PATH.", { hint: "Install git 2.38 or later." });
  const { stdout } = await call(program, path, { gitDir: "/nonexistent" }, ["version"], {});
  const [major = 0, minor = 0] = (/(\d+)\.(\d+)/.exec(stdout) ?? []).slice(1).map(Number);
  if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]))
    throw new GitProblem("GIT_TOO_OLD", `This is ${stdout.trim()}.`, { hint: `Install git ${OLDEST.join(".")} or later.` });
  return program;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function environmentOf(path: string, place: GitPlace, at: number | undefined): Record<string, string> {
  const date = at === undefined ? undefined : `@${Math.floor(at / 1_000)} +0000`;
  return {
    ...fixedEnvironment(path),
    GIT_DIR: place.gitDir,
    ...(place.objects !== undefined && { GIT_OBJECT_DIRECTORY: place.objects }),
    ...(place.workTree !== undefined && { GIT_WORK_TREE: place.workTree }),
    ...(place.index !== undefined && { GIT_INDEX_FILE: place.index }),
    ...(place.shallow !== undefined && { GIT_SHALLOW_FILE: place.shallow }),
    ...(date !== undefined && { GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date }),
  };
}

async function call(
  program: string,
  path: string,
  place: GitPlace,
  words: readonly string[],
  { stdin = "", answers = [0], timeoutMs = TIMEOUT_MS_DEFAULT, at }: GitOptions,
): Promise<GitResult> {
  const config = (place.config ?? []).flatMap((setting) => ["-c", setting]);
  const child = spawn(program, [...FIXED_ARGUMENTS, ...config, ...words], {
    cwd: place.workTree ?? "/",
    env: environmentOf(path, place, at),
    stdio: ["pipe", "pipe", "pipe"],
    // A session of its own: an interrupt at the terminal is for the engine, which lets git finish.
    detached: true,
  });
  const { promise, resolve, reject } = Promise.withResolvers<GitResult>();
  const name = words[0] ?? "git";
  let cutShort: GitProblem | null = null;
  const stop = (problem: GitProblem): void => {
    cutShort ??= problem;
    end(child);
  };
  const timer = setTimeout(() => stop(new GitProblem("GIT_TIMEOUT", `\`git ${name}\` took longer than ${timeoutMs} ms.`)), timeoutMs);
  const stdout = collect(child.stdout, OUTPUT_MAX_BYTES, () =>
    stop(new GitProblem("GIT_OUTPUT_LIMIT", `\`git ${name}\` printed more than ${OUTPUT_MAX_BYTES} bytes.`)),
  );
  const stderr = collect(child.stderr, ERROR_MAX_BYTES, () => undefined);
  child.stdin.on("error", () => undefined); // Who ends early does not read all; its exit code tells.
  child.stdin.end(stdin, "latin1");
  child.on("error", (cause) => {
    clearTimeout(timer);
    reject(new GitProblem("GIT_FAILED", `git cannot be started: ${cause.message}`, { cause }));
  });
  child.on("close", (code, signal) => {
    clearTimeout(timer);
    if (cutShort !== null) reject(cutShort);
    else if (code !== null && answers.includes(code)) resolve({ code, stdout: stdout() });
    else reject(problemOf(name, code ?? signal, stderr()));
  });
  return await promise;
}

function collect(stream: NodeJS.ReadableStream, maxBytes: number, tooMuch: () => void): () => string {
  const chunks: Buffer[] = [];
  let bytes = 0;
  stream.on("data", (chunk: Buffer) => {
    if (bytes < maxBytes) chunks.push(chunk.subarray(0, maxBytes - bytes));
    bytes += chunk.length;
    if (bytes > maxBytes) tooMuch();
  });
  return () => Buffer.concat(chunks).toString("latin1");
}

function end(child: ChildProcess): void {
  const { pid } = child;
  if (pid === undefined) return;
  const kill = (signal: NodeJS.Signals): void => {
    try {
      process.kill(-pid, signal);
    } catch {
      // It has ended already.
    }
  };
  kill("SIGTERM");
  const timer = setTimeout(() => kill("SIGKILL"), GRACE_MS);
  child.once("close", () => clearTimeout(timer));
}

function problemOf(name: string, end: number | string | null, stderr: string): GitProblem {
  const said = toReadable(stderr).trim();
  const message = `\`git ${name}\` failed (${end}): ${said === "" ? "it said nothing" : said}`;
  if (/\.lock'?: File exists/.test(said))
    return new GitProblem("GIT_LOCKED", message, { hint: "Another git process is at work, or one crashed and left its lock file." });
  if (/No space left on device/.test(said)) return new GitProblem("GIT_LOCKED", message, { hint: "Free disk space." });
  return new GitProblem("GIT_FAILED", message);
}
