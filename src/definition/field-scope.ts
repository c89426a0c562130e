/**
 * Which of the names that only exist somewhere a field may use: `item` in a fan-out, `error` in a `catch`, and secrets where nothing but
 * an attempt sees the value. A secret anywhere else would end up in the journal, in a command line or in a key (S-38).
 */

import { FAILURE_CLASSES } from "../core/failure.ts";
import type { JsonObject } from "../core/json.ts";
import { nearestName } from "../core/nearest.ts";
import type { CompiledStep, CompiledWorkflow } from "../plan/workflow.ts";
import type { FoundReference } from "./compile-step.ts";
import type { Remark } from "./reporter.ts";

type Workflow = Pick<CompiledWorkflow, "secrets">;

/** Fields of a fan-out that are read before there are items. */
const BEFORE_ITEMS = /^(?:for_each|matrix|when)\b/;

/** Null where the field may read `item`. */
export function whyNoItem({ field }: FoundReference, step: CompiledStep | null): Remark | null {
  if (step?.fanOut === null || step === null) {
    return {
      code: "DEF_FAN_OUT",
      details: { problem: "`item` exists only in a step with `for_each` or `matrix`." },
      fix:
        step === null
          ? "Read the list of results: `steps.<id>.output`."
          : "Add `for_each`, or read the list of results: `steps.<id>.output`.",
    };
  }
  const [before] = BEFORE_ITEMS.exec(field) ?? [];
  if (before === undefined) return null;
  return {
    code: "DEF_FAN_OUT",
    details: { problem: `\`${before}\` is read once, before there are items, so it cannot read \`item\`.` },
    fix:
      before === "when"
        ? "Leave items out of the list instead: `for_each: \"{{ input.list | selectattr('wanted') }}\"`."
        : "Compute the list in a step before.",
  };
}

const CATCH_FIELD = /^catch\[\d+\]\.(?:match\.when|value|do\.fallback)\b/;

export function mayReadError({ field }: FoundReference, step: CompiledStep | null): boolean {
  return step !== null && CATCH_FIELD.test(field);
}

/** What `error` is: `core/failure.ts` as a schema. */
export const FAILURE_SCHEMA: JsonObject = {
  type: "object",
  properties: {
    class: { type: "string", enum: [...FAILURE_CLASSES] },
    code: { type: "string" },
    title: { type: "string" },
    detail: { type: "string" },
    exitCode: { type: "integer" },
    signal: { type: "string" },
    status: { type: "integer" },
    retryAfterMs: { type: "number" },
    tool: { type: "string" },
    hint: { type: "string" },
    extra: { type: "object" },
  },
  additionalProperties: false,
};

/**
 * Fields whose values reach nobody but the attempt, by step type. A script gets its values as variables, never as text; arguments of a
 * program are seen by everybody on the machine, so they are not among them.
 */
const SECRET_FIELDS: Readonly<Record<string, RegExp>> = {
  shell: /^(?:run|cleanup|stdin)\b/,
  function: /^with\b/,
  webhook: /./,
  agent: /^$/,
  assert: /^$/,
  switch: /^$/,
  template: /^$/,
  approval: /^$/,
  wait: /^$/,
  workflow: /^$/,
};
/** Fields that every step has, and that the engine reads. */
const ENGINE_FIELDS = /^(?:when|for_each|matrix|key|catch|cache|gate|isolation|timeout|output|risk)\b/;

/** Null where the field may read the secret. */
export function whyNoSecret({ reference, field }: FoundReference, step: CompiledStep | null, { secrets }: Workflow): Remark | null {
  const [name] = reference.path;
  if (typeof name !== "string") {
    return {
      code: "DEF_SECRET",
      details: { problem: "Secrets are read one by one, by a name that stands in the text." },
      fix: "Write `secrets.<name>`.",
    };
  }
  if (!Object.hasOwn(secrets, name)) {
    const near = nearestName(name, Object.keys(secrets));
    return {
      code: "DEF_UNKNOWN_NAME",
      details: { problem: `There is no secret \`${name}\`.` },
      fix: near === undefined ? `Declare it: \`secrets: { ${name}: { env: NAME } }\`.` : `Did you mean \`${near}\`?`,
    };
  }
  if (/^env\b/.test(field)) return null;
  const isOpen = step === null || ENGINE_FIELDS.test(field) || SECRET_FIELDS[step.type]?.test(field) === false;
  if (!isOpen) return null;
  const where = field.replace(/[.[].*$/, "");
  return {
    code: "DEF_SECRET",
    details: {
      problem: `\`${where}\`${step === null || ENGINE_FIELDS.test(field) ? "" : ` of ${/^[aeiou]/.test(step.type) ? "an" : "a"} ${step.type} step`} is recorded or shown, so it cannot hold a secret.`,
    },
    fix: `Hand it to the step as a variable: \`env: { ${name.toUpperCase()}: "{{ secrets.${name} }}" }\`.`,
  };
}
