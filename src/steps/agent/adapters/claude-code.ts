/** Claude Code: `claude -p --output-format stream-json --verbose`, the prompt on its standard input. */

import type { TaskFailure } from "../../../core/failure.ts";
import type { Json, JsonObject } from "../../../core/json.ts";
import { isJsonObject } from "../../../core/json.ts";
import {
  type AgentAdapter,
  type AgentAnswer,
  type AgentOutput,
  type AgentRequest,
  type Invocation,
  NO_ANSWER,
  type TokenUsage,
} from "../adapter.ts";
import { cutShort, failureOf, overBudget } from "../failures.ts";
import { listOf, memberOf, numberOf, objectOf, parseLines, textOf } from "../json-lines.ts";
import type { Permissions } from "../permissions.ts";

const READING = ["Read", "Glob", "Grep"] as const;
const EDITING = ["Edit", "Write", "NotebookEdit"] as const;
const CALLING = ["WebFetch", "WebSearch"] as const;
const EDIT_TOOLS: ReadonlySet<string> = new Set([...EDITING, "MultiEdit"]);

export const claudeCode: AgentAdapter = {
  resumes: true,
  takesFiles: false,
  takesSchema: () => true,
  countsSession: false,
  extraOptions: ["--append-system-prompt", "--effort", "--fallback-model", "--no-session-persistence"],
  limits: () => [],
  toInvocation,
  parse,
};

function toInvocation({ prompt, model, maxUsd, maxTurns, permissions, schema, session, args, loadsProject }: AgentRequest): Invocation {
  const { allowed, denied } = toolsOf(permissions);
  return {
    args: [
      "-p",
      "--output-format=stream-json",
      "--verbose",
      // What is not allowed is denied: nobody is there to be asked.
      "--permission-mode=dontAsk",
      `--allowedTools=${allowed.join(",")}`,
      ...(denied.length === 0 ? [] : [`--disallowedTools=${denied.join(",")}`]),
      // Hooks, servers and permissions of a checked-out repository are somebody else's code (S-11).
      ...(loadsProject ? [] : ["--setting-sources=user", "--strict-mcp-config"]),
      ...(model === null ? [] : [`--model=${model}`]),
      ...(maxTurns === null ? [] : [`--max-turns=${maxTurns}`]),
      ...(maxUsd === null ? [] : [`--max-budget-usd=${maxUsd}`]),
      ...(schema === null ? [] : [`--json-schema=${JSON.stringify(schema)}`]),
      ...(session === null ? [] : [`--resume=${session}`]),
      ...args,
    ],
    env: { DISABLE_AUTOUPDATER: "1" },
    stdin: prompt,
    file: null,
  };
}

function toolsOf({ edit, network, bash }: Permissions): { readonly allowed: readonly string[]; readonly denied: readonly string[] } {
  const commands = bash === "any" ? ["Bash"] : bash.map((command) => `Bash(${command})`);
  return {
    allowed: [...READING, ...(edit ? EDITING : []), ...(network ? CALLING : []), ...commands],
    denied: [...(edit ? [] : EDITING), ...(network ? [] : CALLING), ...(commands.length > 0 ? [] : ["Bash"])],
  };
}

function parse(output: AgentOutput): AgentAnswer {
  const events = parseLines(output.stdout);
  const result = events.findLast((event) => textOf(event, "type") === "result") ?? null;
  const session =
    textOf(result, "session_id") ??
    textOf(
      events.find((event) => textOf(event, "type") === "system"),
      "session_id",
    );
  const base: AgentAnswer = { ...NO_ANSWER, session, changed: changedIn(events) };
  if (result === null) {
    const words = [output.stderr, events.length === 0 ? output.stdout : ""].join("\n");
    const failure = output.exitCode === 0 ? cutShort(output.isCut) : failureOf(words, output.exitCode, Date.now());
    return { ...base, failure: isSessionMissing(words) ? sessionMissing(words) : failure };
  }
  return {
    ...base,
    text: textOf(result, "result") ?? "",
    structured: memberOf(result, "structured_output"),
    usage: usageOf(objectOf(result, "usage")),
    costUsd: numberOf(result, "total_cost_usd"),
    turns: numberOf(result, "num_turns"),
    denied: deniedIn(result),
    isFinal: true,
    failure: failureIn(result, output),
  };
}

/** Read from the cache or written to it, the model has read it. */
function usageOf(usage: JsonObject | null): TokenUsage | null {
  if (usage === null) return null;
  const read = ["input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens"].map((key) => numberOf(usage, key) ?? 0);
  return { input: read.reduce((sum, count) => sum + count, 0), output: numberOf(usage, "output_tokens") ?? 0 };
}

function failureIn(result: JsonObject, { exitCode, stderr }: AgentOutput): TaskFailure | null {
  const subtype = textOf(result, "subtype") ?? "";
  const words = [textOf(result, "result") ?? "", ...listOf(result, "errors").map(String), stderr].join("\n");
  if (subtype === "error_max_turns") return overBudget("AGENT_MAX_TURNS", `It took ${numberOf(result, "num_turns") ?? "all its"} turns.`);
  if (subtype === "error_max_budget_usd")
    return overBudget("AGENT_MAX_COST", `It cost ${numberOf(result, "total_cost_usd") ?? "all its"} US dollars.`);
  // The schema is ours to check: what came instead is told to it once more.
  if (subtype === "error_max_structured_output_retries") return null;
  if (textOf(result, "stop_reason") === "refusal") return failureOf("refusal", 0, Date.now());
  if (memberOf(result, "is_error") !== true && !subtype.startsWith("error")) return null;
  if (isSessionMissing(words)) return sessionMissing(words);
  const status = numberOf(result, "api_error_status");
  return failureOf(status === null ? words : `${status} ${words}`, exitCode, Date.now());
}

function isSessionMissing(words: string): boolean {
  return /no conversation found with session id/i.test(words);
}

function sessionMissing(words: string): TaskFailure {
  return { class: "transient", code: "AGENT_SESSION_MISSING", title: "It does not know the conversation any more.", detail: words.trim() };
}

function deniedIn(result: JsonObject): readonly string[] {
  const names = listOf(result, "permission_denials").map((denial) => (isJsonObject(denial) ? textOf(denial, "tool_name") : null));
  return [...new Set(names.filter((name) => name !== null))];
}

function changedIn(events: readonly JsonObject[]): readonly string[] {
  const blocks: readonly Json[] = events.flatMap((event) => listOf(objectOf(event, "message"), "content"));
  return blocks.flatMap((block) => {
    if (!isJsonObject(block) || textOf(block, "type") !== "tool_use" || !EDIT_TOOLS.has(textOf(block, "name") ?? "")) return [];
    const input = objectOf(block, "input");
    const path = textOf(input, "file_path") ?? textOf(input, "notebook_path");
    return path === null ? [] : [path];
  });
}
