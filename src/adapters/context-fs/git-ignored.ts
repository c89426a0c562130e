/** Asks git which paths it ignores. The repository's own configuration is hostile (S-10): nothing of it may run. */
import { spawn } from "node:child_process";

const OUTPUT_MAX_BYTES = 4 * 1024 * 1024;
const TIME_MAX_MS = 10_000;
const SAFE = ["-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "core.excludesFile=/dev/null"];

/** Empty where there is no repository, or no git. Files that are tracked are never ignored. */
export async function listIgnored(root: string, paths: readonly string[]): Promise<ReadonlySet<string>> {
  if (paths.length === 0) return new Set();
  const text = await new Promise<string>((resolve) => {
    const git = spawn("git", [...SAFE, "check-ignore", "-z", "--stdin"], {
      cwd: root,
      env: {
        PATH: process.env.PATH ?? "",
        GIT_CONFIG_NOSYSTEM: "1",
        GIT_CONFIG_GLOBAL: "/dev/null",
        GIT_OPTIONAL_LOCKS: "0",
        HOME: "/nonexistent",
      },
      stdio: ["pipe", "pipe", "ignore"],
      timeout: TIME_MAX_MS,
      killSignal: "SIGKILL",
    });
    const chunks: Buffer[] = [];
    let bytes = 0;
    git.stdout.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= OUTPUT_MAX_BYTES) chunks.push(chunk);
    });
    git.on("error", () => resolve(""));
    git.on("close", () => resolve(Buffer.concat(chunks).toString("utf8")));
    git.stdin.on("error", () => {}); // Git ended before it had read all: what it said counts.
    git.stdin.end(`${paths.join("\0")}\0`);
  });
  return new Set(text.split("\0").filter((path) => path !== ""));
}
