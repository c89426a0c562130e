/** What can be said about a shell step before it runs (S-8, S-9). Pure. */
import type { Field } from "../../plan/field.ts";
import type { StepFinding } from "../../plan/step-type.ts";
import type { CompiledStep } from "../../plan/workflow.ts";
import { bindScript, CLEANUP_PREFIX, RUN_PREFIX } from "./script.ts";

export function checkShell({ config }: CompiledStep): readonly StepFinding[] {
  return [
    ...checkWhat(config),
    ...checkScript("run", config.run, RUN_PREFIX),
    ...checkScript("cleanup", config.cleanup, CLEANUP_PREFIX),
    ...checkArgs(config.args),
  ];
}

function checkWhat(config: CompiledStep["config"]): readonly StepFinding[] {
  const hasRun = config.run !== undefined;
  const hasArgs = config.args !== undefined;
  if (hasRun !== hasArgs) return [];
  const message = hasRun ? "`run` and `args` exclude each other." : "A shell step needs `run` or `args`.";
  return [{ code: "SHELL_COMMAND", severity: "error", message, field: hasRun ? "args" : "run", fix: "Give exactly one of them." }];
}

function checkScript(name: string, field: Field | undefined, prefix: typeof RUN_PREFIX | typeof CLEANUP_PREFIX): readonly StepFinding[] {
  if (field?.kind !== "text") return [];
  return bindScript(field.text, prefix).findings.map(({ severity, code, message, fix, part }) => ({
    severity,
    code,
    message,
    fix,
    field: name,
    ...(part !== null && { at: part.at }),
  }));
}

/** The program itself must be known: a value there would choose what is run. */
function checkArgs(field: Field | undefined): readonly StepFinding[] {
  const program = field?.kind === "list" ? field.items[0] : undefined;
  if (program === undefined || program.kind === "literal") return [];
  return [
    {
      code: "SHELL_PROGRAM",
      severity: "warning",
      message: "The program to run comes from a value.",
      field: "args[0]",
      fix: "Name the program, and choose between several with a `switch` step.",
    },
  ];
}
