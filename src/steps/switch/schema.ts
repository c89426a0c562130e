/** The fields of a switch step. */
import type { Field } from "../../plan/field.ts";
import type { StepTypeDeclaration } from "../../plan/step-type.ts";
import type { CompiledStep } from "../../plan/workflow.ts";

export const switchDeclaration: StepTypeDeclaration = {
  type: "switch",
  summary: "Chooses one of several steps or values; the steps not chosen are skipped.",
  properties: {
    cases: {
      type: "array",
      minItems: 1,
      description: "Looked at in order; the first whose condition holds is taken.",
      items: {
        type: "object",
        properties: {
          when: { type: "string", minLength: 1, description: "A condition." },
          do: { description: "The id of a step to run, or a value." },
        },
        required: ["when", "do"],
        additionalProperties: false,
      },
    },
    default: { description: "The id of a step, or a value, when no case holds. Without it, nothing is chosen." },
  },
  required: ["cases"],
  fields: { "cases[].when": "condition", "cases[].do": "text", default: "text" },
  inferredBy: "cases",
  routes: routesOf,
};

/** Texts that may name steps. Whether they do is for the definition to say: a text that is no step's id is a value. */
function routesOf(config: CompiledStep["config"]): readonly { readonly step: string; readonly field: string }[] {
  const { cases } = config;
  const items = cases?.kind === "list" ? cases.items : [];
  const routes = items.flatMap((item, index) => routeOf(item.kind === "map" ? item.entries.do : undefined, `cases[${index}].do`));
  return [...routes, ...routeOf(config.default, "default")];
}

function routeOf(field: Field | undefined, path: string): readonly { readonly step: string; readonly field: string }[] {
  const text = field === undefined ? null : constantText(field);
  return text === null ? [] : [{ step: text, field: path }];
}

/** A text without expressions; an id that is computed makes no edge, so it could not be followed. */
export function constantText(field: Field): string | null {
  if (field.kind === "literal") return typeof field.value === "string" ? field.value : null;
  if (field.kind !== "text") return null;
  const { parts } = field.text;
  const [only] = parts;
  return parts.length === 1 && only?.kind === "chars" ? only.text : null;
}
