/** Agent steps against the stand-ins, without a definition and without an engine. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createContextFiles } from "../../src/adapters/context-fs/context-files.ts";
import { openTokenCounter } from "../../src/adapters/tokens-gpt/token-counter.ts";
import { validateData } from "../../src/definition/data-schema.ts";
import { BREAKER_POLICY_DEFAULT, type ToolAdapter, type ToolDeclaration } from "../../src/plan/tool.ts";
import type { Execution, StepType } from "../../src/ports/attempt.ts";
import type { Tools } from "../../src/ports/tools.ts";
import { createAgentStep } from "../../src/steps/agent/execute.ts";
import type { AgentStepOptions } from "../../src/steps/agent/options.ts";
import type { Bench } from "./processes.ts";

export const AGENTS = join(import.meta.dirname, "agents");

export function standIn(name: string, adapter: ToolAdapter, file: string, differs: Partial<ToolDeclaration> = {}): ToolDeclaration {
  return {
    name,
    adapter,
    capabilities: ["code-edit"],
    domains: [],
    cost: { usdPerRun: null, usdPer1kTokens: null },
    limits: { concurrency: null, timeoutMs: null, maxUsd: null },
    command: [process.execPath, join(AGENTS, file)],
    env: [],
    health: null,
    version: null,
    breaker: BREAKER_POLICY_DEFAULT,
    ...differs,
  };
}

export const STAND_INS: readonly ToolDeclaration[] = [
  standIn("claude_code", "claude_code", "claude.mjs", { env: ["ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL"] }),
  standIn("codex", "codex", "codex.mjs"),
  standIn("gemini", "gemini", "gemini.mjs"),
  standIn("aider", "aider", "aider.mjs"),
];

/** A router that hands out what it was made with. */
function fixedTools(all: readonly ToolDeclaration[]): Tools {
  return {
    select: ({ policy }) => {
      const order = policy.name === null ? all : all.filter(({ name }) => name === policy.name);
      return Promise.resolve({ order, decision: { chosen: order[0]?.name ?? null } });
    },
    call: (_tool, _around, work) => work(),
    probe: () => Promise.reject(new Error("not asked")),
    lastProbe: () => null,
    list: () => all,
  };
}

export interface AgentBenchDiffers extends Partial<AgentStepOptions> {
  readonly declared?: readonly ToolDeclaration[];
}

export function agentStep(bench: Bench, { declared = STAND_INS, ...differs }: AgentBenchDiffers = {}): StepType {
  return createAgentStep({
    processes: bench.processes,
    directory: join(bench.directory, "attempts"),
    tools: fixedTools(declared),
    context: { files: createContextFiles(), openTokens: openTokenCounter },
    environment: {},
    maskForms: (secret) => [secret],
    validate: (schema, data, root) => validateData(schema, data, { root }).errors,
    ...differs,
  });
}

export interface RecordedCall {
  readonly cli: string;
  readonly args: readonly string[];
  readonly env: readonly string[];
  readonly prompt: string;
}

/** What the stand-ins were called with, oldest first. */
export function callsIn(workspace: string): readonly RecordedCall[] {
  const log = join(workspace, "calls.jsonl");
  if (!existsSync(log)) return [];
  return readFileSync(log, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as RecordedCall); // the stand-ins write nothing else
}

/** The output of a success; anything else as it is, so that a comparison shows it. */
export function outputOf(execution: Execution): unknown {
  return execution.kind === "succeeded" ? execution.output : execution;
}

export function failureOf(execution: Execution): unknown {
  return execution.kind === "failed" ? execution.failure : execution;
}
