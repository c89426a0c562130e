/**
 * `npm run demo`: a first workflow, then one whose engine is killed in the middle and that goes on all the same. Everything happens in a
 * folder of its own, which is removed at the end; nothing has to be installed or built but `npm ci`.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { styleText } from "node:util";

const CLI = resolve("src/cli/bin.ts");
const LOOK_EVERY_MS = 50;
const PATIENCE_MS = 20_000;

/** Each step notes in the ledger when it begins and ends: the ledger knows what really happened, whatever Troupe says. */
const RELEASE = `apiVersion: troupe/v1
name: release
title: A release that survives the death of its engine
output:
  package: "{{ steps.package.output }}"
steps:
  - id: compile
    run: |
      echo "compile begins" >> ledger.txt; sleep 0.6; echo "compile ends" >> ledger.txt
      echo "artifact=app.bin" > "$TROUPE_OUTPUT"
  - id: docs
    needs: [compile]
    run: |
      echo "docs    begins" >> ledger.txt; sleep 0.5; echo "docs    ends" >> ledger.txt
  - id: test
    run: |
      echo "test    begins" >> ledger.txt
      for part in 1 2 3 4 5 6; do echo "testing "{{ steps.compile.output.artifact }}", part $part of 6"; sleep 0.5; done
      echo "test    ends" >> ledger.txt
      echo "passed=128" > "$TROUPE_OUTPUT"
  - id: package
    needs: [docs]
    stdout: text
    run: |
      echo "package begins" >> ledger.txt; sleep 0.4; echo "package ends" >> ledger.txt
      printf '%s with %s tests' {{ steps.compile.output.artifact }} {{ steps.test.output.passed }}
`;

const folder = mkdtempSync(join(tmpdir(), "troupe-demo-"));
const env = { ...process.env, TROUPE_STATE: join(folder, ".troupe") };

function say(text: string): void {
  process.stdout.write(`\n${styleText(["bold", "cyan"], text)}\n`);
}

function troupe(...words: readonly string[]): void {
  process.stdout.write(`${styleText("gray", `$ troupe ${words.join(" ")}`)}\n`);
  const { status } = spawnSync(process.execPath, [CLI, ...words], { cwd: folder, env, stdio: "inherit" });
  if (status !== 0) throw new Error(`troupe ${words.join(" ")} ended with ${status}`);
}

function readJson<TValue>(...words: readonly string[]): TValue {
  const { stdout } = spawnSync(process.execPath, [CLI, ...words, "-o", "json"], { cwd: folder, env, encoding: "utf8" });
  return JSON.parse(stdout) as TValue; // The shapes are those of docs/cli.md.
}

function ledger(): readonly string[] {
  try {
    return readFileSync(join(folder, "ledger.txt"), "utf8").trim().split("\n");
  } catch {
    return [];
  }
}

async function until(what: string, isTrue: () => boolean): Promise<void> {
  for (const deadline = Date.now() + PATIENCE_MS; !isTrue(); await sleep(LOOK_EVERY_MS))
    if (Date.now() > deadline) throw new Error(`${what} did not happen`);
}

async function killInTheMiddle(): Promise<void> {
  process.stdout.write(`${styleText("gray", "$ troupe run release.troupe.yaml &")}\n`);
  const engine: ChildProcess = spawn(process.execPath, [CLI, "run", "release.troupe.yaml"], {
    cwd: folder,
    env: { ...env, CI: "true" },
    stdio: "inherit",
  });
  const ended = new Promise((done) => engine.once("exit", done));
  await until("the test", () => ledger().includes("docs    ends"));
  await sleep(400);
  process.stdout.write(`${styleText("red", `$ kill -9 ${engine.pid}`)}\n`);
  engine.kill("SIGKILL");
  await ended;
}

interface Step {
  readonly id: string;
  readonly state: string;
  readonly attempts: number;
  readonly startedAt: number;
  readonly endedAt: number;
}

function tellFromJournal(killedAt: number): void {
  const { steps } = readJson<{ readonly steps: readonly Step[] }>("show", "@latest");
  const at = (time: number): string => `${time < killedAt ? "before" : "after "} the kill`;
  for (const { id, state, attempts, startedAt, endedAt } of steps) {
    process.stdout.write(
      `  ${id.padEnd(8)} began ${at(startedAt)}, ended ${at(endedAt)}: ${state}, ${attempts} attempt${attempts === 1 ? "" : "s"}\n`,
    );
  }
  const lines = ledger();
  const repeated = lines.filter((line, index) => lines.indexOf(line) !== index);
  process.stdout.write(
    `  The ledger has ${lines.length} lines, ${repeated.length === 0 ? "each once" : `repeated: ${repeated.join(", ")}`}.\n`,
  );
  if (repeated.length > 0 || lines.length !== 2 * steps.length) throw new Error("a step was repeated or is missing");
}

try {
  cpSync("examples/01-hello/hello.troupe.yaml", join(folder, "hello.troupe.yaml"));
  writeFileSync(join(folder, "release.troupe.yaml"), RELEASE);
  say("1. A workflow. No step lists what it needs: references are the edges.");
  troupe("plan", "hello.troupe.yaml");
  process.stdout.write("\n");
  troupe("run", "hello.troupe.yaml", "-i", "name=Ada", "-i", "loud=true");
  say("2. Another one, and its engine is killed while `test` runs.");
  await killInTheMiddle();
  const killedAt = Date.now();
  process.stdout.write(`  The engine is gone; the command of \`test\` is not. The ledger's last line: "${ledger().at(-1)}".\n\n`);
  troupe("recover", "list");
  say("3. Another process goes on with it. What has ended is not run again; what still runs is followed.");
  troupe("resume", "@latest");
  say("4. What happened, from the journal, and from the ledger that the steps themselves wrote:");
  tellFromJournal(killedAt);
  process.stdout.write("\n");
  troupe("verify");
} finally {
  rmSync(folder, { recursive: true, force: true });
}
