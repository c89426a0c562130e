/** Gemini CLI: `gemini --output-format stream-json`, the prompt on its standard input. */
import type { TaskFailure } from "../../../core/failure.ts";
import type { JsonObject } from "../../../core/json.ts";
import { type AgentAdapter, type AgentAnswer, type AgentOutput, type AgentRequest, type Invocation, NO_ANSWER } from "../adapter.ts";
import { cutShort, failureOf, overBudget } from "../failures.ts";
import { numberOf, objectOf, parseLines, textOf } from "../json-lines.ts";

/** Exit codes that it documents or names in its fatal errors. */
const EXIT_AUTH = 41;
const EXIT_INPUT = 42;
const EXIT_CONFIG = 52;
const EXIT_TURNS = 53;
const EXIT_UNTRUSTED = 55;
const EDIT_TOOLS: ReadonlySet<string> = new Set(["write_file", "replace", "edit"]);

export const gemini: AgentAdapter = {
  resumes: true,
  takesFiles: false,
  takesSchema: () => false,
  countsSession: false,
  extraOptions: ["--debug"],
  limits({ permissions, maxUsd, maxTurns, loadsProject }) {
    const { network, bash } = permissions ?? { network: true, bash: [] };
    return [
      ...(network ? [] : ["Gemini CLI has no option against web searches; a policy file of the user's can forbid them."]),
      ...(bash !== "any" && bash.length > 0 ? ["Gemini CLI allows every command that begins with an allowed one."] : []),
      ...(maxUsd === null ? [] : ["Gemini CLI tells no cost and stops at none: `max_usd` is not passed on."]),
      ...(maxTurns === null ? [] : ["Gemini CLI takes its limit on turns from its settings only: `max_turns` is not passed on."]),
      ...(loadsProject === false
        ? ["Gemini CLI loads `.gemini/settings.json` of the workspace unless its trusted folders are switched on."]
        : []),
    ];
  },
  toInvocation,
  parse,
};

function toInvocation({ prompt, model, permissions, session, args }: AgentRequest): Invocation {
  const { edit, network, bash } = permissions;
  const commands = bash === "any" ? ["run_shell_command"] : bash.map((command) => `run_shell_command(${command.replace(/\s*\*$/, "")})`);
  const allowed = [...commands, ...(network ? ["web_fetch", "google_web_search"] : [])];
  return {
    args: [
      "--output-format=stream-json",
      // Nobody is there to be asked: what would need asking is denied.
      `--approval-mode=${edit ? "auto_edit" : "default"}`,
      ...(allowed.length === 0 ? [] : [`--allowed-tools=${allowed.join(",")}`]),
      ...(model === null ? [] : [`--model=${model}`]),
      ...(session === null ? [] : [`--resume=${session}`]),
      ...args,
    ],
    env: {},
    stdin: prompt,
    file: null,
  };
}

function parse(output: AgentOutput): AgentAnswer {
  const events = parseLines(output.stdout);
  const ofType = (type: string): readonly JsonObject[] => events.filter((event) => textOf(event, "type") === type);
  const result = ofType("result").at(-1) ?? null;
  const stats = objectOf(result, "stats");
  const used = ofType("tool_use");
  const base: AgentAnswer = {
    ...NO_ANSWER,
    text: lastWords(events),
    usage: stats && { input: numberOf(stats, "input_tokens") ?? 0, output: numberOf(stats, "output_tokens") ?? 0 },
    session: textOf(ofType("init").at(0), "session_id"),
    changed: used
      .filter((event) => EDIT_TOOLS.has(textOf(event, "tool_name") ?? ""))
      .flatMap((event) => textOf(objectOf(event, "parameters"), "file_path") ?? []),
    isFinal: result !== null,
  };
  if (result !== null && textOf(result, "status") === "success" && output.exitCode === 0) return base;
  return { ...base, failure: failureIn(result, events, output) };
}

/** What it said behind its last use of a tool. */
function lastWords(events: readonly JsonObject[]): string {
  let text = "";
  let isOver = false;
  for (const event of events) {
    const type = textOf(event, "type");
    if (type === "tool_use" || type === "tool_result") isOver = true;
    if (type !== "message" || textOf(event, "role") !== "assistant") continue;
    const content = textOf(event, "content") ?? "";
    text = isOver || event.delta !== true ? content : text + content;
    isOver = false;
  }
  return text;
}

function failureIn(result: JsonObject | null, events: readonly JsonObject[], { exitCode, stderr, isCut }: AgentOutput): TaskFailure {
  const told = textOf(objectOf(result, "error"), "message");
  const warned = textOf(
    events.findLast((event) => textOf(event, "type") === "error" && textOf(event, "severity") === "error"),
    "message",
  );
  const words = told ?? warned ?? stderr;
  const more = { detail: words.trim(), exitCode };
  switch (exitCode) {
    case EXIT_AUTH:
      return { ...failureOf("401", exitCode, Date.now()), ...more };
    case EXIT_TURNS:
      return overBudget("AGENT_MAX_TURNS", words.trim());
    case EXIT_UNTRUSTED:
      return {
        class: "permanent",
        code: "AGENT_UNTRUSTED",
        title: "It does not work in a folder that it was not told to trust.",
        ...more,
        hint: "Trust the folder in the CLI once, or set GEMINI_TRUST_WORKSPACE under `env` of the step.",
      };
    case EXIT_INPUT:
    case EXIT_CONFIG:
      if (/session|resume/i.test(words))
        return { class: "transient", code: "AGENT_SESSION_MISSING", title: "It does not know the conversation any more.", ...more };
      return { class: "permanent", code: "AGENT_INPUT", title: "It did not accept how it was called.", ...more };
    default:
      return exitCode === 0 && told === null && warned === null ? cutShort(isCut) : failureOf(words, exitCode, Date.now());
  }
}
