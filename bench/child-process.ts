/** Runs one measurement in a process and a directory of its own, on a real disk. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Figures } from "./tally.ts";

/** File system type of tmpfs: no fsync there means anything. */
const TMPFS_MAGIC = 0x01021994;

export interface Measurement {
  /** Script that prints its figures as one line of JSON, the last one. */
  readonly script: URL;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly nodeOptions?: readonly string[];
  readonly timeoutMs?: number;
}

const TIMEOUT_MS_DEFAULT = 120_000;

/** Below TROUPE_BENCH_DIR, or the system's folder for temporary files. @throws Error on a file system in memory */
export function findWorkRoot(): string {
  const root = process.env.TROUPE_BENCH_DIR ?? tmpdir();
  if (statfsSync(root).type === TMPFS_MAGIC) throw new Error(`${root} is in memory: set TROUPE_BENCH_DIR to a folder on a disk.`);
  return root;
}

/** @throws Error with what the process said last when it failed. */
export async function measure({ script, parameters, nodeOptions = [], timeoutMs = TIMEOUT_MS_DEFAULT }: Measurement): Promise<Figures> {
  const directory = mkdtempSync(join(findFolder(), "one-"));
  try {
    const options = [
      "--disable-warning=ExperimentalWarning",
      ...nodeOptions,
      script.pathname,
      JSON.stringify({ ...parameters, directory }),
    ];
    const child = spawn(process.execPath, options, { cwd: directory, stdio: ["ignore", "pipe", "pipe"], timeout: timeoutMs });
    let out = "";
    let errors = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      out += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      errors += text;
    });
    const [code, signal] = (await once(child, "close")) as [number | null, string | null];
    const last = out.trimEnd().split("\n").at(-1) ?? "";
    if (code !== 0 || !last.startsWith("{")) throw new Error(`it ended with ${signal ?? code}: ${briefly(errors || out)}`);
    return JSON.parse(last) as Figures; // Printed by `answer`.
  } finally {
    settleDisk();
  }
}

let folder: string | null = null;

/**
 * Everything of one bench, removed when that ends: where a file system discards the blocks that it frees, whoever is measured next
 * waits at each fsync (810 ms became 890 to 940 on W5).
 */
function findFolder(): string {
  if (folder !== null) return folder;
  const made = mkdtempSync(join(findWorkRoot(), "troupe-bench-"));
  process.once("exit", () => rmSync(made, { recursive: true, force: true, maxRetries: 5 }));
  folder = made;
  return made;
}

/** What one contender wrote would otherwise be written back while the next one is measured: 850 ms became 1,050 on W5. */
function settleDisk(): void {
  spawnSync("sync", { stdio: "ignore" });
}

function briefly(text: string): string {
  const lines = text.trim().split("\n");
  return (lines.find((line) => /error/i.test(line)) ?? lines.at(-1) ?? "").trim().slice(0, 160);
}
