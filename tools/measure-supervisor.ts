/**
 * Which parent should the child of an attempt have (ADR-0002)? Runs 36 scripts that do nothing in 12 waves of 3, as in W5, through
 * each candidate in turn, several rounds, and prints medians. The candidates other than ours are lower bounds: they do less.
 *
 * Run: npm exec -- node tools/measure-supervisor.ts
 */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createProcesses } from "../src/adapters/process-shim/processes.ts";

const ROUNDS = 7;
const directory = mkdtempSync(join(tmpdir(), "troupe-bench-"));
const cache = join(tmpdir(), "troupe-bench-cache");
let attempts = 0;

function ended(command: string, args: readonly string[], cwd: string): Promise<unknown> {
  const child = spawn(command, args, { cwd, detached: true, stdio: ["ignore", "ignore", "ignore"] });
  return new Promise((resolve) => child.once("exit", resolve));
}

function control(): string {
  const path = join(directory, String(++attempts));
  mkdirSync(path);
  writeFileSync(join(path, "script"), "true");
  return path;
}

const NODE_SHIM = `
import { spawn } from "node:child_process"; import { closeSync, fsyncSync, openSync, renameSync, writeSync } from "node:fs";
writeSync(openSync("claim", "wx"), "");
const out = openSync("stdout", "w"), err = openSync("stderr", "w");
spawn("bash", ["-euo", "pipefail", "script"], { stdio: ["ignore", out, err], detached: true }).once("exit", (code) => {
  const file = openSync("result.tmp", "w"); writeSync(file, String(code)); fsyncSync(file); closeSync(file); renameSync("result.tmp", "result.json");
});`;
const shimPath = join(directory, "shim.mjs");
writeFileSync(shimPath, NODE_SHIM);

/** No limit on output, no digest, no deadline, no sweep. */
const SH_SHIM =
  "set -C; : > claim || exit 1; set +C; code=0; bash -euo pipefail script > stdout 2> stderr || code=$?; echo $code > result.tmp; mv result.tmp result.json";
/** With head, tail and digest of both streams, by the tools that every machine has. */
const SH_CAPTURE =
  'set -C; : > claim || exit 1; set +C; keep() { tee "$1.all" | sha256sum > "$1.sum"; head -c 524288 "$1.all" > "$1"; tail -c 524288 "$1.all" >> "$1"; }; mkfifo o e; keep stdout < o & keep stderr < e & code=0; bash -euo pipefail script > o 2> e || code=$?; wait; echo $code > result.tmp; sync result.tmp; mv result.tmp result.json';

const processes = createProcesses({ directory: cache });
const signal = new AbortController().signal;

async function supervised(): Promise<void> {
  const path = join(directory, `s${++attempts}`, "1");
  const verdict = await processes.run(
    {
      directory: path,
      token: `bench.${attempts}.1.${crypto.randomUUID()}`,
      epoch: 1,
      argv: processes.interpreter,
      script: "true",
      cwd: directory,
      env: processes.inherited,
      confinement: null,
      stdin: null,
      deadlineAt: null,
      graceMs: 1_000,
      captureMaxBytes: 1024 * 1024,
      masks: [],
      cleanup: null,
    },
    signal,
  );
  if (verdict.kind !== "recorded" || verdict.result.exitCode !== 0) throw new Error(JSON.stringify(verdict));
}

const candidates: Readonly<Record<string, () => Promise<unknown>>> = {
  "bare spawn, nothing kept": () => ended("bash", ["-euo", "pipefail", "script"], control()),
  "one supervisor an engine": supervised,
  "sh shim, output unbounded": () => ended("sh", ["-c", SH_SHIM], control()),
  "sh shim, head, tail and digest": () => ended("sh", ["-c", SH_CAPTURE], control()),
  "Node shim": () => ended(process.execPath, [shimPath], control()),
};

async function waves(attempt: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  for (let wave = 0; wave < 12; wave++) await Promise.all([attempt(), attempt(), attempt()]);
  return performance.now() - began;
}

const times = new Map<string, number[]>(Object.keys(candidates).map((name) => [name, []]));
const began = performance.now();
await supervised();
const firstMs = performance.now() - began;
for (let round = 0; round < ROUNDS; round++)
  for (const [name, attempt] of Object.entries(candidates)) times.get(name)?.push(await waves(attempt));

process.stdout.write(`36 scripts in 12 waves of 3, median of ${ROUNDS} rounds (fastest):\n`);
for (const [name, all] of times) {
  const sorted = all.sort((a, b) => a - b);
  process.stdout.write(`  ${name.padEnd(32)} ${sorted[Math.floor(ROUNDS / 2)]?.toFixed(0).padStart(6)} ms (${sorted[0]?.toFixed(0)})\n`);
}
process.stdout.write(`  first attempt, with the supervisor's start: ${firstMs.toFixed(0)} ms\n`);
await processes[Symbol.asyncDispose]();
rmSync(directory, { recursive: true, force: true });
