/** Whether a document has the shape of the language: keys, types of values, what must be there. */
import { Ajv, type ValidateFunction } from "ajv";
import type { JsonObject } from "../core/json.ts";
import { nearestName } from "../core/nearest.ts";
import type { StepTypeDeclaration } from "../plan/step-type.ts";
import { type LocatedError, toDataErrors } from "./data-errors.ts";
import type { Found } from "./data-message.ts";
import { modelSchemas } from "./model.generated.ts";
import { notYetKeys } from "./not-yet.ts";
import { defaultsSchema, stepSchema } from "./published-schema.ts";
import { fits } from "./quick-fit.ts";
import type { Reporter } from "./reporter.ts";
import { childOf, entryOf, type MapNode, type SourceNode, toData } from "./source-node.ts";

/** Schemas are put together once for a list of step types, each when the first step of its type is met. */
export class ShapeChecker {
  readonly declarations: ReadonlyMap<string, StepTypeDeclaration>;
  readonly #judges = new Map<string, Judge>();
  #ajv: Ajv | null = null;

  constructor(stepTypes: readonly StepTypeDeclaration[]) {
    this.declarations = new Map(stepTypes.map((declaration) => [declaration.type, declaration]));
  }

  /** Everything but what is inside the steps. */
  document(root: MapNode, reporter: Reporter): void {
    const shallow = {
      ...root,
      entries: root.entries.map((one) => (one.key === "steps" && one.value.kind === "list" ? { ...one, value: emptied(one.value) } : one)),
    };
    this.#check(
      "document",
      () => ({ ...modelSchemas.document, additionalProperties: false }),
      { node: shallow, original: root, where: "A workflow", keys: notYetKeys.document },
      reporter,
    );
    const defaults = entryOf(root, "defaults")?.value;
    if (defaults?.kind !== "map") return;
    for (const one of defaults.entries) {
      const declaration = this.declarations.get(one.key);
      if (declaration === undefined)
        reporter.atKey(one, { code: "DEF_UNKNOWN_TYPE", details: { type: one.key }, ...this.#typeAdvice(one.key) });
      else if (one.value.kind === "map")
        this.#check(
          `defaults/${one.key}`,
          () => defaultsSchema(modelSchemas, declaration),
          { node: one.value, where: `\`defaults.${one.key}\``, keys: notYetKeys.step },
          reporter,
        );
    }
  }

  /** One step; nothing more than that can be said where its type is unknown or missing. */
  step(node: MapNode, name: string, reporter: Reporter): void {
    const typeNode = entryOf(node, "type")?.value;
    if (typeNode === undefined) {
      const inferring = [...this.declarations.values()].flatMap(({ inferredBy, type }) =>
        inferredBy === null ? [] : [`\`${inferredBy}\` (${type})`],
      );
      const unknown = this.#misspeltStart(node);
      reporter.at(node, {
        code: "DEF_NO_TYPE",
        details: { step: name },
        fix:
          unknown ??
          `Give it a \`type\` (${[...this.declarations.keys()].join(", ")})${inferring.length > 0 ? `, or ${inferring.join(" or ")}` : ""}.`,
      });
      return;
    }
    const type = typeNode.kind === "scalar" ? String(typeNode.value) : "";
    const declaration = this.declarations.get(type);
    if (declaration === undefined) {
      reporter.at(typeNode, { code: "DEF_UNKNOWN_TYPE", details: { type }, ...this.#typeAdvice(type) });
      return;
    }
    this.#check(
      `step/${type}`,
      () => stepSchema(modelSchemas, declaration),
      { node, where: `Step \`${name}\` (${type})`, keys: notYetKeys.step },
      reporter,
    );
  }

  /** A step that includes a workflow; false when it is not of that shape, which is told. */
  include(node: MapNode, reporter: Reporter): boolean {
    const before = reporter.findings.hasErrors;
    const id = entryOf(node, "id")?.value;
    const name = id?.kind === "scalar" ? String(id.value) : "";
    this.#check("include", () => modelSchemas.include, { node, where: `Step \`${name}\` (include)`, keys: [] }, reporter);
    return before || !reporter.findings.hasErrors;
  }

  #typeAdvice(type: string): { fix: string } {
    const near = nearestName(type, this.declarations.keys());
    return { fix: near === undefined ? `The step types are ${[...this.declarations.keys()].join(", ")}.` : `Did you mean \`${near}\`?` };
  }

  /** `runn: make` instead of `run: make`. */
  #misspeltStart(node: MapNode): string | undefined {
    const known = modelSchemas.step.properties;
    const starts = [...this.declarations.values()].flatMap(({ inferredBy }) => inferredBy ?? []);
    for (const { key } of node.entries) {
      const near = Object.hasOwn(known, key) ? undefined : nearestName(key, starts);
      if (near !== undefined) return `Did you mean \`${near}\` where it says \`${key}\`?`;
    }
    return undefined;
  }

  #check(id: string, schema: () => JsonObject, subject: Subject, reporter: Reporter): void {
    let judge = this.#judges.get(id);
    if (judge === undefined) {
      judge = { schema: schema(), validate: null };
      this.#judges.set(id, judge);
    }
    if (fits(judge.schema, subject.node)) return;
    this.#ajv ??= createAjv();
    judge.validate ??= this.#ajv.compile(judge.schema);
    judgeBy(judge.validate, subject, reporter);
  }
}

/** A document that is no workflow, such as `router.yaml`, against a schema of ours. */
export function checkDocument(schema: JsonObject, node: MapNode, where: string, reporter: Reporter): void {
  if (!fits(schema, node)) judgeBy(createAjv().compile(schema), { node, where, keys: [] }, reporter);
}

function judgeBy(validate: ValidateFunction, subject: Subject, reporter: Reporter): void {
  if (validate(toData(subject.node))) return;
  // in verbose form Ajv's errors have all that `Found` asks for
  for (const error of toDataErrors((validate.errors ?? []) as Found[], "")) {
    report(error, subject, reporter);
    if (reporter.findings.isFull) return;
  }
}

/** Our own schemas: no need to judge them each time. */
function createAjv(): Ajv {
  const own = { meta: false, validateSchema: false, strict: true, strictRequired: false, strictTypes: false } as const;
  return new Ajv({ ...own, allErrors: true, verbose: true, allowUnionTypes: true, ownProperties: true, logger: false });
}

interface Judge {
  readonly schema: JsonObject;
  /** Compiled when a value does not certainly fit. */
  validate: ValidateFunction | null;
}

interface Subject {
  readonly node: MapNode;
  /** The node that stands in the document, where `node` is only a part of it. */
  readonly original?: MapNode;
  readonly where: string;
  /** Keys that the language has and this version lacks. */
  readonly keys: readonly string[];
}

function report(error: LocatedError, { node, original = node, where, keys }: Subject, reporter: Reporter): void {
  const { found, segments, keyword, message } = error;
  if (keyword === "additionalProperties") {
    const key = String(segments.at(-1));
    const parent = descend(node, segments.slice(0, -1));
    const one = entryOf(parent, key);
    if (one === undefined) return;
    const isTop = segments.length === 1;
    if (isTop && keys.includes(key)) {
      reporter.atKey(one, { code: "DEF_NOT_YET", details: { key } });
      return;
    }
    const known = Object.keys((found.parentSchema?.properties ?? {}) as object); // a schema's properties are a map
    const near = nearestName(key, known);
    const place = isTop ? where : `\`${error.path.slice(0, error.path.length - key.length - 1)}\``;
    const fix = near === undefined ? `Its keys are ${known.join(", ")}.` : `Did you mean \`${near}\`?`;
    reporter.atKey(one, { code: "DEF_UNKNOWN_KEY", details: { where: place, key }, fix });
    return;
  }
  if (keyword === "required") {
    const parent = descend(node, segments.slice(0, -1));
    reporter.at(parent === node ? original : parent, {
      code: "DEF_SCHEMA",
      details: { path: where, problem: `\`${error.path}\` is missing` },
      fix: `Add \`${segments.at(-1)}:\`.`,
    });
    return;
  }
  const target = descend(node, segments);
  const words = keyword === "pattern" ? wordsOf(String(found.params.pattern)) : null;
  const advice = words === null ? adviceFor(found) : nearestAdvice(String(found.data), words);
  reporter.at(target === node ? original : target, {
    code: "DEF_SCHEMA",
    details: {
      path: error.path === "" ? where : error.path,
      problem: words === null ? message : `Value '${found.data}' is none of ${words.join(", ")}`,
    },
    ...(advice !== undefined && { fix: advice }),
  });
}

/** The node at a path, or the last one on the way that exists. */
function descend(from: MapNode, segments: readonly (string | number)[]): SourceNode {
  let node: SourceNode = from;
  for (const segment of segments) {
    const next = childOf(node, segment);
    if (next === undefined) return node;
    node = next;
  }
  return node;
}

/** The words of a pattern that is nothing but a choice: a text that may stand beside a map. */
function wordsOf(pattern: string): readonly string[] | null {
  return /^\^\(\?:([a-z|]+)\)\$$/.exec(pattern)?.[1]?.split("|") ?? null;
}

function nearestAdvice(text: string, words: readonly string[]): string | undefined {
  const near = nearestName(text, words);
  return near === undefined ? undefined : `Did you mean \`${near}\`?`;
}

function adviceFor({ keyword, params, data }: Found): string | undefined {
  if (keyword === "enum" && typeof data === "string") {
    return nearestAdvice(data, (params.allowedValues as unknown[]).map(String)); // Ajv's params of `enum`
  }
  if (keyword !== "pattern" || typeof data !== "string") return undefined;
  if (String(params.pattern).includes("ms|s|m")) return "Write a duration such as `250ms`, `30s`, `1h30m` or `7d`; a number means seconds.";
  const identifier = data.replace(/[^A-Za-z0-9_]+/g, "_").replace(/^(?=\d)/, "_");
  return `Use letters, digits and \`_\`, not beginning with a digit, such as \`${identifier}\`.`;
}

/** The list without what is in the steps, which are looked at one by one. */
function emptied(list: SourceNode & { kind: "list" }): SourceNode {
  return { ...list, items: list.items.map((item) => (item.kind === "map" ? { ...item, entries: [] } : item)) };
}
