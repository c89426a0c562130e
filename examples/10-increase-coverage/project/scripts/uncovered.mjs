// The functions that no test calls, and the share of lines that some test runs: `node scripts/uncovered.mjs out/before.info`.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

const functions = [];
let [file, hit, found] = ["", 0, 0];
for (const line of readFileSync(process.argv[2], "utf8").split("\n")) {
  const [, key, value] = /^(\w+):(.*)$/.exec(line) ?? [];
  if (key === "SF") file = value.replaceAll("\\", "/");
  if (key === "LH") hit += Number(value);
  if (key === "LF") found += Number(value);
  if (key === "FNDA" && value.startsWith("0,")) functions.push({ name: value.slice(2), file, test: `test/${value.slice(2)}.test.mjs` });
}
const commit = execFileSync("git", ["rev-parse", "HEAD"], { encoding: "utf8" }).trim();
process.stdout.write(JSON.stringify({ commit, lines: Math.floor((hit / found) * 100), functions }));
