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
import { REPORT_FORMATS, TOOL_PREFERENCES } from "../plan/step-policies.ts";
import { CATCHUPS, OVERLAPS } from "../plan/triggers.ts";
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

const Texts = (description: string) => OneOrMany(description);

const CatchMatch = Type.Object(
  {
    class: Type.Optional(OneOrMany("Classes of failures.", { enum: [...FAILURE_CLASSES] })),
    code: Type.Optional(Texts("Codes of failures, such as `EXIT_CODE`.")),
    tool: Type.Optional(Texts("Names of tools.")),
    status: Type.Optional(
      Type.Unsafe<number | number[]>({
        description: "HTTP statuses.",
        type: ["integer", "array"],
        minimum: 100,
        maximum: 599,
        items: { type: "integer", minimum: 100, maximum: 599 },
      }),
    ),
    when: Type.Optional(
      Type.Unsafe<string | boolean>({
        description: "Condition that may read the failure as `error`.",
        type: ["string", "boolean"],
        minLength: 1,
      }),
    ),
  },
  { ...closed, description: "What a failure must look like; without it, any failure." },
);

const CatchRule = Type.Object(
  {
    match: Type.Optional(CatchMatch),
    do: Type.Unsafe<string | { fallback: unknown } | object[]>({
      description: "`fail`, `skip`, `fallback` with a `value` (or `{ fallback: value }`), or steps that handle the failure.",
      type: ["string", "object", "array"],
      pattern: "^(?:fail|skip|fallback)$",
      properties: { fallback: { description: "The step's output instead." } },
      required: ["fallback"],
      additionalProperties: false,
      items: { type: "object" },
      minItems: 1,
      maxItems: 100,
    }),
    value: Type.Optional(Type.Unknown({ description: "The step's output under `do: fallback`." })),
  },
  closed,
);

const CacheRule = Type.Object({
  key: Type.Optional(Type.Unsafe<unknown>({ description: "Values that belong to the key as well; texts may hold `{{ … }}`." })),
  files: Type.Optional(Texts("Paths or globs below the workspace whose content belongs to the key.")),
  produces: Type.Optional(Texts("Paths or globs of what the step makes: kept with the result, and restored from it.")),
  env: Type.Optional(Texts("Names of the engine's environment variables whose values belong to the key.")),
  ttl: Type.Optional(Duration("How long a result may be used; for ever without it.")),
  version: Type.Optional(
    Type.Unsafe<string | number>({ description: "Changing it forgets every earlier result.", type: ["string", "number"] }),
  ),
});
export type CacheRule = Static<typeof CacheRule>;

const GateRule = Type.Object({
  report: Type.Optional(Type.String({ description: "Path or glob of the report; without it, what the step prints.", minLength: 1 })),
  format: Type.Optional(OneOf("Format of the report; `exit` looks at the exit code alone.", REPORT_FORMATS)),
  min_passed: Type.Optional(Type.Integer({ description: "Fewest tests that must have passed. Default 0.", minimum: 0 })),
  max_failed: Type.Optional(Type.Integer({ description: "Most tests that may have failed. Default 0.", minimum: 0 })),
  max_skipped: Type.Optional(Type.Integer({ description: "Most tests that may have been skipped; any number without it.", minimum: 0 })),
  coverage: Type.Optional(Type.Number({ description: "Least share of covered lines, in percent.", minimum: 0, maximum: 100 })),
  coverage_report: Type.Optional(Type.String({ description: "Path of the coverage summary (Istanbul, Cobertura or LCOV).", minLength: 1 })),
  allow_empty: Type.Optional(Type.Boolean({ description: "A report without tests is no failure." })),
});
export type GateRule = Static<typeof GateRule>;

const IsolationRule = Type.Object(
  {
    worktree: Type.Optional(Type.Boolean({ description: "Work on a branch and in a git worktree of its own. Default true." })),
    merge: Type.Optional(
      OneOf("What becomes of the branch: integrated in its turn (default), left for a person, or thrown away.", [
        "queue",
        "manual",
        "none",
      ]),
    ),
    base: Type.Optional(
      Type.String({ description: "Branch or commit to start from and merge into. Default: the workspace's branch.", minLength: 1 }),
    ),
    discard: Type.Optional(Type.Boolean({ description: "Uncommitted changes that are left may be deleted with the worktree." })),
  },
  { ...closed, description: "Where the step works, apart from others." },
);
export type IsolationRule = Static<typeof IsolationRule>;

const ToolRule = Type.Object({
  name: Type.Optional(Type.String({ description: "A tool by its name.", minLength: 1 })),
  needs: Type.Optional(Texts("Capabilities that the tool must have.")),
  prefer: Type.Optional(OneOf("Which of several tools that can do it.", TOOL_PREFERENCES)),
});
export type ToolRule = Static<typeof ToolRule>;

const Profile = (description: string) => Type.String({ description, pattern: NAME_PATTERN, maxLength: IDENTIFIER_MAX });

const Combinations = (description: string) =>
  Type.Array(Type.Unsafe<Record<string, unknown>>({ type: "object" }), { description, maxItems: 1_000 });

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
  cache: Type.Optional(
    OrRule<CacheRule, boolean>(CacheRule, ["boolean"], "Whether an earlier result of the same step on the same input may be used again."),
  ),
  gate: Type.Optional(
    OrRule<GateRule, string>(GateRule, ["string"], "Tests that must have passed before the step counts as succeeded: `tests`, or a map.", {
      pattern: "^(?:tests)$",
    }),
  ),
  isolation: Type.Optional(IsolationRule),
  tool: Type.Optional(
    OrRule<ToolRule, string>(ToolRule, ["string"], "Which tool does the work: its name, or what it must be able to do.", { minLength: 1 }),
  ),
  profile: Type.Optional(Profile("Security profile that the step runs under.")),
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
  for_each: Type.Optional(
    Type.Unsafe<string | unknown[] | Record<string, unknown>>({
      description: "A list or a map, or a `{{ … }}` that gives one: the step is done once for each item, which expressions know as `item`.",
      type: ["string", "array", "object"],
      minLength: 1,
    }),
  ),
  matrix: Type.Optional(
    Type.Unsafe<Record<string, unknown>>({
      description: "Lists by name: the step is done once for each combination, whose members are `item.value.<name>`.",
      type: "object",
      minProperties: 1,
      propertyNames: { pattern: IDENTIFIER_PATTERN },
      properties: {
        include: Combinations("Combinations to add."),
        exclude: Combinations("Combinations to leave out: those that agree in all members given."),
      },
      additionalProperties: { type: ["array", "string"], minLength: 1, minItems: 1 },
    }),
  ),
  key: Type.Optional(
    Type.String({ description: "Name of an item, with `{{ … }}`. Default: its position, or its name in a map.", minLength: 1 }),
  ),
  max_parallel: Type.Optional(Type.Integer({ description: "Items that may be running at the same time.", minimum: 1, maximum: 100_000 })),
  on_item_error: Type.Optional(
    OneOf("`fail` (default): the first failed item ends the others and fails the step. `collect`: failures are part of the output.", [
      "fail",
      "collect",
    ]),
  ),
  catch: Type.Optional(
    Type.Array(CatchRule, {
      description: "What becomes of the step when no retry is left. The first rule that matches wins.",
      maxItems: 50,
    }),
  ),
  compensate: Type.Optional(
    Type.Unsafe<object>({
      description: "A step without an `id` that undoes this one: it runs when the run fails or is canceled after this step has succeeded.",
      type: "object",
    }),
  ),
  output_variable: Type.Optional(
    Type.String({
      description: "Name by which expressions know the whole output too.",
      pattern: IDENTIFIER_PATTERN,
      maxLength: IDENTIFIER_MAX,
    }),
  ),
  ...shared,
});

/** A step that stands for those of another workflow; it is replaced by them before anything else is looked at. */
export const IncludeFields = Type.Object(
  {
    id: StepFields.properties.id,
    title: Type.Optional(Type.String({ description: "For people." })),
    include: Type.String({ description: "Path of the workflow, relative to this file.", minLength: 1 }),
    with: Type.Optional(Type.Unsafe<Record<string, unknown>>({ description: "Its input; texts may hold `{{ … }}`.", type: "object" })),
    needs: StepFields.properties.needs,
    when: StepFields.properties.when,
  },
  closed,
);

const TriggerInput = (root: string) =>
  Type.Optional(
    Type.Unsafe<Record<string, unknown>>({
      description: `Input of the run that is started; texts may hold \`{{ … }}\` over \`${root}\`.`,
      type: "object",
    }),
  );

const ScheduleRule = Type.Object(
  {
    cron: Type.String({
      description:
        'When, in five fields: minute, hour, day of the month, month, day of the week, such as `"0 6 * * 1"`; or `@daily` and so on.',
      minLength: 1,
      maxLength: 200,
    }),
    timezone: Type.Optional(
      Type.String({ description: "Whose clock that is, such as `Europe/Berlin`. Default `UTC`.", minLength: 1, maxLength: 64 }),
    ),
    name: Type.Optional(
      Type.String({
        description: "Name of the schedule; by default its number in the list.",
        pattern: NAME_PATTERN,
        maxLength: IDENTIFIER_MAX,
      }),
    ),
    overlap: Type.Optional(
      OneOf(
        "When the run of an earlier time has not ended: the new one is skipped (default), waits for it, runs beside it, or takes its place.",
        OVERLAPS,
      ),
    ),
    catchup: Type.Optional(
      OneOf("Which of the times that were missed are made up for: none, the last (default), or all, up to a hundred.", CATCHUPS),
    ),
    input: TriggerInput("schedule"),
  },
  closed,
);

const EventRule = Type.Object(
  {
    name: Type.String({ description: "Name of the event.", pattern: NAME_PATTERN, maxLength: IDENTIFIER_MAX }),
    when: Type.Optional(
      Type.Unsafe<string | boolean>({
        description: "Condition over `event.body`, `event.headers`, `event.name` and `event.id`; without it, every event of the name.",
        type: ["string", "boolean"],
        minLength: 1,
      }),
    ),
    input: TriggerInput("event"),
  },
  closed,
);

const On = Type.Object(
  {
    schedule: Type.Optional(Type.Array(ScheduleRule, { description: "Times at which a run is started.", minItems: 1, maxItems: 100 })),
    event: Type.Optional(Type.Array(EventRule, { description: "Events from outside that start a run.", minItems: 1, maxItems: 100 })),
  },
  { ...closed, description: "What starts runs by itself, once the workflow is deployed." },
);

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
  profile: Type.Optional(Profile("Security profile that runs are under.")),
  secrets: Type.Optional(
    Type.Unsafe<Record<string, { env: string } | { file: string }>>({
      description: "Where secrets come from. Expressions know them as `secrets.<name>`, in fields that an attempt alone sees.",
      type: "object",
      propertyNames: { pattern: IDENTIFIER_PATTERN },
      additionalProperties: {
        type: "object",
        properties: {
          env: { type: "string", description: "An environment variable of the engine.", pattern: IDENTIFIER_PATTERN },
          file: { type: "string", description: "A file, read when an attempt needs it.", minLength: 1 },
        },
        additionalProperties: false,
        minProperties: 1,
        maxProperties: 1,
      },
    }),
  ),
  on: Type.Optional(On),
  risk: Type.Optional(
    Type.Array(
      Type.Object(
        {
          when: Type.Unsafe<string | boolean>({ description: "Condition.", type: ["string", "boolean"], minLength: 1 }),
          score: Type.Number({ description: "What it adds to the risk.", minimum: -1_000_000, maximum: 1_000_000 }),
          reason: Type.String({ description: "What approvers are told.", minLength: 1 }),
        },
        closed,
      ),
      { description: "Rules that add up to the risk which approvals tell.", maxItems: 200 },
    ),
  ),
  finally: Type.Optional(
    Type.Array(Type.Unsafe<StepDocument>({ type: "object" }), {
      description: "Steps that run at the end of every run, however it ended.",
      minItems: 1,
      maxItems: 1_000,
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
