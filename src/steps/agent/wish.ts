/** What a step asks of an agent: its fields, read once. */
import type { JsonObject } from "../../core/json.ts";
import { isJsonObject, type Json } from "../../core/json.ts";
import { CONTEXT_PRIORITY_DEFAULT } from "../../plan/context-budget.ts";
import type { Field } from "../../plan/field.ts";
import type { AttemptContext } from "../../ports/attempt.ts";
import type { ContextWish } from "./context.ts";
import { CUSTOM_MEMBERS, type CustomCommand, type CustomFormat, type CustomMember, PLAIN_COMMAND } from "./custom-command.ts";
import { findDangerous } from "./dangerous.ts";
import { failStep } from "./fail-step.ts";
import { PERMISSIONS_DEFAULT, type Permissions, parsePermissions } from "./permissions.ts";

export interface AgentWish {
  /** Name of the tool; null where the router chooses. */
  readonly agent: string | null;
  readonly task: string;
  readonly model: string | null;
  readonly maxUsd: number | null;
  readonly maxTurns: number | null;
  readonly permissions: Permissions;
  readonly args: readonly string[];
  readonly loadsProject: boolean;
  readonly resumes: boolean;
  readonly context: ContextWish;
  readonly schema: JsonObject | null;
  readonly custom: CustomCommand | null;
  /** Program of a command of one's own; null where the tool brings it. */
  readonly program: readonly [string, ...string[]] | null;
}

/** @throws DefinitionError EXPR_* and failures of class `validation` for values that cannot be passed on */
export function readWish(context: AttemptContext): AgentWish {
  const number = (name: string): number | null => (context.value(name) as number | undefined) ?? null; // the schema says so
  const model = context.value("model");
  const argv = readCommand(context);
  return {
    agent: (context.value("agent") as string | undefined) ?? null, // the schema says so
    task: toText(context.value("prompt")),
    model: model === undefined || model === null ? null : toText(model),
    maxUsd: number("max_usd"),
    maxTurns: number("max_turns"),
    permissions: readPermissions(context.value("allow")),
    args: (context.value("args") as readonly string[] | undefined) ?? [], // the schema says so
    loadsProject: context.value("project_config") === true,
    resumes: context.value("resume") !== false,
    context: readContext(context.value("context")),
    schema: context.request.step.outputSchema,
    custom: readCustom(context.value("custom"), argv?.slice(1) ?? []),
    program: argv?.[0] === undefined ? null : [argv[0]],
  };
}

function readPermissions(allow: Json | undefined): Permissions {
  if (allow === undefined) return PERMISSIONS_DEFAULT;
  const parsed = parsePermissions(allow as readonly string[]); // the schema says so
  return parsed.ok
    ? parsed.permissions
    : failStep("AGENT_ALLOW", parsed.problem, "Use read, edit, network, bash or bash(command).", "validation");
}

function readContext(value: Json | undefined): ContextWish {
  const given = isJsonObject(value) ? value : {};
  const files = (given.files ?? []) as readonly Json[]; // the schema says so
  return {
    files: files.map((file) => {
      const { path, glob, priority } = isJsonObject(file) ? file : { path: file };
      return { pattern: toText(path ?? glob), priority: typeof priority === "number" ? priority : CONTEXT_PRIORITY_DEFAULT };
    }),
    maxTokens: typeof given.max_tokens === "number" ? given.max_tokens : null,
    keep: ((given.keep ?? []) as readonly Json[]).map(toText), // the schema says so
  };
}

function readCustom(value: Json | undefined, args: readonly string[]): CustomCommand | null {
  if (!isJsonObject(value)) return null;
  const map: Partial<Record<CustomMember, string>> = {};
  const given = isJsonObject(value.map) ? value.map : {};
  for (const member of CUSTOM_MEMBERS) if (typeof given[member] === "string") map[member] = given[member];
  return {
    args,
    prompt: value.prompt === "file" ? "file" : "stdin",
    format: (value.format as CustomFormat | undefined) ?? PLAIN_COMMAND.format, // the schema says so
    map,
    resume: (value.resume as readonly string[] | undefined) ?? null, // the schema says so
  };
}

/** S-9: what comes from a value may not pose as an option; behind `--` nothing is one. S-11: no protection is given up, wherever it comes from. */
function readCommand(context: AttemptContext): readonly string[] | null {
  const items = commandItems(context.request.step.config.custom);
  if (items === null) return null;
  const argv: string[] = [];
  for (const item of items) {
    const value = toText(context.evaluate(item));
    const isOpen = item.kind === "text" && item.text.parts[0]?.kind === "output";
    if (isOpen && value.startsWith("-") && !argv.includes("--"))
      failStep(
        "ARGUMENT_OPTION",
        `The value of custom.command[${argv.length}] begins with \`-\` and would be read as an option.`,
        "Put the argument `--` before it, or write it as `--name={{ … }}`.",
        "validation",
      );
    if (value.includes("\0"))
      failStep("VALUE_NUL", "A value holds a NUL character, which no process can be given.", "Look at custom.command.", "validation");
    argv.push(value);
  }
  const danger = findDangerous(argv);
  if (danger !== -1)
    failStep("AGENT_DANGEROUS", `\`${argv[danger]}\` gives up a protection.`, "Say what the agent may do in `allow`.", "policy");
  return argv;
}

function commandItems(field: Field | undefined): readonly Field[] | null {
  const command = field?.kind === "map" ? field.entries.command : undefined;
  if (command?.kind === "list") return command.items;
  const value =
    command?.kind === "literal" ? command.value : field?.kind === "literal" && isJsonObject(field.value) ? field.value.command : undefined;
  return Array.isArray(value) ? (value as readonly Json[]).map((item): Field => ({ kind: "literal", value: item })) : null;
}

function toText(value: Json | undefined): string {
  return typeof value === "string" ? value : value === undefined || value === null ? "" : JSON.stringify(value);
}
