/** The published JSON Schema of workflow files, and the schema of one step by type: both put together from the same parts. */
import type { JsonObject } from "../core/json.ts";
import type { StepTypeDeclaration } from "../plan/step-type.ts";

/** The parts that `model.ts` describes. */
export interface ModelSchemas {
  readonly document: ObjectSchema;
  readonly step: ObjectSchema;
  /** What `defaults` may hold for every type. */
  readonly shared: ObjectSchema;
  /** A step that stands for those of another workflow. */
  readonly include: ObjectSchema;
}

export interface ObjectSchema extends JsonObject {
  readonly properties: Readonly<Record<string, JsonObject>>;
}

const NEEDS_ALIASES = ["depends_on", "dependencies", "depends"] as const;

/** All that a step of a type may hold. */
export function stepSchema({ step }: ModelSchemas, declaration: StepTypeDeclaration): JsonObject {
  return {
    type: "object",
    description: declaration.summary,
    properties: { ...step.properties, ...declaration.properties },
    required: ["id", ...declaration.required],
    additionalProperties: false,
  };
}

/** All that `defaults` may hold for a type. */
export function defaultsSchema({ shared }: ModelSchemas, declaration: StepTypeDeclaration): JsonObject {
  return { type: "object", properties: { ...shared.properties, ...declaration.properties }, additionalProperties: false };
}

/**
 * For editors: draft-07, since that is what they read best; one definition a step type, chosen by `type` or by the field that says
 * it. `required` counts where the type is known, so that half-written steps are completed rather than refused.
 */
export function publishedSchema(model: ModelSchemas, declarations: readonly StepTypeDeclaration[]): JsonObject {
  const aliases = Object.fromEntries(
    NEEDS_ALIASES.map((alias) => [alias, { ...model.step.properties.needs, description: "Read as `needs`." }]),
  );
  const definitions: Record<string, JsonObject> = {};
  for (const declaration of declarations) {
    const schema = stepSchema(model, declaration);
    const properties = { ...(schema.properties as JsonObject), ...aliases, ...innerSteps(model) }; // stepSchema has just made it
    definitions[declaration.type] = {
      ...schema,
      // Said by `step`; a compensation has none.
      required: [...declaration.required],
      properties: { ...properties, type: { const: declaration.type, description: declaration.summary } },
    };
  }
  definitions.include = { ...model.include, properties: { ...model.include.properties, ...aliases } };
  const byType: JsonObject[] = [
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    ...declarations.map(({ type, inferredBy }) => ({ if: chosenBy(type, inferredBy), then: { $ref: `#/definitions/${type}` } })),
  ];
  // biome-ignore lint/suspicious/noThenProperty: as above
  const byInclude: JsonObject = { if: { required: ["include"] }, then: { $ref: "#/definitions/include" } };
  const types = declarations.map(({ type }) => type);
  const typeProperty: JsonObject = {
    description: "What kind of step this is.",
    anyOf: [{ enum: types }, { type: "string", pattern: "^[a-z0-9-]+/[a-z0-9-]+$", description: "A plug-in's type: vendor/name." }],
  };
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    $id: "workflow.v1.schema.json",
    title: "Troupe workflow",
    description: "A workflow for Troupe, version 1 of the language.",
    type: "object",
    additionalProperties: false,
    required: ["steps"],
    properties: {
      ...model.document.properties,
      $schema: { type: "string", description: "This schema, for editors." },
      defaults: {
        ...model.document.properties.defaults,
        properties: Object.fromEntries(declarations.map((declaration) => [declaration.type, defaultsSchema(model, declaration)])),
      },
      steps: { ...model.document.properties.steps, items: { $ref: "#/definitions/step" } },
      finally: { ...model.document.properties.finally, items: { $ref: "#/definitions/step" } },
    },
    definitions: {
      step: {
        type: "object",
        required: ["id"],
        properties: { type: typeProperty },
        allOf: [...byType, byInclude],
      },
      compensation: { type: "object", properties: { type: typeProperty }, allOf: byType },
      ...definitions,
    },
  };
}

/** Steps inside a step. */
function innerSteps({ step }: ModelSchemas): JsonObject {
  const { catch: rules, compensate } = step.properties;
  const rule = rules?.items as ObjectSchema; // the model describes `catch` as a list of maps
  const handling = { ...rule.properties.do, items: { $ref: "#/definitions/step" } };
  return {
    catch: { ...rules, items: { ...rule, properties: { ...rule.properties, do: handling } } },
    compensate: { ...compensate, $ref: "#/definitions/compensation" },
  };
}

function chosenBy(type: string, inferredBy: string | null): JsonObject {
  const named = { required: ["type"], properties: { type: { const: type } } };
  return inferredBy === null ? named : { anyOf: [named, { required: [inferredBy], not: { required: ["type"] } }] };
}
