/** Completion by the schema of workflow files, and by the names of the document's own steps. */
import type { Completion, CompletionContext, CompletionSource } from "@codemirror/autocomplete";
import type { JsonObject } from "../api/json.ts";
import { type Word, wordsAt } from "./schema-words.ts";
import { placeInYaml } from "./yaml-place.ts";
import type { YamlPlace } from "./yaml-trail.ts";

/** Keys whose values name other steps. */
const STEP_LISTS = new Set(["needs", "depends_on", "dependencies", "depends"]);

export function completeYaml(schema: () => JsonObject | null): CompletionSource {
  return ({ state, pos, explicit }: CompletionContext) => {
    const root = schema();
    const text = state.doc.toString();
    const place = root === null ? null : placeInYaml(text, pos);
    if (root === null || place === null) return null;
    // A key is offered from its first letter on, a value behind its colon, and both whenever they are asked for.
    if (!explicit && place.typed === "" && !isFresh(text, pos, place)) return null;
    const options = optionsAt(root, place, text);
    return options.length === 0 ? null : { from: place.from, options, validFor: /^[\w$.-]*$/ };
  };
}

/** Just behind a colon. */
function isFresh(text: string, position: number, { kind }: YamlPlace): boolean {
  return kind === "value" && /:\s+$/.test(text.slice(Math.max(0, position - 3), position));
}

function optionsAt(root: JsonObject, place: YamlPlace, text: string): readonly Completion[] {
  const name = place.path.findLast((segment) => typeof segment === "string");
  if (place.path[0] === "steps" && typeof name === "string" && STEP_LISTS.has(name)) {
    const own = place.around.findLast(({ id }) => id !== undefined)?.id;
    return stepIds(text).flatMap((id) => (id === own ? [] : [{ label: id, type: "variable", detail: "step" }]));
  }
  return wordsAt(root, place).map((word) => toCompletion(word, place));
}

function toCompletion({ kind, text, description, behind, isRequired }: Word, { hasColon, path }: YamlPlace): Completion {
  const isKey = kind === "key";
  const depth = path.length;
  const inner = `\n${"  ".repeat(Math.max(1, depth))}`;
  const after = { map: `:${inner}`, list: ":\n  - ", value: ": " }[depth === 0 ? behind : "value"];
  return {
    label: text,
    type: isKey ? "property" : "enum",
    ...(description !== null && { info: description }),
    ...(isKey && !hasColon && { apply: text + after }),
    ...(isRequired && { detail: "needed", boost: 10 }),
  };
}

function stepIds(text: string): readonly string[] {
  return [...new Set([...text.matchAll(/(?:^|[\s{,])id:\s*["']?([A-Za-z_]\w*)/gm)].map(([, id = ""]) => id))];
}
