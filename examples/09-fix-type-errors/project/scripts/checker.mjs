// Checks the annotations below a folder: `node scripts/checker.mjs src --json`, or `--tap` for a test of each file.
import { execFileSync } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { errorsOf } from "./functions.mjs";

const [folder, format] = process.argv.slice(2);
const paths = globSync(join(folder, "**/*.ts"))
  .filter((path) => !path.endsWith(".test.ts"))
  .sort();
const files = paths.map((path) => ({ path, errors: errorsOf(readFileSync(path, "utf8")) }));
const wrong = files.filter(({ errors }) => errors.length > 0);

if (format === "--json") {
  const commit = execFileSync("git", ["rev-parse", "HEAD"], { encoding: "utf8" }).trim();
  process.stdout.write(`${JSON.stringify({ commit, errors: wrong.flatMap(({ errors }) => errors).length, files: wrong })}\n`);
} else {
  const lines = files.map(({ path, errors }, index) => {
    const why = errors.map((error) => `  # ${error}\n`).join("");
    return `${errors.length === 0 ? "ok" : "not ok"} ${index + 1} - ${path}\n${why}`;
  });
  process.stdout.write(`TAP version 14\n1..${files.length}\n${lines.join("")}`);
  if (wrong.length > 0) process.exitCode = 1;
}
