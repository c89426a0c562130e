/** Tools that are known without a `router.yaml`: the coding agents that Troupe can speak to. They are there when their program is. */
import { BREAKER_POLICY_DEFAULT, type Router, type ToolAdapter, type ToolDeclaration } from "./tool.ts";

/** What agents can do that others cannot: answer a prompt, judge a text or a change, change files. */
const AGENT_CAPABILITIES = ["text", "code-review", "code-edit"] as const;

function agent(name: ToolAdapter, program: string, more: readonly string[]): ToolDeclaration {
  return {
    name,
    adapter: name,
    capabilities: [...AGENT_CAPABILITIES, ...more],
    domains: [],
    cost: { usdPerRun: null, usdPer1kTokens: null },
    limits: { concurrency: null, timeoutMs: null, maxUsd: null },
    command: [program],
    // A secret is given to a tool by name only, by whoever owns the project.
    env: [],
    health: null,
    version: { args: ["--version"], pattern: null },
    breaker: BREAKER_POLICY_DEFAULT,
  };
}

/** In the order in which they are preferred when nobody says otherwise. */
export const BUILTIN_TOOLS: readonly ToolDeclaration[] = [
  agent("claude_code", "claude", ["structured-output"]),
  agent("codex", "codex", ["structured-output"]),
  agent("gemini", "gemini", []),
  agent("aider", "aider", []),
];

export const BUILTIN_ROUTER: Router = { file: null, prefer: null, tools: BUILTIN_TOOLS };
