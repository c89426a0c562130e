/**
 * Runs every command that README.md names in a `sh` block, block by block, from the root of the package. A block that shows a server or
 * something to install is fenced as `console`; lines that CI has already run in another form are passed by.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const TIMEOUT_MS = 120_000;
const ALREADY_RUN = /^(git clone|cd |npm (ci|install|run (check|check:all|examples|bench|build|coverage)|test|run test:\w+))/;

const blocks = [...readFileSync("README.md", "utf8").matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map((match) => match[1] ?? "");
const scripts = blocks
  .map((block) => block.split("\n").filter((line) => line.trim() !== "" && !line.startsWith("#") && !ALREADY_RUN.test(line)))
  .filter((lines) => lines.length > 0);
const home = mkdtempSync(join(tmpdir(), "troupe-readme-"));
let failed = 0;
try {
  for (const lines of scripts) {
    const { status, stdout, stderr } = spawnSync("bash", ["-euo", "pipefail", "-c", lines.join("\n")], {
      env: { ...process.env, HOME: home, CI: "true" },
      encoding: "utf8",
      timeout: TIMEOUT_MS,
      stdio: ["ignore", "pipe", "pipe"],
    });
    process.stdout.write(`${status === 0 ? "ok    " : "FAILED"} ${lines.join("; ")}\n`);
    if (status !== 0) process.stdout.write(`exit ${status}\n${stdout}${stderr}\n`);
    if (status !== 0) failed++;
  }
} finally {
  rmSync(home, { recursive: true, force: true });
}
process.stdout.write(`${scripts.length - failed} passed, ${failed} failed\n`);
process.exitCode = failed > 0 || scripts.length === 0 ? 1 : 0;
