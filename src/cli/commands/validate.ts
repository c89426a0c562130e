import { isTroupeError } from "../../core/errors.ts";
import type { Finding } from "../../definition/finding.ts";
import { defineCommand } from "../command.ts";
import { settingsFor } from "../context.ts";
import { outputOption } from "../option.ts";
import { printJson } from "../print.ts";
import { renderProblem } from "../render/problem.ts";
import { plural } from "../render/text.ts";
import { readSource } from "../report-error.ts";

export const validateCommand = defineCommand({
  description:
    "Checks workflow files: syntax, schema, references, cycles, types, unused and unreachable steps. Nothing is run and no code is loaded.",
  arguments: [{ name: "<file...>", description: "workflow files", completes: "file" }],
  options: {
    strict: { flags: "--strict", description: "warnings count as errors" },
    output: outputOption,
  },
  examples: [
    { line: "troupe validate *.troupe.yaml", meaning: "all workflows of a folder" },
    { line: "troupe validate build.troupe.yaml -o json", meaning: "findings with line, column and fix for an editor" },
  ],
  async run({ context, options, words: files }) {
    const { terminal } = context;
    const { output } = (await settingsFor(context, options)).values;
    const [{ checkWorkflow }, { declarationsOf }] = await Promise.all([
      import("../../main/load-workflow.ts"),
      import("../../main/declarations.ts"),
    ]);
    const declarations = declarationsOf([]);
    const findings = files.flatMap((file) => findingsOf(file, () => checkWorkflow(file, declarations).findings));
    const isBad = ({ severity }: Finding): boolean => severity === "error" || options.strict;
    const ok = !findings.some(isBad);
    if (output !== "text") {
      const shown = findings.map(({ code, severity, message, path, file, line, column, fix }) => ({
        code,
        severity,
        message,
        path,
        file,
        line,
        column,
        fix,
      }));
      printJson(terminal, { ok, findings: shown }, output);
      return ok ? 0 : 2;
    }
    for (const { code, severity, message, file, line, column, length, fix } of findings) {
      const problem = {
        code,
        severity,
        message,
        place: { file, line, column, length },
        source: readSource(file),
        ...(fix !== null && { fix }),
      };
      terminal.note(`${renderProblem(problem, terminal.noteLook).join("\n")}\n\n`);
    }
    const errors = findings.filter(({ severity }) => severity === "error").length;
    const warnings = findings.length - errors;
    const counted = [errors > 0 ? plural(errors, "error") : "", warnings > 0 ? plural(warnings, "warning") : ""]
      .filter((part) => part !== "")
      .join(", ");
    terminal.data(`${plural(files.length, "file")}: ${counted === "" ? "valid" : counted}\n`);
    return ok ? 0 : 2;
  },
});

/** A file that cannot be read is a finding like others, so that the rest are checked and a program gets the shape it knows. */
function findingsOf(file: string, check: () => readonly Finding[]): readonly Finding[] {
  try {
    return check();
  } catch (thrown) {
    if (!isTroupeError(thrown) || thrown.code !== "FILE_UNREADABLE") throw thrown;
    const { code, message, fix = null } = thrown;
    return [{ code, severity: "error", message, path: "", file, line: 1, column: 1, length: 0, fix }];
  }
}
