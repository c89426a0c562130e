/** Writes `docs/rules.md` from the rules of the validator. */
import { FAMILIES, type Family, type LintRule } from "../src/definition/lint/rule.ts";
import { LINT_RULES } from "../src/definition/lint/rules.ts";
import { emitFile } from "./generated-file.ts";

const FAMILY: Readonly<Record<Family, readonly [title: string, meaning: string]>> = {
  logic: ["Logic", "What cannot do what it says."],
  performance: ["Performance", "Time and places that are lost."],
  security: ["Security", "Secrets, foreign code and permissions."],
  practice: ["Practice", "What experience asks for."],
};

const example = (title: string, text: string): string[] => ["", title, "", "```yaml", text.trimEnd(), "```"];

const ruleLines = ({ code, severity, what, why, fix, bad, good }: LintRule): string[] => [
  "",
  `### ${code}`,
  "",
  `**${severity}**: ${what}.`,
  "",
  why,
  "",
  `Fix: ${fix}`,
  ...example("Found in", bad.replace(/^/, `# finds ${code}\n`)),
  ...example("Not found in", good),
];

const lines = [
  "# Rules of `troupe validate`",
  "",
  "<!-- Generated from src/definition/lint by `npm run generate`. -->",
  "",
  "`troupe validate` first compiles a workflow: syntax, shape, names, references, circles, types of expressions, phases, secrets. What is wrong there has",
  "a code that begins with `DEF_`, all of which are in [errors.md](errors.md); step types add codes of their own, such as `SHELL_RAW`. A workflow that",
  "compiles is then looked at with the rules on this page.",
  "",
  "An **error** makes the command end with exit code 2, a **warning** does under `--strict`, a **note** never does. `-o sarif` writes all of them for code hosts",
  "and editors. A comment takes a finding back, on its line or on the line before:",
  "",
  "```yaml",
  "steps:",
  "  # troupe: allow LINT_NO_TIMEOUT",
  "  - { id: build, run: make }",
  "```",
  "",
  "Every example on this page is executed by a test: the first of a rule has exactly that finding, the second has none.",
];
for (const family of FAMILIES) {
  const rules = LINT_RULES.filter((rule) => rule.family === family);
  const [title, meaning] = FAMILY[family];
  lines.push("", `## ${title}`, "", meaning, "", "| rule | severity | finds |", "|---|---|---|");
  for (const { code, severity, what } of rules)
    lines.push(`| [${code}](#${code.toLowerCase()}) | ${severity} | ${what.replaceAll("|", "\\|")} |`);
  for (const rule of rules) lines.push(...ruleLines(rule));
}
emitFile("docs/rules.md", `${lines.join("\n")}\n`);
