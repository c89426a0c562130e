/** Findings as SARIF 2.1.0, which code hosts and editors show at their places. */
import { isAbsolute } from "node:path";
import { pathToFileURL } from "node:url";
import { type CatalogueEntry, catalogue } from "../../core/catalogue.ts";
import type { Finding } from "../../definition/finding.ts";
import type { LintRule } from "../../definition/lint/rule.ts";

const SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json";

export interface SarifRule {
  readonly id: string;
  readonly shortDescription?: { readonly text: string };
  readonly fullDescription?: { readonly text: string };
  readonly help?: { readonly text: string };
  readonly defaultConfiguration: { readonly level: Finding["severity"] };
  readonly properties: { readonly tags: readonly string[] };
}

interface SarifResult {
  readonly ruleId: string;
  readonly ruleIndex: number;
  readonly level: Finding["severity"];
  readonly message: { readonly text: string };
  readonly locations: readonly object[];
  /** A fix in words; SARIF's own `fixes` are changes of text, which nobody has checked. */
  readonly properties?: { readonly fix: string };
}

export interface SarifLog {
  readonly $schema: string;
  readonly version: "2.1.0";
  readonly runs: readonly [
    {
      readonly tool: { readonly driver: { readonly name: "troupe"; readonly version: string; readonly rules: readonly SarifRule[] } };
      /** Columns count UTF-16 code units, as JavaScript does. */
      readonly columnKind: "utf16CodeUnits";
      readonly results: readonly SarifResult[];
    },
  ];
}

export function toSarif(findings: readonly Finding[], version: string, lintRules: readonly LintRule[]): SarifLog {
  const codes = [...new Set(findings.map(({ code }) => code))].sort();
  const rules = codes.map((code) => toRule(code, findings.find((finding) => finding.code === code)?.severity ?? "error", lintRules));
  const indexOf = new Map(codes.map((code, index) => [code, index]));
  const results = findings.map((finding) => toResult(finding, indexOf.get(finding.code) ?? 0));
  return {
    $schema: SCHEMA,
    version: "2.1.0",
    runs: [{ tool: { driver: { name: "troupe", version, rules } }, columnKind: "utf16CodeUnits", results }],
  };
}

function toRule(id: string, level: Finding["severity"], lintRules: readonly LintRule[]): SarifRule {
  const rule = lintRules.find(({ code }) => code === id);
  if (rule !== undefined) {
    return {
      id,
      shortDescription: { text: sentence(rule.what) },
      fullDescription: { text: rule.why },
      help: { text: rule.fix },
      defaultConfiguration: { level: rule.severity },
      properties: { tags: [rule.family] },
    };
  }
  const entries: Readonly<Record<string, CatalogueEntry>> = catalogue;
  const entry = Object.hasOwn(entries, id) ? entries[id] : undefined;
  return {
    id,
    ...(entry !== undefined &&
      !/^\{\w+\}$/.test(entry.message) && { shortDescription: { text: entry.message.replace(/\{(\w+)\}/g, "<$1>") } }),
    ...(entry?.fix !== undefined && { help: { text: entry.fix } }),
    defaultConfiguration: { level },
    properties: { tags: ["definition"] },
  };
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function toResult({ code, severity, message, path, file, line, column, length, fix }: Finding, ruleIndex: number): SarifResult {
  const region = { startLine: line, startColumn: column, endColumn: column + Math.max(1, length) };
  return {
    ruleId: code,
    ruleIndex,
    level: severity,
    message: { text: fix === null ? message : `${message} ${fix}` },
    locations: [
      {
        physicalLocation: { artifactLocation: { uri: toUri(file) }, region },
        ...(path !== "" && { logicalLocations: [{ fullyQualifiedName: path }] }),
      },
    ],
    ...(fix !== null && { properties: { fix } }),
  };
}

/** Relative paths stay relative, so that a code host finds them in its checkout. */
function toUri(file: string): string {
  if (isAbsolute(file)) return pathToFileURL(file).href;
  return file.replace(/^\.\//, "").split(/[\\/]/).map(encodeURIComponent).join("/");
}
