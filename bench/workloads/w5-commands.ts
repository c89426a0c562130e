/** W5 as whole commands, from the start of the process to its end: Troupe's CLI, make, ninja and a bare script. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync } from "node:fs";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import { answer, readParameters } from "../meter.ts";
import { writeMakefile, writeNinjaFile, writeShellWaves } from "./shell-waves.ts";

const { directory, command, which } = readParameters<{
  directory: string;
  command: string;
  which: "troupe" | "cached" | "make" | "ninja" | "script";
}>();
const CLI = fileURLToPath(new URL("../../dist/src/cli/bin.js", import.meta.url));
const SCRIPT = fileURLToPath(new URL("../limits/bare-script.ts", import.meta.url));

function argumentsFor(folder: string): readonly [string, ...string[]] {
  switch (which) {
    case "troupe":
      return [process.execPath, CLI, "run", writeShellWaves(folder, command), "--state", mkdtempSync(join(directory, "state-"))];
    case "cached":
      // One state directory for both times: the second finds what the first has kept.
      return [process.execPath, CLI, "run", writeShellWaves(folder, command, "cache: true"), "--state", join(directory, "cached")];
    case "make":
      return ["make", "-j4", "-s", "-f", writeMakefile(folder, command)];
    case "ninja":
      return ["ninja", "-j4", "--quiet", "-f", writeNinjaFile(folder, command)];
    case "script":
      return [process.execPath, SCRIPT, command];
  }
}

async function time(folder: string): Promise<number> {
  mkdirSync(folder, { recursive: true });
  const [file, ...rest] = argumentsFor(folder);
  const begin = performance.now();
  const child = spawn(file, rest, { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
  const [code] = (await once(child, "exit")) as [number | null];
  if (code !== 0) throw new Error(`${file} ended with ${code}`);
  return performance.now() - begin;
}

// Once before: the file cache and Node's compile cache are warm, as they are for whoever runs a command twice a day.
await time(join(directory, "first"));
answer({ wholeMs: await time(join(directory, "second")) });
