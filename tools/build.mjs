// Emits dist/. Plain JavaScript, because `prepare` also runs where no development dependency is installed, on whatever Node is there.
// `prepare` only translates; types are proved by `npm run build` and `npm run check`, so an install never fails on a type.
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, readFileSync, rmSync } from "node:fs";

const isPrepare = process.argv.includes("--prepare");
const compiler = "node_modules/typescript/package.json";
if (isPrepare && !existsSync(compiler)) {
  process.stdout.write("No TypeScript here (production install): dist/ is left as it is.\n");
  process.exit(0);
}
rmSync("dist", { recursive: true, force: true });
const mode = isPrepare ? ["--noCheck"] : ["--noEmitOnError"];
const { status } = spawnSync("tsc", ["-p", "tsconfig.build.json", ...mode], { stdio: "inherit", shell: process.platform === "win32" });
if (status !== 0) process.exit(status ?? 1);

for (const file of Object.values(JSON.parse(readFileSync("package.json", "utf8")).bin)) {
  if (existsSync(file)) chmodSync(file, 0o755);
}
