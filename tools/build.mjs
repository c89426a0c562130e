// Emits dist/ and makes `npx troupe` run it in this checkout. Plain JavaScript, because `prepare` also runs where no development
// dependency is installed, on whatever Node is there. `prepare` only translates; types are proved by `npm run build` and
// `npm run check`, so an install never fails on a type.
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { buildWeb } from "./build-web.mjs";
import { bundle } from "./bundle.mjs";

const isPrepare = process.argv.includes("--prepare");
if (isPrepare && !existsSync("node_modules/typescript/package.json")) {
  process.stdout.write("No TypeScript here (production install): dist/ is left as it is.\n");
  process.exit(0);
}
rmSync("dist", { recursive: true, force: true });
const mode = isPrepare ? "--noCheck" : "--noEmitOnError";
const { status } = spawnSync("tsc", ["-p", "tsconfig.build.json", mode], { stdio: "inherit", shell: process.platform === "win32" });
if (status !== 0) process.exit(status ?? 1);
if (!(await bundle())) process.stdout.write("No bundler for this machine: `troupe` starts from single files.\n");
if (!(await buildWeb())) process.stdout.write("No builder for the dashboard here: `troupe serve` shows none.\n");
if (!(await buildWeb())) process.stdout.write("No builder for the dashboard here: `troupe serve` shows none.\n");

for (const [name, file] of Object.entries(JSON.parse(readFileSync("package.json", "utf8")).bin)) {
  if (!existsSync(file)) continue;
  chmodSync(file, 0o755);
  // npm links the commands of dependencies, not those of the package itself.
  if (process.platform === "win32") continue;
  const link = `node_modules/.bin/${name}`;
  rmSync(link, { force: true });
  symlinkSync(`../../${file}`, link);
}
