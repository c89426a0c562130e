/** One engine's life, and how it is ended together with all that it has started. */
import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import type { RunView } from "../../src/main/index.ts";
import { builtLibrary } from "../support/built.ts";
import { elapse } from "../support/elapse.ts";
import type { EngineOrder } from "./engine.child.ts";

/** Printed by the child once its runs are under way. */
const WORKING = "working";

export interface LifeOptions {
  /** Names what the engine starts: it stands in the arguments of engine and supervisor, and is the home directory of commands. */
  readonly root: string;
  /** Stands first in PATH. */
  readonly path: string;
  /** At which crash point it dies; null for none. */
  readonly crashAt: number | null;
  /** A program that starts it instead, such as a tracer. */
  readonly through?: readonly string[];
}

export interface RunningEngine {
  readonly pid: number;
  /** Resolves when its runs are on disk and under way. */
  readonly working: Promise<void>;
  /** The ends of its runs; null when it was killed. @throws when it ended in another way */
  readonly ended: Promise<readonly RunView[] | null>;
}

const CHILD = resolve("test/crash/engine.child.ts");

export function startEngine(order: Omit<EngineOrder, "library">, { root, path, crashAt, through = [] }: LifeOptions): RunningEngine {
  const env = {
    PATH: [path, process.env.PATH].join(delimiter),
    HOME: root,
    NODE_COMPILE_CACHE: join(tmpdir(), "troupe-crash-cache"),
    ...(crashAt !== null && { TROUPE_CRASH_AT: `any:${crashAt}` }),
  };
  const full: EngineOrder = { ...order, library: builtLibrary() };
  const [program = "", ...words] = [...through, process.execPath, CHILD, JSON.stringify(full)];
  const child = spawn(program, words, { env, stdio: ["ignore", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  const { promise: working, resolve: works } = Promise.withResolvers<void>();
  child.stdout.on("data", (chunk: Buffer) => {
    stdout += chunk.toString();
    if (stdout.includes(WORKING)) works();
  });
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const ended = new Promise<readonly RunView[] | null>((done, fail) => {
    child.on("error", fail);
    child.on("close", (code, signal) => {
      const lines = stdout.split("\n").filter((line) => line !== "" && line !== WORKING);
      if (code === 0)
        done(lines.map((line) => JSON.parse(line) as RunView)); // Printed by our child.
      else if (signal === "SIGKILL") done(null);
      else fail(new Error(`The engine ended with ${signal ?? code}:\n${stderr}`));
    });
  });
  return { pid: child.pid ?? 0, working, ended };
}

/**
 * Kills the engine of a root and everything that it has started, until there is nothing. Supervisors first: one that lives would record
 * how its commands ended.
 */
export async function killAllOf(root: string): Promise<void> {
  for (let living = processesOf(root); living.length > 0; living = processesOf(root)) {
    for (const pid of living) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // It has ended meanwhile.
      }
    }
    await elapse(5);
  }
}

/** Engines and supervisors name the root in their arguments, commands have it as their home. */
export function processesOf(root: string): readonly number[] {
  const pids = readdirSync("/proc")
    .map(Number)
    .filter((pid) => pid > 0 && pid !== process.pid);
  const ours = pids.filter((pid) => procFile(pid, "cmdline").includes(root));
  return [...new Set([...ours, ...pids.filter((pid) => procFile(pid, "environ").split("\0").includes(`HOME=${root}`))])];
}

/** Empty for a process that has ended, or is a zombie. */
function procFile(pid: number, name: "cmdline" | "environ"): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "latin1");
  } catch {
    return "";
  }
}
