/** Which adapter speaks which protocol. */
import type { ToolAdapter } from "../../../plan/tool.ts";
import type { AgentAdapter } from "../adapter.ts";
import { aider } from "./aider.ts";
import { claudeCode } from "./claude-code.ts";
import { codex } from "./codex.ts";
import { custom } from "./custom.ts";
import { gemini } from "./gemini.ts";

/** A `command` is a program of the user's: the prompt goes in, what it prints comes out. */
const ADAPTERS: Readonly<Record<ToolAdapter, AgentAdapter>> = { claude_code: claudeCode, codex, gemini, aider, custom, command: custom };

export function adapterOf(name: ToolAdapter): AgentAdapter {
  return ADAPTERS[name];
}

/** The adapter of a tool whose name is that of its adapter, as those have that Troupe declares itself; null for any other. */
export function adapterNamed(name: string): AgentAdapter | null {
  return Object.hasOwn(ADAPTERS, name) ? ADAPTERS[name as ToolAdapter] : null; // it is a key of the table
}
