import { isTroupeError } from "../../core/errors.ts";
import type { Finding } from "../../definition/finding.ts";
import { ciOption, inCi } from "../ci/in-ci.ts";
import { defineCommand } from "../command.ts";
import { type Context, settingsFor } from "../context.ts";
import { OUTPUT_FORMATS, oneOf } from "../option.ts";
import type { OptionSpec } from "../option-spec.ts";
import { printJson } from "../print.ts";
import { renderProblem } from "../render/problem.ts";
import { plural } from "../render/text.ts";
import { readSource } from "../report-error.ts";

const FORMATS = [...OUTPUT_FORMATS, "sarif", "codequality"] as const;

const formatOption = {
  flags: "-o, --output <format>",
  description: "text, json, jsonl (one JSON value a line), sarif (for code hosts and editors), or codequality (for GitLab)",
  parse: oneOf(FORMATS),
  choices: FORMATS,
} as const satisfies OptionSpec<(typeof FORMATS)[number]>;

export const validateCommand = defineCommand({
  description:
    "Checks workflow files: syntax, schema, references, cycles, types, unused and unreachable steps, and every rule of docs/rules.md about logic, performance, security and practice. Nothing is run and no code is loaded. A comment `# troupe: allow CODE` on a line, or on the one before it, takes a finding of a rule back.",
  arguments: [{ name: "<file...>", description: "workflow files", completes: "file" }],
  options: {
    strict: { flags: "--strict", description: "warnings count as errors" },
    ...ciOption,
    output: formatOption,
  },
  examples: [
    { line: "troupe validate *.troupe.yaml", meaning: "all workflows of a folder" },
    { line: "troupe validate build.troupe.yaml -o json", meaning: "findings with line, column and fix for an editor" },
    { line: "troupe validate *.troupe.yaml --ci", meaning: "in a CI job: findings are remarks at their lines" },
    { line: "troupe validate *.troupe.yaml -o sarif > troupe.sarif", meaning: "findings for a code host, as SARIF 2.1.0" },
  ],
  async run({ context: outside, options, words: files }) {
    const output = await formatFor(outside, options.output);
    const isReport = output === "sarif" || output === "codequality";
    return await inCi(outside, { ci: options.ci, output: isReport ? "json" : output }, async (context) => {
      const { terminal } = context;
      const [{ checkWorkflow }, { LINT_RULES }, { declarationsOf }] = await Promise.all([
        import("../../main/load-workflow.ts"),
        import("../../definition/lint/rules.ts"),
        import("../../main/declarations.ts"),
      ]);
      const declarations = declarationsOf([]);
      const findings = files.flatMap((file) => findingsOf(file, () => checkWorkflow(file, declarations, LINT_RULES).findings));
      const isBad = ({ severity }: Finding): boolean => severity === "error" || (severity === "warning" && options.strict);
      const ok = !findings.some(isBad);
      if (output === "sarif") {
        const { toSarif } = await import("../render/sarif.ts");
        printJson(terminal, toSarif(findings, context.version, LINT_RULES));
        return ok ? 0 : 2;
      }
      if (output === "codequality") {
        const { toCodeQuality } = await import("../render/code-quality.ts");
        printJson(terminal, toCodeQuality(findings, context.cwd));
        return ok ? 0 : 2;
      }
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
        context.ci?.remark({ severity, title: code, message: fix === null ? message : `${message}\n${fix}` }, { file, line, column });
      }
      const counted = (["error", "warning", "note"] as const).flatMap((severity) => {
        const count = findings.filter((finding) => finding.severity === severity).length;
        return count > 0 ? [plural(count, severity)] : [];
      });
      terminal.data(`${plural(files.length, "file")}: ${counted.length === 0 ? "valid" : counted.join(", ")}\n`);
      return ok ? 0 : 2;
    });
  },
});

/** Configuration knows the formats of every command only: these are asked for by whoever wants them. */
async function formatFor(context: Context, asked: (typeof FORMATS)[number] | undefined): Promise<(typeof FORMATS)[number]> {
  if (asked === "sarif" || asked === "codequality") return asked;
  return (await settingsFor(context, asked === undefined ? {} : { output: asked })).values.output;
}

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
