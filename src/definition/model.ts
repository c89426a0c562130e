/**
 * The shape of a workflow document, once: TypeScript types, the schemas that documents are validated with, and the published JSON
 * Schema all come from here. Only `tools/generate-schema.ts` runs this module; the product imports its types, and the schemas as
 * plain data (`model.generated.ts`), so that no command waits for the builder to load.
 *
 * No `anyOf`: keywords of JSON Schema only concern values of their own type, so one schema can describe a number, a text and a map
 * side by side, and a mistake in the map is told as what it is instead of "matches none of three".
 */
import { type Static, Type } from "typebox";
import { FAILURE_CLASSES } from "../core/failure.ts";
import { IDENTIFIER_MAX } from "../core/ids.ts";
import { CRASH_POLICIES, JOINS, SIDE_EFFECTS } from "../plan/workflow.ts";

const IDENTIFIER_PATTERN = "^[A-Za-z_][A-Za-z0-9_]*$";
const NAME_PATTERN = "^[A-Za-z_][A-Za-z0-9_.-]*$";
const DURATION_PATTERN = "^\\s*(?:[0-9]+(?:\\.[0-9]+)?|(?:[0-9]+(?:\\.[0-9]+)?(?:ms|s|m|h|d|w))+)\\s*$";
const DURATION_FORM = "A text such as `250ms`, `30s`, `1h30m`, `7d`; a number means seconds.";

const closed = { additionalProperties: false } as const;

const OneOf = <const TValues extends readonly string[]>(description: string, values: TValues) =>
  Type.Unsafe<TValues[number]>({ description, type: "string", enum: [...values] });
const OneOrMany = (description: string, item: object = { minLength: 1 }) =>
  Type.Unsafe<string | string[]>({ description, type: ["string", "array"], minLength: 1, items: { type: "string", ...item } });
const Duration = (description: string) =>
  Type.Unsafe<string | number>({
    description: `${description} ${DURATION_FORM}`,
    type: ["string", "number"],
    pattern: DURATION_PATTERN,
    minimum: 0,
  });
const Environment = (description: string) =>
  Type.Unsafe<Record<string, string | number | boolean>>({
    description,
    type: "object",
    propertyNames: { pattern: IDENTIFIER_PATTERN },
    additionalProperties: { type: ["string", "number", "boolean"] },
  });
const SchemaOrShorthand = (description: string) =>
  Type.Unsafe<Record<string, unknown>>({
    description: `${description} Either a JSON Schema (draft-07, or 2020-12 by \`$schema\`), or a schema for each name: \`load: { type: number, minimum: 0, default: 1 }\`; a name without \`default\` is required unless it says \`required: false\`.`,
    type: "object",
  });
const Numbers = (description: string, minimum: number, maximum: number) => Type.Array(Type.Integer({ minimum, maximum }), { description });

const RetryRule = Type.Object({
  max: Type.Optional(Type.Integer({ description: "Retries after the first attempt.", minimum: 0, maximum: 1_000 })),
  strategy: Type.Optional(OneOf("How the delay grows from retry to retry.", ["fixed", "linear", "exponential"])),
  base: Type.Optional(Duration("Delay before the first retry.")),
  factor: Type.Optional(Type.Number({ description: "Growth of the delay, for `exponential`.", minimum: 1, maximum: 100 })),
  cap: Type.Optional(Duration("Longest delay.")),
  jitter: Type.Optional(OneOf("How much of a delay is drawn by lot: nothing, all of it, or half.", ["none", "full", "equal"])),
  on: Type.Optional(OneOrMany("Failure classes that are retried.", { enum: [...FAILURE_CLASSES] })),
  exit_codes: Type.Optional(Numbers("Exit codes that are retried whatever the class.", 0, 255)),
  statuses: Type.Optional(Numbers("HTTP statuses that are retried whatever the class.", 100, 599)),
  match: Type.Optional(
    Type.String({ description: "Linear-time pattern; a failure whose text it matches is retried whatever the class.", minLength: 1 }),
  ),
  on_exhausted: Type.Optional(OneOf("What the step becomes when no retry is left.", ["fail", "quarantine"])),
});
export type RetryRule = Static<typeof RetryRule>;

const TimeoutRule = Type.Object({
  after: Duration("Time that one attempt may take."),
  // biome-ignore lint/suspicious/noThenProperty: the word that authors write; nobody awaits a schema
  then: Type.Optional(
    OneOf("What follows: the attempt fails, the step succeeds with `value`, or it is skipped.", ["fail", "fallback", "skip"]),
  ),
  value: Type.Optional(Type.Unknown({ description: "The step's output under `then: fallback`." })),
  grace: Type.Optional(Duration("Time between asking the process to end and killing it.")),
});
export type TimeoutRule = Static<typeof TimeoutRule>;

/** A map's rule, or in its place a plain value. */
const OrRule = <TRule, TPlain>(rule: object, types: readonly string[], description: string, more: object = {}) =>
  Type.Unsafe<TRule | TPlain>({ ...rule, ...closed, ...more, description, type: [...types, "object"] });
const Retry = (description: string) =>
  OrRule<RetryRule, number | string>(RetryRule, ["integer", "string"], description, { minimum: 0, maximum: 1_000 });
const Timeout = (description: string) =>
  OrRule<TimeoutRule, number | string>(TimeoutRule, ["number", "string"], description, { minimum: 0 });

const Cost = Type.Object(
  {
    duration: Type.Optional(Duration("Expected time of one attempt; plans use it until there is history.")),
    usd: Type.Optional(Type.Number({ description: "Expected price of one attempt in US dollars.", minimum: 0 })),
    manual_minutes: Type.Optional(Type.Number({ description: "Minutes that a person would need for the same work.", minimum: 0 })),
  },
  { ...closed, description: "What the author expects the step to cost." },
);

/** What steps of one type may share through `defaults`. */
const shared = {
  env: Type.Optional(Environment("Environment variables of the step; values may hold `{{ … }}`.")),
  timeout: Type.Optional(Timeout("Time limit of one attempt: a duration, the name of a policy under `use.timeout`, or a map.")),
  retry: Type.Optional(Retry("Retries: a number, `never`, the name of a policy under `use.retry`, or a map.")),
  priority: Type.Optional(
    Type.Unsafe<1 | 2 | 3 | 4 | 5>({ description: "1 is the most urgent, 5 the least.", type: "integer", minimum: 1, maximum: 5 }),
  ),
  optional: Type.Optional(
    Type.Boolean({ description: "A failure of the step does not fail the run; for those who need it, it counts as skipped." }),
  ),
  locks: Type.Optional(OneOrMany("Names; steps that share one never run at the same time.")),
  touches: Type.Optional(OneOrMany("Paths or globs that the step changes; steps that overlap never run at the same time.")),
  cost: Type.Optional(Cost),
  side_effect: Type.Optional(
    OneOf("Whether the step may be repeated: freely, under one idempotency key, or never without a person.", SIDE_EFFECTS),
  ),
  on_engine_crash: Type.Optional(OneOf("What becomes of an attempt that was running when the engine died.", CRASH_POLICIES)),
};

export const SharedFields = Type.Object(shared);

export const StepFields = Type.Object({
  id: Type.String({
    description: "Name of the step in expressions and everywhere else.",
    pattern: IDENTIFIER_PATTERN,
    maxLength: IDENTIFIER_MAX,
  }),
  title: Type.Optional(Type.String({ description: "For people." })),
  type: Type.Optional(Type.String({ description: "What kind of step this is; a field such as `run` may say it alone." })),
  needs: Type.Optional(OneOrMany("Steps that must have ended before; references in any field count without being listed here.")),
  join: Type.Optional(OneOf("When the step may start, seen from the steps it needs.", JOINS)),
  when: Type.Optional(
    Type.Unsafe<string | boolean>({
      description: "Condition (a bare expression): the step is skipped when it is false.",
      type: ["string", "boolean"],
      minLength: 1,
    }),
  ),
  with: Type.Optional(
    Type.Unsafe<Record<string, unknown>>({ description: "Values handed to the step; texts may hold `{{ … }}`.", type: "object" }),
  ),
  input: Type.Optional(SchemaOrShorthand("What `with` must look like.")),
  output: Type.Optional(SchemaOrShorthand("What the step's output must look like.")),
  number: Type.Optional(Type.Integer({ description: "Number of the step; `stepN` then names it too.", minimum: 0, maximum: 1_000_000 })),
  output_variable: Type.Optional(
    Type.String({
      description: "Name by which expressions know the whole output too.",
      pattern: IDENTIFIER_PATTERN,
      maxLength: IDENTIFIER_MAX,
    }),
  ),
  ...shared,
});

export const DocumentFields = Type.Object({
  apiVersion: Type.Optional(Type.Unsafe<"troupe/v1">({ description: "Version of the language.", const: "troupe/v1" })),
  name: Type.Optional(
    Type.String({ description: "Name of the workflow; by default that of the file.", pattern: NAME_PATTERN, maxLength: IDENTIFIER_MAX }),
  ),
  title: Type.Optional(Type.String({ description: "For people." })),
  description: Type.Optional(Type.String({ description: "For people." })),
  dialect: Type.Optional(OneOf("The dialect that the workflow was written in.", ["troupe", "seed"])),
  input: Type.Optional(SchemaOrShorthand("What a run is given.")),
  output: Type.Optional(
    Type.Unsafe<Record<string, unknown>>({
      description: "The run's output by name, values with `{{ … }}`; or `{ values, schema }` to have it checked.",
      type: "object",
    }),
  ),
  use: Type.Optional(
    Type.Object(
      {
        retry: Type.Optional(Type.Record(Type.String(), Retry("A named retry policy."))),
        timeout: Type.Optional(Type.Record(Type.String(), Timeout("A named time limit."))),
      },
      { ...closed, description: "Policies by name, for steps to refer to." },
    ),
  ),
  defaults: Type.Optional(
    Type.Unsafe<Record<string, Record<string, unknown>>>({
      description: "Fields that steps of a type have unless they say otherwise.",
      type: "object",
      additionalProperties: { type: "object" },
    }),
  ),
  env: Type.Optional(Environment("Environment variables of every step; values may hold `{{ … }}`.")),
  concurrency: Type.Optional(
    Type.Integer({ description: "Steps of one run that may be running at the same time.", minimum: 1, maximum: 100_000 }),
  ),
  priority: shared.priority,
  tenant: Type.Optional(Type.String({ description: "Who the runs belong to.", pattern: NAME_PATTERN, maxLength: IDENTIFIER_MAX })),
  labels: Type.Optional(
    Type.Unsafe<Record<string, string>>({
      description: "For finding runs again.",
      type: "object",
      additionalProperties: { type: "string" },
    }),
  ),
  timeout: Type.Optional(Duration("Time limit of the whole run.")),
  functions: Type.Optional(
    Type.Unsafe<Record<string, string>>({
      description: "Names for functions in modules: `design: ./lib/design.mjs#design`.",
      type: "object",
      propertyNames: { pattern: IDENTIFIER_PATTERN },
      additionalProperties: { type: "string", minLength: 1 },
    }),
  ),
  steps: Type.Array(Type.Unsafe<StepDocument>({ type: "object" }), {
    description: "What is done. The order of the list means nothing: a step waits for what it refers to.",
    minItems: 1,
    maxItems: 20_000,
  }),
});

/** A step as authors write it, without the fields of its own type. */
export type StepDocument = Static<typeof StepFields> & { readonly [field: string]: unknown };
export type WorkflowDocument = Static<typeof DocumentFields>;
