import { text as readAll } from "node:stream/consumers";
import { defineCommand } from "../command.ts";
import { usage } from "../input.ts";
import { text } from "../option.ts";
import { answerLines, readScope, scopeOf, textOf } from "./eval.ts";

export const renderCommand = defineCommand({
  description: "Renders a template: text with {{ }}, {% if %}, {% for %}, {% set %}, as `type: template` steps do.",
  arguments: [{ name: "[file]", description: "the template; - is stdin; not needed with --jsonl", completes: "file" }],
  options: {
    input: { flags: "--input <file>", description: "value of `input`, as JSON or YAML; - is stdin", parse: text },
    scope: { flags: "--scope <file>", description: "values of all names: { input, steps, item, … }", parse: text },
    jsonl: { flags: "--jsonl", description: "read one { template, scope } a line from stdin, answer one { text } or { error } a line" },
  },
  examples: [{ line: "troupe render report.md --scope scope.json", meaning: "a file with its values" }],
  async run({ context, options, words: [file] }) {
    const { terminal } = context;
    const { render } = await import("../../main/pieces.ts");
    if (options.jsonl)
      return answerLines(terminal, (line) => ({ text: render(textOf(line.template, "template"), scopeOf(line.scope, undefined)) }));
    if (file === undefined) throw usage("`troupe render` needs a template file.", "`troupe render --help` shows an example.");
    const { readText } = await import("../../main/load-workflow.ts");
    const template = file === "-" ? await readAll(terminal.stdin) : readText(file);
    const scope = await readScope(options, terminal.stdin);
    context.texts.set("expression", { name: file === "-" ? "template" : file, text: template });
    terminal.data(render(template, scope));
    return 0;
  },
});
