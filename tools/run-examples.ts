/**
 * Runs every `examples/NN-name/` in a copy of its folder, beside one of `examples/shared/`, and compares what it prints with `expected.txt`.
 *
 * An example has `run.sh` (bash, stops at the first error) or `example.json`: `{ "commands": [["run", "hello.troupe.yaml"]], "exit": 0 }`,
 * where each command is given to `troupe` and only the last may end with another code than 0. `troupe` is the built command in both.
 * `--write` records what is printed; names of examples on the command line choose some.
 */
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, delimiter, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { normaliseOutput } from "./normalise-output.ts";

interface Example {
  readonly commands: readonly (readonly string[])[];
  readonly exit?: number;
}

const TIMEOUT_MS = 120_000;
const { values, positionals } = parseArgs({ options: { write: { type: "boolean", default: false } }, allowPositionals: true });

/** A folder with nothing but `troupe`, put first on PATH. */
function createCommandFolder(root: string): string {
  const folder = join(root, "bin");
  mkdirSync(folder);
  symlinkSync(resolve("dist/src/cli/bin.js"), join(folder, "troupe"));
  return folder;
}

function runExample(folder: string, scratch: string, commandFolder: string): { output: string; problem: string | null } {
  const copy = join(scratch, "examples", basename(folder));
  // Runs that somebody made in the folder are a history, and would change what plans say.
  cpSync(folder, copy, { recursive: true, filter: (path) => basename(path) !== ".troupe" });
  const env = {
    ...process.env,
    PATH: [commandFolder, process.env.PATH].join(delimiter),
    HOME: scratch,
    CI: "true",
    NO_COLOR: "1",
    COLUMNS: "100",
  };
  const run = (command: string, args: readonly string[]) =>
    spawnSync(command, args, { cwd: copy, env, encoding: "utf8", timeout: TIMEOUT_MS, stdio: ["ignore", "pipe", "pipe"] });
  if (existsSync(join(copy, "run.sh"))) {
    const { status, stdout, stderr } = run("bash", ["-eu", "run.sh"]);
    return { output: stdout, problem: status === 0 ? null : `run.sh ended with ${status}\n${stderr}` };
  }
  const { commands, exit = 0 }: Example = JSON.parse(readFileSync(join(copy, "example.json"), "utf8"));
  let output = "";
  for (const [index, args] of commands.entries()) {
    const { status, stdout, stderr } = run("troupe", args);
    output += `$ troupe ${args.join(" ")}\n${stdout}`;
    const expected = index === commands.length - 1 ? exit : 0;
    if (status !== expected) return { output, problem: `troupe ${args.join(" ")}: exit ${status}, expected ${expected}\n${stderr}` };
  }
  return { output, problem: null };
}

function judge(folder: string, output: string): string | null {
  const file = join(folder, "expected.txt");
  const shown = normaliseOutput(output);
  if (values.write) writeFileSync(file, shown);
  if (!existsSync(file)) return `no expected.txt; it printed\n${shown}`;
  const expected = readFileSync(file, "utf8");
  return expected === shown ? null : `expected\n${expected}\nprinted\n${shown}`;
}

const folders = globSync("examples/[0-9][0-9]-*/")
  .sort()
  .filter((folder) => positionals.length === 0 || positionals.includes(basename(folder)));
const scratch = mkdtempSync(join(tmpdir(), "troupe-examples-"));
let failed = 0;
try {
  const commandFolder = createCommandFolder(scratch);
  // A program that embeds the engine imports `../../src/main/index.ts`, in the copy as in the repository.
  symlinkSync(resolve("src"), join(scratch, "src"));
  cpSync("examples/shared", join(scratch, "examples", "shared"), { recursive: true });
  for (const folder of folders) {
    const { output, problem } = runExample(folder, scratch, commandFolder);
    const finding = problem ?? judge(folder, output);
    process.stdout.write(`${finding === null ? "ok    " : "FAILED"} ${basename(folder)}\n${finding === null ? "" : `${finding}\n`}`);
    if (finding !== null) failed++;
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
process.stdout.write(`${folders.length - failed} passed, ${failed} failed\n`);
process.exitCode = failed > 0 || folders.length === 0 ? 1 : 0;
