// Fails unless the files of a folder, without their types, are those of a commit: `node scripts/same-code.mjs COMMIT src`.
import { execFileSync } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { join } from "node:path";

const [commit, folder] = process.argv.slice(2);
const paths = globSync(join(folder, "**/*.ts")).sort();
const changed = paths.filter((path) => {
  const before = execFileSync("git", ["show", `${commit}:${path}`], { encoding: "utf8" });
  return withoutTypes(before) !== withoutTypes(readFileSync(path, "utf8"));
});
for (const path of changed) process.stderr.write(`${path} does something else than before.\n`);
if (changed.length > 0) process.exitCode = 1;

// Types are replaced by as many blanks.
function withoutTypes(code) {
  return stripTypeScriptTypes(code).replaceAll(/\s+/g, "");
}
