/**
 * Kills an engine at the n-th crash point for n = 1, 2, 3 … until it survives, lets a new one go on each time, and judges what is left
 * by the journal and by a ledger of what the machine really executed (F-1, F-2).
 */
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import type { JsonObject, RunView } from "../../src/main/index.ts";
import { openProject } from "../../src/main/project.ts";
import { interpretersThatRecord, judgeRun, readLedger } from "../support/judged-run.ts";
import type { EngineOrder } from "./engine.child.ts";
import { killAllOf, startEngine } from "./life.ts";

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

export interface SweepOptions {
  /** At which point of the recovery after the n-th kill the engine dies again; null for not at all. */
  readonly secondCrash: (kill: number) => number | null;
  /** Who dies: the engine alone, or all that it has started as well (F-3), so that attempts in flight are lost. */
  readonly victims: "engine" | "all";
}

export interface SweepResult {
  readonly kills: number;
  readonly secondKills: number;
  readonly problems: readonly string[];
}

/** Most of a life is waiting for its steps. */
const LIVES_AT_ONCE = 4;
/** Beyond this many crash points something does not end. */
const KILLS_MAX = 2_000;

export async function sweep(workflow: SweptWorkflow, { secondCrash, victims }: SweepOptions): Promise<SweepResult> {
  const undisturbed = await oneLife(workflow, [], victims);
  const problems = undisturbed.problems.map((problem) => `${workflow.name}, undisturbed: ${problem}`);
  let next = 1;
  let kills = 0;
  let secondKills = 0;
  let isSurvived = false;

  async function sweepOn(): Promise<void> {
    while (!isSurvived && next < KILLS_MAX) {
      const kill = next;
      next += workflow.stride;
      const again = secondCrash(kill);
      const life = await oneLife(workflow, again === null ? [kill] : [kill, again], victims);
      if (life.crashes === 0) isSurvived = true;
      kills += life.crashes;
      secondKills += Math.max(0, life.crashes - 1);
      const found = [...life.problems];
      if (life.outcome !== undisturbed.outcome)
        found.push(`it ended otherwise than undisturbed:\n  ${life.outcome}\n  ${undisturbed.outcome}`);
      const where = `TROUPE_CRASH_AT=any:${kill}${again === null ? "" : ` then any:${again}`}`;
      problems.push(...found.map((problem) => `${workflow.name}, ${where}: ${problem}`));
    }
  }

  await Promise.all(Array.from({ length: LIVES_AT_ONCE }, sweepOn));
  return { kills, secondKills, problems };
}

interface Life {
  readonly crashes: number;
  /** States and outputs of the run and its steps, in one line. */
  readonly outcome: string;
  readonly problems: readonly string[];
}

/** One run from its start to its end, with an engine killed at each of these points in turn. */
async function oneLife(workflow: SweptWorkflow, crashAt: readonly number[], victims: "engine" | "all"): Promise<Life> {
  const root = mkdtempSync(join(tmpdir(), "troupe-crash-"));
  const folder = join(root, "work");
  const state = join(root, "state");
  const ledger = join(root, "ledger");
  cpSync(dirname(workflow.file), folder, { recursive: true });
  const path = interpretersThatRecord(root, ledger);
  const prepared = await workflow.prepare?.(folder);
  const order: Omit<EngineOrder, "library"> = {
    state,
    file: join(folder, basename(workflow.file)),
    input: { ...workflow.input, ...prepared?.input },
    workspace: folder,
    runs: 1,
    oneByOne: false,
    releases: false,
  };
  try {
    let crashes = 0;
    let views: readonly RunView[] | null = null;
    for (const crash of [...crashAt, null]) {
      const engine = startEngine(order, { root, path, crashAt: crash });
      views = await engine.ended;
      if (views !== null) break;
      if (victims === "all") await killAllOf(root);
      crashes += 1;
    }
    const [view] = views ?? [];
    if (view === undefined) throw new Error("The last engine ended without a run.");
    return { crashes, outcome: outcomeOf(view, folder), problems: await judge(state, ledger, crashes) };
  } finally {
    prepared?.end?.();
    await killAllOf(root); // Supervisors end by themselves, but not before their log is removed.
    rmSync(root, { recursive: true, force: true });
  }
}

function outcomeOf(view: RunView, folder: string): string {
  const steps = view.steps.map(({ id, state, output, error, skippedBecause }) => ({ id, state, output, error, skippedBecause }));
  return JSON.stringify({ state: view.state, output: view.output, steps })
    .replaceAll(folder, "FOLDER")
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "TIME");
}

async function judge(state: string, ledger: string, crashes: number): Promise<readonly string[]> {
  await using project = await openProject({ state });
  const runs = project.list({ limit: 10 });
  const started = runs.filter(({ id }) => project.view(project.runId(id)).parent?.relation !== "child");
  if (started.length !== 1) return [`there are ${started.length} runs where one was started`];
  const executions = readLedger(ledger);
  return runs.flatMap(({ id }) => judgeRun(project, project.runId(id), executions, crashes));
}
