/**
 * The key of a step's result (I-31): everything that may change it, as data whose parts can be told apart later.
 *
 * C1 Two attempts have equal keys only if definition, values, files, environment, tool, tenant and trust zone are equal.
 * C2 A secret counts by its name: its text is replaced before anything is hashed or kept (S-38).
 */
import type { Digest } from "../../core/ids.ts";
import { canonicalJson, type Json, type JsonObject } from "../../core/json.ts";
import type { Field } from "../../plan/field.ts";
import type { CachePolicy } from "../../plan/step-policies.ts";
import type { CompiledStep } from "../../plan/workflow.ts";
import type { AttemptContext } from "../../ports/attempt.ts";
import type { DeclaredFile } from "../../ports/cache.ts";
import { holdsSecret } from "./secret-search.ts";

/** Changing what goes into a key, or what an entry holds, forgets all entries before. */
const CACHE_SCHEMA = 1;
/** Values with longer text are kept as digests, so that what is kept of a key stays small. */
const PART_MAX_CHARS = 1_024;

/** Parts of a key by name; what `troupe cache why` compares. */
export type KeyParts = JsonObject;

export interface KeySurroundings {
  readonly digest: (text: string) => Digest;
  /** Not among the tenant's: entries of another zone are not found. */
  readonly zone: string;
  readonly sealId: string;
  /** Digest of the value of an engine's environment variable that says nothing of the value; null when it is not set. */
  readonly environment: (name: string) => string | null;
}

/** @throws DefinitionError EXPR_* when a value of the step cannot be made */
export function keyParts(
  context: AttemptContext,
  policy: CachePolicy,
  found: { readonly files: readonly DeclaredFile[]; readonly tool: JsonObject },
  around: KeySurroundings,
): KeyParts {
  const { step, workflow, tenant } = context.request;
  const shown = (value: Json): Json => shorten(hideSecrets(value, context.masks), around.digest);
  return {
    schema: CACHE_SCHEMA,
    tenant,
    zone: around.zone,
    workflow: workflow.name,
    step: baseStepOf(context),
    item: step.item?.key ?? null,
    version: policy.version,
    definition: mapValues({ ...definitionOf(step), profile: [context.request.profile ?? null, workflow.profile, step.profile] }, shown),
    inputs: mapValues(inputsOf(context), shown),
    key: policy.key.map((field) => shown(context.evaluate(field))),
    env: mapValues(context.env, shown),
    engine_env: Object.fromEntries(policy.env.map((name) => [name, around.environment(name)])),
    files: Object.fromEntries(found.files.map((file) => [file.path, fileText(file)])),
    produces: policy.produces,
    tool: found.tool,
  };
}

/** The step as its author knows it: for an item of a fan-out, the step that fans out. */
export function baseStepOf({ request }: Pick<AttemptContext, "request">): string {
  const { step, workflow } = request;
  return step.item === null ? step.id : (workflow.steps[step.item.of]?.id ?? step.id);
}

/** Where entries of a step lie, so that `cache why` finds the nearest one among few. */
export function groupOf(
  { tenant, workflow, step }: { readonly tenant: string; readonly workflow: string; readonly step: string },
  { digest, zone, sealId }: Pick<KeySurroundings, "digest" | "zone" | "sealId">,
): string {
  return digest(canonicalJson([CACHE_SCHEMA, sealId, tenant, zone, workflow, step])).slice(0, 32);
}

/** What the author wrote, as far as a clean result depends on it; not when it is repeated or how long it may take. */
function definitionOf(step: CompiledStep): Record<string, Json> {
  const { type, config, env, gate, inputSchema, outputSchema, outputVariable, tool, isolation } = step;
  return {
    type,
    ...Object.fromEntries(Object.entries(config).map(([name, field]) => [`config.${name}`, sourceOf(field)])),
    ...Object.fromEntries(Object.entries(env).map(([name, field]) => [`env.${name}`, sourceOf(field)])),
    gate: gate === null ? null : { ...gate, report: optional(gate.report), coverageReport: optional(gate.coverageReport) },
    input_schema: inputSchema,
    output_schema: outputSchema,
    output_variable: outputVariable,
    tool: tool === null ? null : { ...tool },
    isolation: isolation === null ? null : { ...isolation, base: optional(isolation.base) },
  };
}

function optional(field: Field | null): Json {
  return field === null ? null : sourceOf(field);
}

function sourceOf(field: Field): Json {
  switch (field.kind) {
    case "literal":
      return { literal: field.value };
    case "list":
      return field.items.map(sourceOf);
    case "map":
      return mapValues(field.entries, sourceOf);
    default:
      return { [field.kind]: field.source };
  }
}

/** Values only: what is literal is part of the definition. */
function inputsOf(context: AttemptContext): Record<string, Json> {
  const inputs: Record<string, Json> = {};
  for (const [name, field] of Object.entries(context.request.step.config)) {
    if (field.kind !== "literal") inputs[name] = valuesOf(context, field);
  }
  return inputs;
}

/** One value for each `{{ … }}`: texts that only read the same when pasted together are not the same command. */
function valuesOf(context: AttemptContext, field: Field): Json {
  switch (field.kind) {
    case "list":
      return field.items.map((item) => valuesOf(context, item));
    case "map":
      return mapValues(field.entries, (entry) => valuesOf(context, entry));
    case "text":
      return field.text.parts
        .filter((part) => part.kind === "output")
        .map((part) => context.evaluate({ ...field, text: { kind: "text", parts: [part] } }));
    default:
      return context.evaluate(field);
  }
}

/** C2. Numbered, so that two secrets do not become one. */
function hideSecrets(value: Json, masks: readonly string[]): Json {
  if (masks.length === 0) return value;
  const text = canonicalJson(value);
  if (!holdsSecret(text, masks)) return value;
  return masks.reduce((shown, mask, index) => (mask === "" ? shown : shown.replaceAll(mask, `***${index}`)), text);
}

function shorten(value: Json, digest: (text: string) => Digest): Json {
  const text = canonicalJson(value);
  return text.length <= PART_MAX_CHARS ? value : { sha256: digest(text), chars: text.length };
}

function fileText({ sha256, isExecutable }: DeclaredFile): string {
  return isExecutable ? `${sha256} x` : sha256;
}

function mapValues<TValue>(record: Readonly<Record<string, TValue>>, change: (value: TValue) => Json): Record<string, Json> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}
