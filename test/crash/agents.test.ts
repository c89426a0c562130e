/** Engines that die while an agent works: it goes on, its answer is found, and no work is paid for twice. */
import { globSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { AGENTS, callsIn } from "../support/agent-bench.ts";
import { type RunningCommand, runCommand, startCommand } from "../support/command.ts";
import { eventually } from "../support/eventually.ts";
import { workflowOf } from "../support/workflow-of.ts";
import { killAllOf } from "./life.ts";

const ROUTER = `tools: [{ name: claude_code, adapter: claude_code, command: [${JSON.stringify(process.execPath)}, ${JSON.stringify(join(AGENTS, "claude.mjs"))}] }]\n`;

const roots: string[] = [];
afterEach(async () => {
  for (const root of roots.splice(0)) {
    await killAllOf(root);
    rmSync(root, { recursive: true, force: true, maxRetries: 5 });
  }
});

interface Working {
  readonly root: string;
  readonly engine: RunningCommand;
}

/** A run whose agent has been called this often, and stands still in its last call until the file `go` is there. */
async function working(calls: number, ...lines: string[]): Promise<Working> {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "troupe-agents-")));
  roots.push(root);
  writeFileSync(join(root, "router.yaml"), ROUTER);
  writeFileSync(join(root, "w.troupe.yaml"), workflowOf("- id: it", "  type: agent", "  agent: claude_code", ...lines));
  const engine = startCommand(["run", "w.troupe.yaml", "--state", join(root, "state")], { cwd: root });
  await eventually(() => expect(callsIn(root)).toHaveLength(calls), 30_000);
  return { root, engine };
}

interface View {
  readonly state: string;
  readonly steps: readonly { readonly attempts: number; readonly output: unknown; readonly costUsd: number | null }[];
}

/** What the first attempt has printed so far. */
function captured(root: string): string {
  return globSync(join(root, "state/attempts/*/it/1/stdout"))
    .map((file) => readFileSync(file, "utf8"))
    .join("");
}

async function resume(root: string): Promise<View> {
  const { stdout } = await runCommand(["resume", "--state", join(root, "state"), "-o", "json"], { cwd: root });
  return JSON.parse(stdout) as View; // What the command prints.
}

test("an agent outlives its engine, and its answer is taken by the next one (I-13)", async () => {
  const { root, engine } = await working(1, '  prompt: "SCENARIO=slow\\nANSWER=Late, but here."');
  engine.child.kill("SIGKILL");
  await engine.ended;
  writeFileSync(join(root, "go"), "");
  const view = await resume(root);
  expect(view).toMatchObject({ state: "succeeded", steps: [{ attempts: 1, output: { text: "Late, but here." }, costUsd: 0.25 }] });
  expect(callsIn(root)).toHaveLength(1);
});

test("an engine that dies over a correction leaves it to the next one, with what the first answer cost", async () => {
  const { root, engine } = await working(
    2,
    '  prompt: "SCENARIO=ok,slow\\nANSWER=words||{\\"n\\":1}"',
    "  output: { type: object, required: [n], properties: { n: { type: integer } } }",
  );
  engine.child.kill("SIGKILL");
  await engine.ended;
  writeFileSync(join(root, "go"), "");
  const view = await resume(root);
  expect(view).toMatchObject({ state: "succeeded", steps: [{ attempts: 1, output: { n: 1 }, costUsd: 0.5 }] });
  expect(callsIn(root)).toHaveLength(2);
});

test("an agent that is gone with its engine is taken up in its conversation", async () => {
  const { root, engine } = await working(
    1,
    "  retry: { max: 1, base: 10ms }",
    '  prompt: "Build it.\\nSCENARIO=slow,ok\\nANSWER=Done now."',
  );
  // What it is called is known once it has said so.
  await eventually(() => expect(captured(root)).toContain("session_id"));
  await killAllOf(root);
  await engine.ended;
  const view = await resume(root);
  expect(view).toMatchObject({ state: "succeeded", steps: [{ attempts: 2, output: { text: "Done now." } }] });
  const calls = callsIn(root);
  expect(calls).toHaveLength(2);
  expect(calls[1]?.args).toContain("--resume=0b6f3a52-0000-4000-8000-000000000000");
  expect(calls[1]?.prompt).toContain("Build it.");
});
