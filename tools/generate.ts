/** Runs every `tools/generate-*.ts`. With `--check` each compares instead of writing and fails on a difference. */
import { spawnSync } from "node:child_process";
import { globSync } from "node:fs";

const generators = globSync("tools/generate-*.ts").sort();
if (generators.length === 0) throw new Error("no generator found: run this from the root of the package");
const failed = generators.filter(
  (file) => spawnSync(process.execPath, [file, ...process.argv.slice(2)], { stdio: "inherit" }).status !== 0,
);
process.stdout.write(failed.length === 0 ? `${generators.length} generators ran\n` : `failed: ${failed.join(", ")}\n`);
process.exitCode = failed.length === 0 ? 0 : 1;
