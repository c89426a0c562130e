/** Codex: `codex exec --json`, the prompt on its standard input. Its sandbox, not a list of tools, bounds what it can do. */
import { isJsonObject, type Json, type JsonObject } from "../../../core/json.ts";
import { type AgentAdapter, type AgentAnswer, type AgentOutput, type AgentRequest, type Invocation, NO_ANSWER } from "../adapter.ts";
import { cutShort, failureOf } from "../failures.ts";
import { listOf, numberOf, objectOf, parseLines, textOf } from "../json-lines.ts";

const COMMANDS_UNBOUND =
  "Codex runs any command inside its sandbox (no network, writes in the workspace only); single commands cannot be allowed or forbidden.";

export const codex: AgentAdapter = {
  resumes: true,
  takesFiles: false,
  // The option for the schema belongs to new conversations only, and its path has to be the last argument.
  takesSchema: (schema, isResumed) => !isResumed && isStrictSchema(schema),
  countsSession: true,
  extraOptions: ["--oss", "--local-provider"],
  limits({ permissions, maxUsd, maxTurns }) {
    return [
      ...(permissions === null || permissions.bash === "any" ? [] : [COMMANDS_UNBOUND]),
      ...(maxUsd === null ? [] : ["Codex tells no cost and stops at none: `max_usd` is not passed on."]),
      ...(maxTurns === null ? [] : ["Codex has no limit on turns: `max_turns` is not passed on."]),
    ];
  },
  toInvocation,
  parse,
};

function toInvocation({ prompt, model, permissions, schema, session, args, loadsProject }: AgentRequest): Invocation {
  const { edit, network } = permissions;
  const passesSchema = schema !== null && session === null;
  return {
    args: [
      "exec",
      "--json",
      "--color=never",
      "--skip-git-repo-check",
      `--sandbox=${edit ? "workspace-write" : "read-only"}`,
      '--config=approval_policy="never"',
      `--config=sandbox_workspace_write.network_access=${network}`,
      `--config=web_search="${network ? "live" : "disabled"}"`,
      ...(loadsProject ? [] : ["--ignore-rules"]),
      ...(model === null ? [] : [`--model=${model}`]),
      ...args,
      ...(session === null ? [] : ["resume", session]),
      "-",
      ...(passesSchema ? ["--output-schema"] : []),
    ],
    env: {},
    stdin: prompt,
    file: passesSchema ? JSON.stringify(schema) : null,
  };
}

function parse(output: AgentOutput): AgentAnswer {
  const events = parseLines(output.stdout);
  const ofType = (type: string): readonly JsonObject[] => events.filter((event) => textOf(event, "type") === type);
  const items = ofType("item.completed").map((event) => objectOf(event, "item"));
  const completed = ofType("turn.completed");
  const failed = ofType("turn.failed").at(-1);
  // Each report counts from the beginning of the thread.
  const usage = objectOf(completed.at(-1), "usage");
  const base: AgentAnswer = {
    ...NO_ANSWER,
    text:
      textOf(
        items.findLast((item) => textOf(item, "type") === "agent_message"),
        "text",
      ) ?? "",
    usage: usage && { input: numberOf(usage, "input_tokens") ?? 0, output: numberOf(usage, "output_tokens") ?? 0 },
    session: textOf(ofType("thread.started").at(0), "thread_id"),
    turns: completed.length === 0 ? null : completed.length,
    changed: items.filter((item) => textOf(item, "type") === "file_change").flatMap((item) => listOf(item, "changes").flatMap(pathOf)),
    denied: items.filter((item) => textOf(item, "status") === "declined").map((item) => textOf(item, "command") ?? "command"),
    isFinal: completed.length > 0 || failed !== undefined,
  };
  if (completed.length > 0 && failed === undefined && output.exitCode === 0) return base;
  const message = textOf(objectOf(failed, "error"), "message") ?? textOf(ofType("error").at(-1), "message");
  const words = message ?? output.stderr;
  if (message === null && output.exitCode === 0) return { ...base, failure: cutShort(output.isCut) };
  if (/no (saved )?(session|conversation|rollout|thread) .{0,60}found|thread .{0,60}not found/i.test(words)) {
    const title = "It does not know the conversation any more.";
    return { ...base, failure: { class: "transient", code: "AGENT_SESSION_MISSING", title, detail: words.trim() } };
  }
  return { ...base, failure: failureOf(words, output.exitCode, Date.now()) };
}

function pathOf(change: Json): readonly string[] {
  const path = isJsonObject(change) ? textOf(change, "path") : null;
  return path === null ? [] : [path];
}

/** The service takes only schemas whose objects are closed and require all they name; any other is told in the prompt. */
export function isStrictSchema(schema: Json): boolean {
  if (Array.isArray(schema)) return (schema as readonly Json[]).every(isStrictSchema);
  if (!isJsonObject(schema)) return true;
  const properties = objectOf(schema, "properties");
  if (schema.type === "object" || properties !== null) {
    const required = listOf(schema, "required");
    const isClosed = schema.additionalProperties === false && Object.keys(properties ?? {}).every((key) => required.includes(key));
    if (!isClosed) return false;
  }
  return Object.keys(schema).every((key) => key === "enum" || key === "const" || isStrictSchema(schema[key] ?? null));
}
