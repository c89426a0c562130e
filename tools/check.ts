/** `npm run check`: every gate that needs no test run, two at a time. All of them run, so one call shows everything that is wrong. */
import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";

/** Promises that nobody awaits. Biome knows only those of our own types; this pass knows the types of packages and `node:` too. */
export const PROMISE_LINT = ["--type-aware", "-A", "all", "-D", "typescript/no-floating-promises", "-D", "typescript/no-misused-promises"];
const PROCESSES_AT_ONCE = 2;

const gates: readonly (readonly [name: string, command: string, ...args: string[]])[] = [
  ["types", "tsc", "-p", "tsconfig.json"],
  ["types of pages", "tsc", "-p", "observability/inspector-page"],
  ["types of the web", "tsc", "-p", "web"],
  ["types of browsers", "tsc", "-p", "test/browser"],
  ["format and lint", "biome", "check", "--error-on-warnings", "--max-diagnostics=50", "."],
  [
    "promises",
    "oxlint",
    ...PROMISE_LINT,
    "--ignore-pattern",
    "test/canary",
    "--ignore-pattern",
    "examples/*/project",
    "--ignore-pattern",
    "examples/**/*.test.mjs",
    ".",
  ],
  ["layers", process.execPath, "tools/check-layers.ts"],
  ["source", process.execPath, "tools/check-source.ts"],
  ["error codes", process.execPath, "tools/check-error-codes.ts"],
  ["generated files", process.execPath, "tools/generate.ts", "--check"],
  ["unused code", "knip"],
];

async function runGate([name, command, ...args]: (typeof gates)[number]): Promise<boolean> {
  const startedMs = performance.now();
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], shell: process.platform === "win32" });
  const exit = new Promise<number>((resolve, reject) => child.on("error", reject).on("close", (code) => resolve(code ?? 1)));
  const [code, output, errors] = await Promise.all([exit, text(child.stdout), text(child.stderr)]);
  const seconds = ((performance.now() - startedMs) / 1_000).toFixed(1);
  process.stdout.write(`${code === 0 ? "ok    " : "FAILED"} ${name.padEnd(16)} ${seconds.padStart(5)} s\n`);
  if (code !== 0) process.stdout.write(`${output}${errors}\n`);
  return code === 0;
}

if (import.meta.main) {
  const queue = [...gates];
  const failures: string[] = [];
  const work = async () => {
    for (let gate = queue.shift(); gate !== undefined; gate = queue.shift()) if (!(await runGate(gate))) failures.push(gate[0]);
  };
  await Promise.all(Array.from({ length: PROCESSES_AT_ONCE }, work));
  process.stdout.write(failures.length === 0 ? `All ${gates.length} gates hold.\n` : `Failed: ${failures.join(", ")}.\n`);
  process.exitCode = failures.length === 0 ? 0 : 1;
}
