/** The fields of a shell step. */
import type { StepTypeDeclaration } from "../../plan/step-type.ts";
import { checkShell } from "./check.ts";

export const shellDeclaration: StepTypeDeclaration = {
  type: "shell",
  summary: "Runs a script or a program; values reach it as variables or arguments, never as code.",
  properties: {
    run: { type: "string", minLength: 1, description: "Script text. Each `{{ … }}` becomes a quoted reference to a variable." },
    args: {
      type: "array",
      items: { type: ["string", "number", "boolean"] },
      minItems: 1,
      description: "Program and arguments, run without a shell.",
    },
    shell: {
      anyOf: [
        { type: "string", minLength: 1 },
        { type: "array", items: { type: "string" }, minItems: 1 },
      ],
      description:
        "Interpreter of `run` and `cleanup`; the script's path is appended. Default `bash -euo pipefail`, or `sh -eu` where there is no bash.",
    },
    cwd: { type: "string", description: "Working directory, relative to the workspace. Default: the workspace." },
    stdin: { type: "string", description: "Text for the standard input; without it, it is empty." },
    success_codes: {
      type: "array",
      items: { type: "integer", minimum: 0, maximum: 255 },
      minItems: 1,
      description: "Exit codes that count as success. Default: 0.",
    },
    cleanup: { type: "string", description: "Script that runs after the command, however it ended, for at most the grace period." },
    stdout: {
      enum: ["text", "json", "lines"],
      description: "Makes what the command prints its output. Otherwise the output is what it wrote to the file `$TROUPE_OUTPUT`.",
    },
  },
  required: [],
  fields: {
    run: "text",
    args: "text",
    shell: "literal",
    cwd: "text",
    stdin: "text",
    success_codes: "literal",
    cleanup: "text",
    stdout: "literal",
  },
  inferredBy: "run",
  check: checkShell,
};
