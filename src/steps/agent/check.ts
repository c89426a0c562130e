/** What can be said about an agent step before it runs (S-9, S-11). Pure. */
import { isJsonObject, type Json } from "../../core/json.ts";
import type { Field } from "../../plan/field.ts";
import type { StepFinding } from "../../plan/step-type.ts";
import type { CompiledStep } from "../../plan/workflow.ts";
import { adapterNamed } from "./adapters/index.ts";
import { isMemberPath } from "./custom-command.ts";
import { checkArgs, findDangerous } from "./dangerous.ts";
import { type Permissions, parsePermissions } from "./permissions.ts";

export function checkAgent(step: CompiledStep): readonly StepFinding[] {
  const { config } = step;
  const allow = literalOf(config.allow) as readonly string[] | undefined; // the schema says so
  const parsed = allow === undefined ? null : parsePermissions(allow);
  return [
    ...checkWho(step),
    ...checkPrompt(config),
    ...(parsed?.ok === false ? [allowFinding(parsed.problem, parsed.index)] : []),
    ...checkExtra(config),
    ...checkCustom(config),
    ...checkContext(config),
    ...checkLimits(config, parsed?.ok === true ? parsed.permissions : null),
  ];
}

type Config = CompiledStep["config"];

function checkWho({ config, tool }: CompiledStep): readonly StepFinding[] {
  const agent = literalOf(config.agent);
  const asked = tool !== null && (tool.name !== null || tool.needs.length > 0 || tool.prefer !== null);
  if (agent !== undefined && asked)
    return [error("AGENT_TOOL", "`agent` and `tool` exclude each other.", "tool", "Give exactly one of them.")];
  if (agent === undefined && !asked)
    return [
      error(
        "AGENT_TOOL",
        "An agent step needs `agent` or `tool`.",
        "agent",
        "Write `agent: claude_code`, or `tool: { needs: [code-edit] }`.",
      ),
    ];
  return [];
}

function checkPrompt(config: Config): readonly StepFinding[] {
  if (config.prompt !== undefined || config.prompt_file !== undefined) return [];
  return [error("AGENT_PROMPT", "An agent step needs `prompt` or `prompt_file`.", "prompt", "Give one of them.")];
}

function allowFinding(problem: string, index: number): StepFinding {
  return error(
    "AGENT_ALLOW",
    problem,
    `allow[${index}]`,
    "Use `read`, `edit`, `network`, `bash`, or `bash(npm test)` for a single command.",
  );
}

function checkExtra(config: Config): readonly StepFinding[] {
  const args = (literalOf(config.args) as readonly string[] | undefined) ?? []; // the schema says so
  const danger = findDangerous(args);
  if (danger !== -1) return [dangerFinding(String(args[danger]), `args[${danger}]`)];
  const adapter = adapterNamed(String(literalOf(config.agent)));
  const problem = adapter === null ? null : checkArgs(args, adapter);
  if (adapter === null || problem === null) return [];
  const admitted = adapter.extraOptions.length === 0 ? "This agent takes none." : `It may be one of ${adapter.extraOptions.join(", ")}.`;
  return [error("AGENT_ARGS", problem.problem, `args[${problem.index}]`, admitted)];
}

function dangerFinding(arg: string, field: string): StepFinding {
  return error("AGENT_DANGEROUS", `\`${arg}\` gives up a protection.`, field, "Leave it out, and say what the agent may do in `allow`.");
}

function checkCustom(config: Config): readonly StepFinding[] {
  const custom = entriesOf(config.custom);
  const isOwn = literalOf(config.agent) === "custom";
  const command = custom === null ? undefined : custom.command;
  if (isOwn && command === undefined)
    return [error("AGENT_CUSTOM", "`agent: custom` needs `custom.command`.", "custom", "Give the program and its arguments as a list.")];
  if (custom === null) return [];
  if (!isOwn && command !== undefined)
    return [
      error(
        "AGENT_CUSTOM",
        "`custom.command` belongs to `agent: custom`; a tool has a command already.",
        "custom.command",
        "Leave it out.",
      ),
    ];
  return [...checkCommand(command), ...checkMap(custom)];
}

function checkCommand(command: Field | undefined): readonly StepFinding[] {
  const items = itemsOf(command);
  const danger = findDangerous(
    items.map((item) => (item.kind === "literal" ? String(item.value) : item.kind === "text" ? item.source : "")),
  );
  const program = items[0];
  return [
    ...(danger === -1 ? [] : [dangerFinding(sourceOf(items[danger]), `custom.command[${danger}]`)]),
    ...(program === undefined || program.kind === "literal"
      ? []
      : [error("AGENT_PROGRAM", "The program to run comes from a value.", "custom.command[0]", "Name the program.")]),
  ];
}

function checkMap(custom: Readonly<Record<string, Field>>): readonly StepFinding[] {
  const map = literalOf(custom.map);
  const format = literalOf(custom.format) ?? "text";
  if (format === "text")
    return isJsonObject(map)
      ? [error("AGENT_CUSTOM", "`custom.map` needs `format: json` or `jsonl`.", "custom.map", "Add the format.")]
      : [];
  if (!isJsonObject(map) || (map.text === undefined && map.structured === undefined))
    return [
      error("AGENT_CUSTOM", `\`format: ${String(format)}\` needs to know where the answer stands.`, "custom", "Add `map: { text: … }`."),
    ];
  return Object.keys(map)
    .filter((member) => !isMemberPath(String(map[member])))
    .map((member) =>
      error("AGENT_CUSTOM", `\`${String(map[member])}\` is no path.`, `custom.map.${member}`, "Write names joined by dots."),
    );
}

function checkContext(config: Config): readonly StepFinding[] {
  const context = literalOf(config.context);
  const files = isJsonObject(context) && Array.isArray(context.files) ? (context.files as readonly Json[]) : [];
  return files.flatMap((file, index) => {
    if (!isJsonObject(file) || (file.path === undefined) !== (file.glob === undefined)) return [];
    return [
      error(
        "AGENT_CONTEXT",
        "A file of the context needs either `path` or `glob`.",
        `context.files[${index}]`,
        "Give exactly one of them.",
      ),
    ];
  });
}

/** What the author says and will not be kept is better known before the money is spent. What goes for the agent always is in its documentation. */
function checkLimits(config: Config, permissions: Permissions | null): readonly StepFinding[] {
  const adapter = adapterNamed(String(literalOf(config.agent)));
  if (adapter === null) return [];
  const number = (name: string): number | null => (literalOf(config[name]) as number | undefined) ?? null; // the schema says so
  const asked = {
    permissions,
    maxUsd: number("max_usd"),
    maxTurns: number("max_turns"),
    loadsProject: (literalOf(config.project_config) as boolean | undefined) ?? null, // the schema says so
    model: config.model === undefined ? null : "",
  };
  return adapter.limits(asked).map((message) => ({
    code: "AGENT_LIMIT",
    severity: "warning",
    message,
    field: "agent",
    fix: "See `docs/agents.md` for what each agent can be held to.",
  }));
}

function literalOf(field: Field | undefined): Json | undefined {
  if (field?.kind === "literal") return field.value;
  if (field?.kind === "list") return field.items.map((item) => literalOf(item) ?? null);
  if (field?.kind !== "map") return undefined;
  return Object.fromEntries(Object.entries(field.entries).map(([key, entry]) => [key, literalOf(entry) ?? null]));
}

function entriesOf(field: Field | undefined): Readonly<Record<string, Field>> | null {
  if (field?.kind === "map") return field.entries;
  if (field?.kind !== "literal" || !isJsonObject(field.value)) return null;
  return Object.fromEntries(Object.entries(field.value).map(([key, value]): [string, Field] => [key, { kind: "literal", value }]));
}

function itemsOf(field: Field | undefined): readonly Field[] {
  if (field?.kind === "list") return field.items;
  const value = field?.kind === "literal" ? field.value : undefined;
  return Array.isArray(value) ? (value as readonly Json[]).map((item): Field => ({ kind: "literal", value: item })) : [];
}

function sourceOf(field: Field | undefined): string {
  return field?.kind === "text" ? field.source : field?.kind === "literal" ? String(field.value) : "";
}

function error(code: string, message: string, field: string, fix: string): StepFinding {
  return { code, severity: "error", message, field, fix };
}
