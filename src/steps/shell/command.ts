/** Makes the process specification of one attempt from the step's fields. */
import type { Json } from "../../core/json.ts";
import type { Field } from "../../plan/field.ts";
import type { AttemptContext } from "../../ports/attempt.ts";
import { environmentOf } from "../../ports/attempt-environment.ts";
import { attemptToken } from "../../ports/attempt-token.ts";
import type { Processes, ProcessSpec } from "../../ports/processes.ts";
import type { ShellStepOptions } from "./options.ts";
import { type BoundScript, bindScript, CLEANUP_PREFIX, RUN_PREFIX } from "./script.ts";
import { refuse, toArgument } from "./value.ts";

/** Kept of each stream, head and tail together. */
const CAPTURE_MAX_BYTES = 1024 * 1024;
/** Largest output of a step, by file or by stdout. */
export const OUTPUT_MAX_BYTES = 10 * 1024 * 1024;

export function directoryOf({ request }: Pick<AttemptContext, "request">, options: ShellStepOptions): string {
  return `${options.directory}/${request.runId}/${request.step.id}/${request.attempt}`;
}

/** @throws DefinitionError EXPR_* and failures of class `validation` for values that cannot be passed on. */
export function specOf(context: AttemptContext, options: ShellStepOptions): ProcessSpec {
  const { request } = context;
  const { config } = request.step;
  const variables: Record<string, string> = {};
  const interpreter = interpreterOf(context, options.processes);
  const script = scriptOf(context, config.run, RUN_PREFIX, variables);
  const cleanup = scriptOf(context, config.cleanup, CLEANUP_PREFIX, variables);
  const stdin = context.value("stdin");
  return {
    directory: directoryOf(context, options),
    token: `${attemptToken(options.directory, request)}${crypto.randomUUID()}`,
    epoch: request.epoch,
    argv: script === null ? argumentsOf(context, config.args) : interpreter,
    script,
    cwd: workingDirectory(context, config.cwd),
    env: { ...environmentOf(context, options.processes), ...variables },
    confinement: context.confinement,
    stdin: stdin === undefined ? null : toArgument(stdin, "stdin"),
    deadlineAt: request.deadlineAt,
    graceMs: request.graceMs,
    captureMaxBytes: context.value("stdout") === undefined ? CAPTURE_MAX_BYTES : OUTPUT_MAX_BYTES,
    masks: context.masks,
    cleanup: cleanup === null ? null : { argv: interpreter, script: cleanup },
  };
}

function interpreterOf(context: AttemptContext, processes: Processes): readonly [string, ...string[]] {
  const shell = context.value("shell");
  const words =
    typeof shell === "string" ? shell.split(/\s+/).filter((word) => word !== "") : ((shell as readonly string[] | undefined) ?? []); // the schema says so
  const [program, ...rest] = words;
  return program === undefined ? processes.interpreter : [program, ...rest];
}

/** The script's text; values of `{{ … }}` go into `variables`. Null where the field is left out. */
function scriptOf(
  context: AttemptContext,
  field: Field | undefined,
  prefix: typeof RUN_PREFIX | typeof CLEANUP_PREFIX,
  variables: Record<string, string>,
): string | null {
  if (field === undefined) return null;
  if (field.kind !== "text") return toArgument(context.evaluate(field), "script");
  const bound = bindScript(field.text, prefix);
  refuseUnsafe(bound);
  const textOf = (part: BoundScript["bindings"][number]["part"], name: string): string => {
    const value = context.evaluate({ ...field, text: { kind: "text", parts: [part] } });
    return toArgument(value, name);
  };
  for (const { name, part } of bound.bindings) variables[name] = textOf(part, name);
  return bound.pieces.map((piece) => (piece.kind === "text" ? piece.text : textOf(piece.part, "raw"))).join("");
}

/** A definition that was never validated must not run either. */
function refuseUnsafe({ findings }: BoundScript): void {
  const finding = findings.find(({ severity }) => severity === "error");
  if (finding !== undefined) refuse(finding.code, finding.message, finding.fix);
}

/** S-9: a value may not pose as an option. Numbers may be negative, and behind `--` nothing is an option. */
function argumentsOf(context: AttemptContext, field: Field | undefined): readonly [string, ...string[]] {
  const items = itemsOf(context, field);
  const argv: string[] = [];
  let isPastOptions = false;
  for (const { value, isOpen } of items) {
    const text = toArgument(value, `args[${argv.length}]`);
    if (isOpen && argv.length > 0 && !isPastOptions && typeof value === "string" && text.startsWith("-")) {
      refuse(
        "ARGUMENT_OPTION",
        `The value of args[${argv.length}] begins with \`-\` and would be read as an option.`,
        "Put the argument `--` before it, or write it as `--name={{ … }}`.",
      );
    }
    isPastOptions ||= text === "--" && !isOpen;
    argv.push(text);
  }
  const [program, ...rest] = argv;
  if (program === undefined || program === "")
    return refuse("SHELL_PROGRAM", "There is no program to run.", "Give `args` at least one non-empty item.");
  return [program, ...rest];
}

/** `isOpen`: its beginning comes from a value. */
function itemsOf(context: AttemptContext, field: Field | undefined): readonly { readonly value: Json; readonly isOpen: boolean }[] {
  if (field === undefined) return [];
  if (field.kind === "list")
    return field.items.map((item) => ({
      value: context.evaluate(item),
      isOpen: item.kind === "text" && item.text.parts[0]?.kind === "output",
    }));
  const value = context.evaluate(field);
  const isOpen = field.kind !== "literal";
  return (Array.isArray(value) ? (value as readonly Json[]) : [value]).map((item) => ({ value: item, isOpen }));
}

/** S-15: what comes from a value stays inside the workspace; an author's own text may name any place. */
function workingDirectory(context: AttemptContext, field: Field | undefined): string {
  const { workspace } = context.request;
  if (field === undefined) return workspace;
  const path = toArgument(context.evaluate(field), "cwd");
  if (path.startsWith("/") && field.kind === "literal") return path;
  if (path.startsWith("/") || path.includes("\\") || path.split("/").includes("..")) {
    refuse("PATH_OUTSIDE", `The working directory \`${path}\` is not below the workspace.`, "Use a relative path without `..`.");
  }
  return path === "" || path === "." ? workspace : `${workspace}/${path}`;
}
