/**
 * The shape of `router.yaml`, once: types, the schema that files are checked with, and the published JSON Schema. Only
 * `tools/generate-router-schema.ts` runs this module, as with `model.ts`.
 */
import { type Static, Type } from "typebox";
import { TOOL_PREFERENCES } from "../plan/step-policies.ts";
import { TOOL_ADAPTERS } from "../plan/tool.ts";

const NAME_PATTERN = "^[A-Za-z_][A-Za-z0-9_-]*$";
const WORD_PATTERN = "^[a-z][a-z0-9-]*$";
const VARIABLE_PATTERN = "^[A-Za-z_][A-Za-z0-9_]*$";
const DURATION_PATTERN = "^\\s*(?:[0-9]+(?:\\.[0-9]+)?|(?:[0-9]+(?:\\.[0-9]+)?(?:ms|s|m|h|d|w))+)\\s*$";

const closed = { additionalProperties: false } as const;

const OneOf = <const TValues extends readonly string[]>(description: string, values: TValues) =>
  Type.Unsafe<TValues[number]>({ description, type: "string", enum: [...values] });
const Duration = (description: string) =>
  Type.Unsafe<string | number>({
    description: `${description} A text such as \`250ms\`, \`30s\`, \`2m\`; a number means seconds.`,
    type: ["string", "number"],
    pattern: DURATION_PATTERN,
    minimum: 0,
  });
const Usd = (description: string) => Type.Number({ description, minimum: 0 });
const Arguments = (description: string) => Type.Array(Type.String(), { description, maxItems: 1_000 });

const ToolEntry = Type.Object(
  {
    name: Type.String({
      description: "What steps and people call it. The name of a built-in tool changes that one.",
      pattern: NAME_PATTERN,
      maxLength: 100,
    }),
    adapter: Type.Optional(
      OneOf(
        "How it is spoken to: one of the coding agents that Troupe knows, `custom` for another one, `command` for a program that gets the prompt on its standard input and needs no model.",
        TOOL_ADAPTERS,
      ),
    ),
    command: Type.Optional(
      Type.Array(Type.String(), {
        description:
          "Program and arguments, one an item; no shell reads them. A program with a slash is looked for from the folder of this file.",
        minItems: 1,
        maxItems: 1_000,
      }),
    ),
    capabilities: Type.Optional(
      Type.Array(Type.String({ pattern: WORD_PATTERN, maxLength: 100 }), {
        description: "Kinds of work that it does, such as `code-edit`; steps ask for them under `tool.needs`.",
        maxItems: 100,
      }),
    ),
    domains: Type.Optional(
      Type.Array(Type.String({ minLength: 1 }), {
        description: "What it is for: globs of paths below the workspace, or languages such as `typescript`. Without it, everything.",
        maxItems: 100,
      }),
    ),
    cost: Type.Optional(
      Type.Object(
        {
          usd_per_run: Type.Optional(Usd("What one call is expected to cost, until there is history.")),
          usd_per_1k_tokens: Type.Optional(Usd("What a thousand tokens cost; a call is taken for ten thousand until there is history.")),
        },
        { ...closed, description: "What it costs, in US dollars." },
      ),
    ),
    limits: Type.Optional(
      Type.Object(
        {
          concurrency: Type.Optional(Type.Integer({ description: "Calls at once; the others wait.", minimum: 1, maximum: 10_000 })),
          timeout: Type.Optional(Duration("Longest call, where the step sets no shorter limit.")),
          max_usd: Type.Optional(Usd("Most that one call may cost, for tools that can be told.")),
        },
        { ...closed, description: "What one engine grants it." },
      ),
    ),
    env: Type.Optional(
      Type.Array(Type.String({ pattern: VARIABLE_PATTERN }), {
        description: "Names of variables of Troupe's own environment that it gets. Values never stand here.",
        maxItems: 100,
      }),
    ),
    health: Type.Optional(
      Type.Object(
        {
          args: Arguments("Arguments behind the program's name; exit code 0 means that it is well."),
          timeout: Type.Optional(Duration("It is asked to end then, and killed soon after. 5 s by default.")),
          every: Type.Optional(Duration("How long an answer is believed. 5 m by default.")),
        },
        { ...closed, description: "A command that tells whether it is well." },
      ),
    ),
    version: Type.Optional(
      Type.Object(
        {
          args: Arguments("Arguments behind the program's name that make it print its version."),
          pattern: Type.Optional(
            Type.String({
              description:
                "Linear-time pattern: the first word of the output that it matches is the version. By default one with two numbers.",
              minLength: 1,
            }),
          ),
        },
        { ...closed, description: "A command that tells its version." },
      ),
    ),
    breaker: Type.Optional(
      Type.Object(
        {
          failures: Type.Optional(
            Type.Integer({
              description: "Failures within the window that open it, if at least half of the calls failed. 5 by default.",
              minimum: 1,
              maximum: 1_000,
            }),
          ),
          window: Type.Optional(Duration("How far back failures count. 10 s by default.")),
          recovery: Type.Optional(Duration("How long it refuses before it lets one call through. 60 s by default.")),
        },
        { ...closed, description: "When the tool is left alone." },
      ),
    ),
  },
  { ...closed, description: "A tool." },
);
export type ToolEntry = Static<typeof ToolEntry>;

export const RouterFields = Type.Object({
  $schema: Type.Optional(Type.String({ description: "This schema, for editors." })),
  apiVersion: Type.Optional(Type.Unsafe<"troupe/v1">({ description: "Version of the language.", type: "string", enum: ["troupe/v1"] })),
  builtins: Type.Optional(
    Type.Boolean({ description: "Whether the tools that Troupe knows by itself are there, behind those of this file. True by default." }),
  ),
  prefer: Type.Optional(
    OneOf("Which of several tools, for steps that do not say. By default the first that is declared.", TOOL_PREFERENCES),
  ),
  tools: Type.Optional(Type.Array(ToolEntry, { description: "Tools, the preferred ones first.", maxItems: 200 })),
});
export type RouterDocument = Static<typeof RouterFields>;
