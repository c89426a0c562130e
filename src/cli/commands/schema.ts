import { isJsonObject, type JsonObject } from "../../core/json.ts";
import { nearestName } from "../../core/nearest.ts";
import { defineCommand } from "../command.ts";
import { type Context, settingsFor } from "../context.ts";
import { usage } from "../input.ts";
import { type OutputFormat, outputOption } from "../option.ts";
import { printJson, printLines } from "../print.ts";
import type { Look } from "../render/look.ts";
import { wrap } from "../render/text.ts";

export const schemaCommand = defineCommand({
  description:
    "Prints the JSON Schema of workflow files, for editors. With a path, explains that part of it: `steps`, `steps.retry`, `shell`, `shell.run`.",
  arguments: [{ name: "[path]", description: "a key of the document, of a step, or a step type and its fields" }],
  options: {
    router: { flags: "--router", description: "the schema of router.yaml instead" },
    output: outputOption,
  },
  examples: [
    { line: "troupe schema > workflow.schema.json", meaning: "for an editor" },
    { line: "troupe schema --router > router.schema.json", meaning: "for router.yaml" },
    { line: "troupe schema shell", meaning: "the fields of a step type" },
    { line: "troupe schema steps.retry", meaning: "how retries are written" },
  ],
  async run({ context, options, words: [path] }) {
    if (options.router === true) {
      const { publishedRouterSchema } = await import("../../definition/router-schema.ts");
      return explainOrPrint(publishedRouterSchema(), path, context, (await settingsFor(context, { output: options.output })).values.output);
    }
    const [{ publishedSchema }, { modelSchemas }, { declarationsOf }] = await Promise.all([
      import("../../definition/published-schema.ts"),
      import("../../definition/model.generated.ts"),
      import("../../main/declarations.ts"),
    ]);
    const schema = publishedSchema(modelSchemas, declarationsOf([]));
    return explainOrPrint(schema, path, context, (await settingsFor(context, { output: options.output })).values.output);
  },
});

function explainOrPrint(schema: JsonObject, path: string | undefined, context: Context, output: OutputFormat): number {
  if (path === undefined) printJson(context.terminal, schema, output === "jsonl" ? "jsonl" : "json");
  else {
    const part = partOf(schema, path.split("."));
    if (output !== "text") printJson(context.terminal, part, output);
    else printLines(context.terminal, explain(path, part, context));
  }
  return 0;
}

/** `steps` leads to what all steps share, a step type's name to its own fields. */
function partOf(schema: JsonObject, keys: readonly string[]): JsonObject {
  let part = schema;
  for (const [index, key] of keys.entries()) {
    const choices = index === 0 ? { ...membersOf(schema), ...typesOf(schema) } : membersOf(part);
    const found = choices[key];
    if (!isJsonObject(found)) {
      const near = nearestName(key, Object.keys(choices));
      throw usage(
        `The schema has no \`${keys.slice(0, index + 1).join(".")}\`.`,
        near === undefined ? `There is ${Object.keys(choices).join(", ") || "nothing below"}.` : `Did you mean \`${near}\`?`,
      );
    }
    part = key === "steps" && index === 0 ? sharedByTypes(schema) : found;
  }
  return part;
}

/** Those of a map, or of the maps in a list. */
function membersOf({ properties, items }: JsonObject): JsonObject {
  if (isJsonObject(properties)) return properties;
  return isJsonObject(items) ? membersOf(items) : {};
}

function typesOf({ definitions }: JsonObject): JsonObject {
  if (!isJsonObject(definitions)) return {};
  const { step: _, compensation: __, ...types } = definitions;
  return types;
}

/** The fields that every step type has. */
function sharedByTypes(schema: JsonObject): JsonObject {
  const { include: _, ...types } = typesOf(schema); // stands for a step, and is none
  const all = Object.values(types).filter(isJsonObject);
  const properties = Object.fromEntries(
    Object.entries(membersOf(all[0] ?? {})).filter(([key]) => all.every((type) => key in membersOf(type))),
  );
  return { description: "Fields of every step; `troupe schema <type>` shows those of a type.", type: "object", properties };
}

function explain(path: string, part: JsonObject, { terminal }: Parameters<typeof schemaCommand.run>[0]["context"]): readonly string[] {
  const look = terminal.dataLook;
  const required = new Set(Array.isArray(part.required) ? part.required : []);
  const fields = Object.entries(membersOf(part)).flatMap(([key, value]) =>
    isJsonObject(value) ? fieldLines(key, value, required.has(key), look) : [],
  );
  const description = typeof part.description === "string" ? wrap(part.description, look.textColumns) : [];
  return [
    `${look.paint("bold", path)}  ${look.paint("gray", typeText(part))}`,
    ...description,
    ...(fields.length === 0 ? [] : ["", ...fields]),
  ];
}

function fieldLines(key: string, field: JsonObject, isRequired: boolean, look: Look): readonly string[] {
  const type = look.paint("gray", `${typeText(field)}${isRequired ? ", needed" : ""}`);
  const description =
    typeof field.description === "string" ? wrap(field.description, look.textColumns - 4).map((line) => `    ${line}`) : [];
  return [`${look.paint("cyan", key)}  ${type}`, ...description];
}

function typeText({ type, enum: values, const: only, items }: JsonObject): string {
  if (Array.isArray(values)) return values.map((value) => JSON.stringify(value)).join(" | ");
  if (only !== undefined) return JSON.stringify(only);
  const types = Array.isArray(type) ? type.join(" | ") : typeof type === "string" ? type : "";
  return types.includes("array") && isJsonObject(items) && typeof items.type === "string"
    ? types.replace("array", `list of ${items.type}`)
    : types;
}
