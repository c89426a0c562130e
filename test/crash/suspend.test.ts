/** F-14: a machine that sleeps. Engine and commands stand still for a minute and go on; nothing is done twice, nothing judged twice. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { openProject } from "../../src/main/project.ts";
import { elapse } from "../support/elapse.ts";
import { waitFor } from "../support/engine-bench.ts";
import { interpretersThatRecord, judgeRun, readLedger } from "../support/judged-run.ts";
import { workflowOf } from "../support/workflow-of.ts";
import { killAllOf, processesOf, type RunningEngine, startEngine } from "./life.ts";

const ASLEEP_MS = Number(process.env.SUSPEND_MS ?? 60_000);

/** Everything that has a time of its own, and all of it due while nothing runs. */
const WORKFLOW = workflowOf(
  "- id: long",
  '  run: touch begun; sleep 3; echo n=1 > "$TROUPE_OUTPUT"',
  "- id: once",
  "  side_effect: once",
  "  run: sleep 3",
  "- id: late",
  "  timeout: { after: 10s, then: fallback, value: { late: true }, grace: 200ms }",
  "  run: sleep 600",
  "- id: again",
  "  optional: true",
  "  retry: { max: 1, base: 1s, jitter: none, on: [timeout] }",
  "  timeout: { after: 10s, grace: 200ms }",
  '  run: test "$TROUPE_ATTEMPT" -ge 2 || sleep 600',
  "- id: flaky",
  "  retry: { max: 1, base: 8s, jitter: none, exit_codes: [3] }",
  '  run: test "$TROUPE_ATTEMPT" -ge 2 || exit 3',
  "- id: after",
  "  needs: [long, once, late, again, flaky]",
  "  run: 'true'",
);

interface Sleeper {
  readonly root: string;
  readonly state: string;
  readonly ledger: string;
  readonly engine: RunningEngine;
}

const roots: string[] = [];
afterEach(async () => {
  for (const root of roots.splice(0)) {
    await killAllOf(root);
    rmSync(root, { recursive: true, force: true });
  }
});

async function fallAsleep(victims: "engine" | "all"): Promise<Sleeper> {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "troupe-suspend-")));
  roots.push(root);
  const workspace = join(root, "work");
  const state = join(root, "state");
  const ledger = join(root, "ledger");
  mkdirSync(workspace);
  const file = join(workspace, "suspend.troupe.yaml");
  writeFileSync(file, WORKFLOW);
  const path = interpretersThatRecord(root, ledger);
  const order = { state, file, input: {}, workspace, runs: 1, oneByOne: false, releases: false };
  const engine = startEngine(order, { root, path, crashAt: null });
  await waitFor(join(workspace, "begun"));
  if (victims === "engine") process.kill(engine.pid, "SIGSTOP");
  else for (const pid of processesOf(root)) process.kill(pid, "SIGSTOP");
  return { root, state, ledger, engine };
}

/** The youngest first, so that a command is not seen to sleep on by a supervisor that is awake. */
function wake({ root }: Sleeper): void {
  for (const pid of [...processesOf(root)].sort((one, other) => other - one)) process.kill(pid, "SIGCONT");
}

async function expectOneOfEach({ engine, state, ledger }: Sleeper): Promise<void> {
  const [view] = (await engine.ended) ?? [];
  expect(view?.state).toBe("succeeded");
  expect(Object.fromEntries(view?.steps.map(({ id, state: ended, attempts }) => [id, `${ended} ${attempts}`]) ?? [])).toEqual({
    long: "succeeded 1",
    once: "succeeded 1",
    late: "succeeded 1",
    again: "succeeded 2",
    flaky: "succeeded 2",
    after: "succeeded 1",
  });
  await using project = await openProject({ state });
  const runId = project.runId(view?.id ?? "");
  expect(judgeRun(project, runId, readLedger(ledger), 0)).toEqual([]);
  const entries = project.store.entries(runId, 0, 1_000);
  const judged = entries.filter(
    ({ actor, data }) => ["late", "again"].includes(actor) && (data.outcome as { kind?: string } | undefined)?.kind === "timed_out",
  );
  expect(judged.map(({ actor, data }) => `${actor} ${data.attempt}`).sort()).toEqual(["again 1", "late 1"]);
  for (const { startedAt = 0, endedAt = 0 } of view?.steps ?? []) expect((endedAt ?? 0) - (startedAt ?? 0)).toBeGreaterThanOrEqual(0);
}

test(`an engine and its commands that stand still for ${ASLEEP_MS / 1_000} s do nothing twice (F-14, I-16, I-17, I-21, I-22)`, async () => {
  const [all, alone] = await Promise.all([fallAsleep("all"), fallAsleep("engine")]);
  await elapse(ASLEEP_MS);
  // While their engine slept, its commands have ended, and were ended in time.
  expect(commandsOf(alone.root)).toEqual([]);
  expect(commandsOf(all.root).length).toBeGreaterThan(0);
  wake(all);
  process.kill(alone.engine.pid, "SIGCONT");
  await Promise.all([expectOneOfEach(all), expectOneOfEach(alone)]);
});

/** Processes of steps, by what they were started for. */
function commandsOf(root: string): readonly string[] {
  return processesOf(root).flatMap((pid) => {
    const step = /TROUPE_STEP_ID=(\w+)/.exec(environ(pid))?.[1];
    return step === undefined ? [] : [step];
  });
}

function environ(pid: number): string {
  try {
    return readdirSync("/proc").includes(String(pid)) ? readFileSync(`/proc/${pid}/environ`, "latin1") : "";
  } catch {
    return "";
  }
}
