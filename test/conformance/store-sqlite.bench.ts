/** Children, directories and raw connections for the tests of the SQLite store on a file. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { afterEach } from "vitest";
import { openStore, type SqliteStore } from "../../src/adapters/store-sqlite/index.ts";

const CHILD = fileURLToPath(new URL("./store-sqlite.child.ts", import.meta.url));

export type Answer = Readonly<Record<string, unknown>>;

export interface StoreChild {
  readonly process: ChildProcessWithoutNullStreams;
  readonly answers: Answer[];
  /** Sends a command; resolves with the first answer after it that has one of these members. */
  ask(command: string, ...members: string[]): Promise<Answer>;
  /** Resolves with the next answer that has this member. */
  hear(...members: string[]): Promise<Answer>;
  kill(signal: NodeJS.Signals): Promise<void>;
}

export interface FileBench {
  makeDirectory(): string;
  open(directory: string, onTrouble?: (trouble: "busy" | "full" | null) => void): Promise<SqliteStore>;
  spawnChild(directory: string, prefix?: readonly string[], options?: { uid?: number; gid?: number }): Promise<StoreChild>;
}

/** Cleans up after each test, whatever happened in it. */
export function createFileBench(): FileBench {
  const directories: string[] = [];
  const stores: SqliteStore[] = [];
  const children: StoreChild[] = [];
  afterEach(async () => {
    for (const child of children.splice(0)) await child.kill("SIGKILL");
    for (const store of stores.splice(0)) await store[Symbol.asyncDispose]();
    for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
  });
  return {
    makeDirectory() {
      const directory = mkdtempSync(join(tmpdir(), "troupe-store-"));
      directories.push(directory);
      return directory;
    },
    async open(directory, onTrouble) {
      const store = await openStore({ directory, durability: "full", ...(onTrouble && { onTrouble }) });
      stores.push(store);
      return store;
    },
    async spawnChild(directory, prefix = [], options = {}) {
      const child = startChild(directory, prefix, options);
      children.push(child);
      await child.hear("ready", "failed", "ended");
      return child;
    },
  };
}

function startChild(directory: string, prefix: readonly string[], options: { uid?: number; gid?: number }): StoreChild {
  const [command = process.execPath, ...rest] = [...prefix, process.execPath, CHILD, directory];
  const child = spawn(command, rest, { ...options, stdio: "pipe" });
  const answers: Answer[] = [];
  const waiting = new Set<(answer: Answer) => void>();
  const tell = (answer: Answer): void => {
    answers.push(answer);
    for (const listener of [...waiting]) listener(answer);
  };
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  child.stdin.on("error", () => {});
  createInterface({ input: child.stdout }).on("line", (line) => tell(JSON.parse(line) as Answer));
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  child.once("close", (code, signal) => tell({ ended: signal ?? code, errors }));
  const hear = (...members: string[]): Promise<Answer> =>
    new Promise((resolve) => {
      const listener = (answer: Answer): void => {
        if (!members.some((member) => member in answer) && !("ended" in answer)) return;
        waiting.delete(listener);
        resolve(answer);
      };
      waiting.add(listener);
    });
  return {
    process: child,
    answers,
    hear,
    ask(line, ...members) {
      const answer = hear(...members, "failed");
      child.stdin.write(`${line}\n`);
      return answer;
    },
    async kill(signal) {
      // Under strace the engine is not our direct child, and would outlive it.
      const { ready } = answers.find((answer) => "ready" in answer) ?? {};
      if (child.exitCode === null && child.signalCode === null) process.kill(typeof ready === "number" ? ready : (child.pid ?? 0), signal);
      await ended;
    },
  };
}

/** A raw connection, as somebody with a database browser has. */
export function withDatabase<TResult>(directory: string, use: (db: DatabaseSync) => TResult): TResult {
  const db = new DatabaseSync(join(directory, "troupe.db"));
  try {
    return use(db);
  } finally {
    db.close();
  }
}
