/** `troupe fmt`: one layout for workflow files, and either dialect in terms of the other. */
import { isMap, isScalar, isSeq, parseDocument, stringify } from "yaml";
import { DefinitionErrors } from "../core/errors.ts";
import type { Json } from "../core/json.ts";
import type { StepTypeDeclaration } from "../plan/step-type.ts";
import { canonicalKeys, NEEDS_ALIASES } from "./canonical-keys.ts";
import { Findings } from "./finding.ts";
import { readSource } from "./read-source.ts";
import { Reporter } from "./reporter.ts";
import { fromSeed, isSeed } from "./seed.ts";
import { type MapNode, toObject } from "./source-node.ts";
import { SourceText } from "./source-text.ts";
import { toSeed } from "./to-seed.ts";

export type Dialect = "troupe" | "seed";

export interface FormatOptions {
  readonly file: string;
  /** The dialect wanted. @defaultValue the one the file is in */
  readonly dialect?: Dialect;
  /** @defaultValue the one the file is in */
  readonly syntax?: "yaml" | "json";
  readonly stepTypes: readonly StepTypeDeclaration[];
}

const LAYOUT = { indent: 2, lineWidth: 0, indentSeq: true, minContentWidth: 0 } as const;

/**
 * The same workflow, laid out anew. Comments stay when dialect and syntax stay; a change of either drops them.
 *
 * @throws DefinitionErrors when the text is no document, or the other dialect cannot say what it says.
 */
export function formatDocument(text: string, { file, dialect, syntax, stepTypes }: FormatOptions): string {
  const source = new SourceText(text, file);
  const root = readSource(source);
  const from: Dialect = isSeed(root) ? "seed" : "troupe";
  const written = source.text.trimStart().startsWith("{") ? "json" : "yaml";
  const [to, as] = [dialect ?? from, syntax ?? written];
  if (to === from && as === "yaml" && written === "yaml") return formatYaml(source.text, from);
  const findings = new Findings();
  const reporter = new Reporter(source, root, findings);
  const data =
    to === from
      ? toObject(root)
      : from === "seed"
        ? toTroupe(root, stepTypes, reporter)
        : toSeed(canonicalKeys(root, stepTypes, reporter), reporter);
  if (findings.hasErrors) throw new DefinitionErrors(findings.errors);
  return as === "json" ? `${JSON.stringify(data, null, 2)}\n` : stringify(data, LAYOUT);
}

function toTroupe(root: MapNode, stepTypes: readonly StepTypeDeclaration[], reporter: Reporter): Json {
  const { dialect: _, ...document } = toObject(canonicalKeys(fromSeed(root, reporter), stepTypes, reporter));
  return document;
}

/** Works on the document itself, so that comments and blank lines stay where they are. */
function formatYaml(text: string, dialect: Dialect): string {
  const document = parseDocument(text, { version: "1.2", schema: "core" });
  if (dialect === "troupe" && isMap(document.contents)) for (const key of ["steps", "finally"]) renameNeeds(document.contents.get(key));
  return document.toString(LAYOUT);
}

/** In a list of steps, and in the steps that handle a failure. */
function renameNeeds(steps: unknown): void {
  for (const step of isSeq(steps) ? steps.items : []) {
    if (!isMap(step)) continue;
    for (const { key } of step.items)
      if (isScalar(key) && NEEDS_ALIASES.includes(String(key.value)) && !step.has("needs")) key.value = "needs";
    const rules = step.get("catch");
    for (const rule of isSeq(rules) ? rules.items : []) if (isMap(rule)) renameNeeds(rule.get("do"));
  }
}
