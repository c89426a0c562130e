/**
 * Values against JSON Schemas (draft-07, or 2020-12 where `$schema` says so), every keyword, all errors at once, in plain words.
 *
 * Schemas come from documents and callers: `$data` is off, patterns run in linear time, references stay inside the schema, sizes are
 * bounded (S-7). Each schema has a compiler of its own, so that the `$id` of one never meets that of another.
 */
import { Ajv, type Options, type ValidateFunction } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import draft07 from "ajv/dist/refs/json-schema-draft-07.json" with { type: "json" };
import addFormats from "ajv-formats";
import { DefinitionError } from "../core/errors.ts";
import { canonicalJson, isJsonObject, type Json, type JsonObject } from "../core/json.ts";
import { comparingKeywords } from "./comparing-keywords.ts";
import { type DataError, toDataErrors } from "./data-errors.ts";
import type { Found } from "./data-message.ts";
import { fits } from "./quick-fit.ts";
import { countReferences, OutOfFuel, withFuel } from "./reference-fuel.ts";
import { dialectOf, whyNotSchema } from "./schema-limits.ts";
import { PatternRefused, type SchemaPattern, TextTooLong, toSchemaPattern } from "./schema-pattern.ts";
import { type Segment, toNode } from "./source-node.ts";

export interface DataResult {
  readonly valid: boolean;
  readonly errors: readonly DataError[];
}

export interface DataOptions {
  /** Name of the whole value in paths. @defaultValue `input` */
  readonly root?: string;
}

/**
 * @throws DefinitionError `DEF_BAD_SCHEMA` when the schema itself cannot be used.
 */
export function validateData(schema: Json, data: unknown, { root = "input" }: DataOptions = {}): DataResult {
  return run(compiled(schema, false), data, root);
}

/**
 * As `validateData`, with the schema's defaults filled in where the data is silent. The data given is not changed.
 *
 * @throws DefinitionError `DEF_BAD_SCHEMA`
 */
export function applyDefaults(schema: Json, data: Json, { root = "input" }: DataOptions = {}): DataResult & { readonly data: Json } {
  const copy = copyOf(data);
  return { ...run(compiled(schema, true), copy, root), data: copy };
}

/** What is wrong with a schema, in words, and the path of the part that is; null if it can be used. */
export function schemaProblem(schema: Json): SchemaProblem | null {
  try {
    compiled(schema, false);
    return null;
  } catch (thrown) {
    if (thrown instanceof DefinitionError && thrown.cause instanceof SchemaProblem) return thrown.cause;
    throw thrown;
  }
}

export class SchemaProblem extends Error {
  readonly problem: string;
  readonly segments: readonly Segment[];
  constructor(problem: string, segments: readonly Segment[] = [], options?: ErrorOptions) {
    super(problem, options);
    this.name = "SchemaProblem";
    this.problem = problem;
    this.segments = segments;
  }
}

function badSchema(cause: SchemaProblem): DefinitionError {
  return new DefinitionError("DEF_BAD_SCHEMA", { problem: cause.problem }, { cause });
}

function run(validate: ValidateFunction, data: unknown, root: string): DataResult {
  try {
    if (withFuel(data, () => validate(data))) return { valid: true, errors: [] };
    // in verbose form Ajv's errors have all that `Found` asks for
    return {
      valid: false,
      errors: toDataErrors((validate.errors ?? []) as Found[], root).map(({ path, message, keyword }) => ({ path, message, keyword })),
    };
  } catch (thrown) {
    if (thrown instanceof TextTooLong)
      return { valid: false, errors: [{ path: root, message: `A text is too long: ${thrown.message}`, keyword: "pattern" }] };
    if (thrown instanceof OutOfFuel)
      return {
        valid: false,
        errors: [{ path: root, message: "It takes too long to check: the schema refers to itself in too many ways", keyword: "$ref" }],
      };
    // A schema that refers to itself without end, or data that is nested without end.
    if (thrown instanceof RangeError && thrown.message.startsWith("JSON has no")) {
      return { valid: false, errors: [{ path: root, message: `Value is no JSON: ${thrown.message}`, keyword: "type" }] };
    }
    if (thrown instanceof RangeError)
      return { valid: false, errors: [{ path: root, message: "Value is nested too deep", keyword: "$ref" }] };
    throw thrown;
  }
}

/** Compiled schemas kept, the least recently used goes first. */
const CACHE_MAX = 256;
const byText = new Map<string, ValidateFunction>();
const byObject = new WeakMap<object, { plain?: ValidateFunction; filling?: ValidateFunction }>();

function compiled(schema: Json, fillsDefaults: boolean): ValidateFunction {
  const kind = fillsDefaults ? "filling" : "plain";
  const known = typeof schema === "object" && schema !== null ? byObject.get(schema)?.[kind] : undefined;
  if (known !== undefined) return known;
  const problem = whyNotSchema(schema);
  if (problem !== null) throw badSchema(new SchemaProblem(problem));
  const text = `${kind}${canonicalJson(schema)}`;
  const validate = byText.get(text) ?? compile(schema, fillsDefaults);
  byText.delete(text);
  byText.set(text, validate);
  const oldest = byText.keys().next().value;
  if (byText.size > CACHE_MAX && oldest !== undefined) byText.delete(oldest);
  // Only values that nobody can change are known by identity.
  if (typeof schema === "object" && schema !== null && Object.isFrozen(schema))
    byObject.set(schema, { ...byObject.get(schema), [kind]: validate });
  return validate;
}

function compile(schema: Json, fillsDefaults: boolean): ValidateFunction {
  const is2020 = dialectOf(schema) === "2020-12";
  const body = withoutDialect(schema);
  try {
    if (typeof body === "object" && (is2020 || !fits(draft07, toNode(body)))) judgeSchema(body, is2020);
    const ajv = createAjv({ is2020, fillsDefaults, knowsMeta: canonicalJson(body).includes("//json-schema.org/") });
    return withFuel(body, () => ajv.compile(body)); // A compiler that knows the meta-schema checks the schema by it.
  } catch (cause) {
    throw badSchema(cause instanceof SchemaProblem ? cause : new SchemaProblem(compileProblem(cause), [], { cause }));
  }
}

/** The first of the meta-schema's complaints, with the path of what it is about. */
function judged(found: readonly Found[]): SchemaProblem {
  const [first] = toDataErrors(found, "");
  if (first === undefined) return new SchemaProblem("it is none");
  return new SchemaProblem(first.path === "" ? first.message : `${first.path}: ${first.message}`, first.segments);
}

/** Judging a schema by its meta-schema needs that one compiled, which takes ten times as long as most schemas: once is enough. */
const judges = new Map<boolean, Ajv>();

function judgeSchema(schema: JsonObject, is2020: boolean): void {
  const judge = judges.get(is2020) ?? createAjv({ is2020, fillsDefaults: false, knowsMeta: true });
  judges.set(is2020, judge);
  if (!withFuel(schema, () => judge.validateSchema(schema))) throw judged((judge.errors ?? []) as Found[]); // verbose, as all of ours
}

/** `$schema` has chosen the compiler, which knows one dialect only and need not look for another. */
function withoutDialect(schema: Json): JsonObject | boolean {
  if (!isJsonObject(schema)) return schema === true;
  const { $schema, ...rest } = schema;
  return rest;
}

function compileProblem(cause: unknown): string {
  if (cause instanceof PatternRefused) return cause.message;
  if (cause instanceof RangeError) return "it refers to itself without end";
  const message = cause instanceof Error ? cause.message : String(cause);
  const remote = /can't resolve reference (\S+)/.exec(message);
  if (remote !== null) return `the reference ${remote[1]} leads out of the schema`;
  return message;
}

function regExp(pattern: string): SchemaPattern {
  return toSchemaPattern(pattern);
}
/** Only read when validators are written out as source text, which ours never are. */
regExp.code = "regExp";

interface AjvKind {
  readonly is2020: boolean;
  readonly fillsDefaults: boolean;
  /** Whether the meta-schema is loaded, for judging schemas or for those that refer to it. */
  readonly knowsMeta: boolean;
}

function createAjv({ is2020, fillsDefaults, knowsMeta }: AjvKind): Ajv {
  const options: Options = {
    allErrors: true,
    verbose: true,
    // JSON Schema lets unknown keywords stand; `check` tells the author about those that look misspelt.
    strict: false,
    strictNumbers: true,
    ownProperties: true,
    useDefaults: fillsDefaults,
    $data: false,
    meta: knowsMeta,
    validateSchema: knowsMeta,
    logger: false,
    code: { regExp },
  };
  const ajv = is2020 ? new Ajv2020(options) : new Ajv(options);
  addFormats.default(ajv);
  countReferences(ajv);
  for (const keyword of comparingKeywords) {
    ajv.removeKeyword(keyword.keyword);
    ajv.addKeyword(keyword);
  }
  return ajv;
}

function copyOf(value: Json): Json {
  if (Array.isArray(value)) return value.map(copyOf);
  if (!isJsonObject(value)) return value;
  const copy: Record<string, Json> = Object.create(null);
  for (const key of Object.keys(value)) copy[key] = copyOf(value[key] ?? null);
  return copy;
}
