/**
 * Kills an engine at the n-th crash point for n = 1, 2, 3 … until it survives, lets a new one go on each time, and judges what is left
 * by the journal and by a ledger of what the machine really executed (F-1, F-2).
 */
import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import type { JsonObject, RunView } from "../../src/main/index.ts";
import { openProject } from "../../src/main/project.ts";
import { type CheckedEntry, type CheckedStep, checkJournal, checkLedger, type LedgerLine } from "../support/checker.ts";

export interface SweptWorkflow {
  readonly name: string;
  /** Path of the workflow file; its folder is copied for every kill, and is where the steps work. */
  readonly file: string;
  readonly input: JsonObject;
  /** Every which kill is made; 1 for all. */
  readonly stride: number;
  /** Prepares the copied folder, and returns what the input has to know of it. */
  readonly prepare?: (folder: string) => Promise<{ readonly input?: JsonObject; readonly end?: () => void }>;
}

export interface SweepResult {
  readonly kills: number;
  readonly secondKills: number;
  readonly problems: readonly string[];
}

const CHILD = resolve("test/crash/engine.child.ts");
const ALL_POINTS_SURVIVED = "survived";
/** Beyond this many crash points something does not end. */
const KILLS_MAX = 2_000;

/** `secondCrash` tells at which point of the recovery after the n-th kill the engine dies again; null for not at all. */
export async function sweep(workflow: SweptWorkflow, secondCrash: (kill: number) => number | null): Promise<SweepResult> {
  const problems: string[] = [];
  let secondKills = 0;
  const undisturbed = await oneLife(workflow, []);
  problems.push(...undisturbed.problems.map((problem) => `${workflow.name}, undisturbed: ${problem}`));
  let kill = 1;
  let kills = 0;
  for (; kill < KILLS_MAX; kill += workflow.stride) {
    const again = secondCrash(kill);
    const life = await oneLife(workflow, again === null ? [kill] : [kill, again]);
    if (life.crashes === 0) break;
    kills += life.crashes;
    secondKills += life.crashes - 1;
    const found = [...life.problems];
    if (life.outcome !== undisturbed.outcome)
      found.push(`it ended otherwise than undisturbed:\n  ${life.outcome}\n  ${undisturbed.outcome}`);
    problems.push(
      ...found.map((problem) => `${workflow.name}, TROUPE_CRASH_AT=any:${kill}${again === null ? "" : ` then any:${again}`}: ${problem}`),
    );
  }
  return { kills, secondKills, problems };
}

interface Life {
  readonly crashes: number;
  /** States and outputs of the run and its steps, in one line. */
  readonly outcome: string;
  readonly problems: readonly string[];
}

/** One run from its start to its end, with an engine killed at each of these points in turn. */
async function oneLife(workflow: SweptWorkflow, crashAt: readonly number[]): Promise<Life> {
  const root = mkdtempSync(join(tmpdir(), "troupe-crash-"));
  const folder = join(root, "work");
  cpSync(dirname(workflow.file), folder, { recursive: true });
  const ledger = join(root, "ledger");
  const path = [interpretersThatRecord(root, ledger), process.env.PATH].join(delimiter);
  const prepared = await workflow.prepare?.(folder);
  try {
    const life = (crash: number | null): Promise<string> =>
      runChild(
        [
          join(root, "state"),
          join(folder, workflow.file.slice(dirname(workflow.file).length + 1)),
          JSON.stringify({ ...workflow.input, ...prepared?.input }),
          folder,
        ],
        path,
        crash,
      );
    let crashes = 0;
    let printed = "";
    for (const crash of crashAt) {
      printed = await life(crash);
      if (printed !== "") break;
      crashes += 1;
    }
    if (printed === "") printed = await life(null);
    const view = JSON.parse(printed) as RunView; // Printed by our child.
    return { crashes, outcome: outcomeOf(view, folder), problems: await judge(join(root, "state"), ledger, crashes) };
  } finally {
    prepared?.end?.();
    rmSync(root, { recursive: true, force: true });
  }
}

/** What the child printed; empty when it was killed by its crash point. */
function runChild(args: readonly string[], path: string, crash: number | null): Promise<string> {
  const env = {
    PATH: path,
    HOME: tmpdir(),
    NODE_COMPILE_CACHE: join(tmpdir(), "troupe-crash-cache"),
    ...(crash !== null && { TROUPE_CRASH_AT: `any:${crash}` }),
  };
  const child: ChildProcess = spawn(process.execPath, [CHILD, ...args], { env, stdio: ["ignore", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  child.stdout?.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  return new Promise((done, fail) => {
    child.on("exit", (code, signal) => {
      if (code === 0) done(stdout.trim() === "" ? ALL_POINTS_SURVIVED : stdout);
      else if (signal === "SIGKILL" && crash !== null) done("");
      else fail(new Error(`The engine ended with ${signal ?? code}:\n${stderr}`));
    });
  });
}

/** `bash` and `node` that write down the step and attempt for which they are started: the ground truth of what was executed. */
function interpretersThatRecord(root: string, ledger: string): string {
  const folder = join(root, "bin");
  mkdirSync(folder);
  for (const [name, real] of [
    ["bash", "/bin/bash"],
    ["node", process.execPath],
  ] as const) {
    const file = join(folder, name);
    writeFileSync(
      file,
      `#!/bin/sh\n[ -n "$TROUPE_STEP_ID" ] && echo "$TROUPE_STEP_ID $TROUPE_ATTEMPT" >> "${ledger}"\nexec "${real}" "$@"\n`,
    );
    chmodSync(file, 0o755);
  }
  return folder;
}

function outcomeOf(view: RunView, folder: string): string {
  const steps = view.steps.map(({ id, state, output, skippedBecause }) => ({ id, state, output, skippedBecause }));
  return JSON.stringify({ state: view.state, output: view.output, steps }).replaceAll(folder, "FOLDER");
}

async function judge(state: string, ledger: string, crashes: number): Promise<readonly string[]> {
  await using project = await openProject({ state });
  const [run] = project.list({ limit: 2 });
  if (run === undefined) return ["there is no run"];
  const runId = project.runId(run.id);
  const { workflow } = project.snapshot(runId);
  const entries = project.store.entries(runId, 0, Number.MAX_SAFE_INTEGER);
  const steps: CheckedStep[] = workflow.steps.map((step) => ({
    id: step.id,
    needs: step.needs.map(({ from }) => workflow.steps[from]?.id ?? ""),
    join: step.join,
    optional: step.optional,
    once: step.sideEffect === "once",
    maxRetries: step.retry.max,
    excludes: step.conflicts.map((index) => workflow.steps[index]?.id ?? ""),
  }));
  const plain = entries as unknown as readonly CheckedEntry[]; // The checker knows entries by their plain form.
  const executed = existsSync(ledger)
    ? readFileSync(ledger, "utf8")
        .trim()
        .split("\n")
        .filter((line) => line !== "")
    : [];
  const lines: LedgerLine[] = executed.map((line) => {
    const [step = "", attempt = "0"] = line.split(" ");
    return { step, attempt: Number(attempt), committedSeq: Number.MAX_SAFE_INTEGER };
  });
  return [...checkJournal(steps, plain), ...checkLedger(plain, lines, crashes)];
}
