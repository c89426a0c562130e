import { createInterface } from "node:readline";
import { isTroupeError, type TroupeError, toError } from "../../core/errors.ts";
import { isJsonObject, type Json, type JsonObject } from "../../core/json.ts";
import { defineCommand } from "../command.ts";
import { settingsFor } from "../context.ts";
import { parseJson, readDocument, usage } from "../input.ts";
import { outputOption, text } from "../option.ts";
import { printJson } from "../print.ts";

export const evalCommand = defineCommand({
  description: "Evaluates an expression of the workflow language.",
  arguments: [{ name: "[expr]", description: "the expression; not needed with --jsonl" }],
  options: {
    input: { flags: "--input <file>", description: "value of `input`, as JSON or YAML; - is stdin", parse: text },
    scope: { flags: "--scope <file>", description: "values of all names: { input, steps, item, … }", parse: text },
    jsonl: {
      flags: "--jsonl",
      description: "read one { expr, input?, scope? } a line from stdin, answer one { value } or { error } a line",
    },
    output: outputOption,
  },
  examples: [
    { line: "troupe eval '1 + 2 * 3'", meaning: "arithmetic" },
    { line: `echo '{"load":900}' | troupe eval '$input.load > 500 AND "M20" IN ["M20","M25"]' --input -`, meaning: "with values" },
    { line: "troupe eval 'steps.build.output.files | length' --scope scope.json", meaning: "as a step would see it" },
  ],
  async run({ context, options, words: [expr] }) {
    const { terminal } = context;
    const { evaluate } = await import("../../main/pieces.ts");
    if (options.jsonl)
      return answerLines(terminal, (line) => ({ value: evaluate(textOf(line.expr, "expr"), scopeOf(line.scope, line.input)) }));
    if (expr === undefined) throw usage("`troupe eval` needs an expression.", "`troupe eval --help` shows examples.");
    const scope = await readScope(options, terminal.stdin);
    const { output } = (await settingsFor(context, options)).values;
    context.texts.set("expression", { name: "expression", text: expr });
    const value = evaluate(expr, scope);
    if (output !== "text") printJson(terminal, { value }, output);
    else terminal.data(`${typeof value === "string" ? value : JSON.stringify(value, null, 2)}\n`);
    return 0;
  },
});

/** The values of names from `--scope`, and over them `input` from `--input`. */
export async function readScope(
  { input, scope }: { readonly input: string | undefined; readonly scope: string | undefined },
  stdin: NodeJS.ReadableStream,
): Promise<JsonObject> {
  if (input === "-" && scope === "-") throw usage("Only one of --input and --scope can be stdin.");
  return scopeOf(
    scope === undefined ? undefined : await readDocument(scope, stdin),
    input === undefined ? undefined : await readDocument(input, stdin),
  );
}

export function scopeOf(scope: Json | undefined, input: Json | undefined): JsonObject {
  if (scope !== undefined && !isJsonObject(scope)) throw usage("A scope is a map of names: { input, steps, item, … }.");
  return { ...scope, ...(input !== undefined && { input }) };
}

export function textOf(value: Json | undefined, name: string): string {
  if (typeof value !== "string") throw usage(`Each line is a JSON object with a text \`${name}\`.`);
  return value;
}

/** One answer a line, in order; a line that cannot be answered says so and the next one is read. */
export async function answerLines(
  terminal: { readonly stdin: NodeJS.ReadableStream; data(text: string): void },
  answer: (line: JsonObject) => object,
): Promise<number> {
  for await (const line of createInterface({ input: terminal.stdin, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line.trim() === "") continue;
    terminal.data(`${JSON.stringify(answerOf(line, answer))}\n`);
  }
  return 0;
}

function answerOf(line: string, answer: (line: JsonObject) => object): object {
  try {
    const given = parseJson(line, "The line");
    return answer(isJsonObject(given) ? given : {});
  } catch (thrown) {
    const error = toError(thrown);
    if (!isTroupeError(error)) throw error;
    return { error: errorOf(error) };
  }
}

function errorOf({ code, message, place }: TroupeError): object {
  return { code, message, line: place?.line ?? null, column: place?.column ?? null };
}
