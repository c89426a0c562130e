/** What a document says about its runs besides steps: secrets and risk. The shape has been checked. */
import type { RiskRule, SecretSource } from "../plan/step-policies.ts";
import type { FieldReader } from "./fields.ts";
import { entryOf, type SourceNode, toData } from "./source-node.ts";

export function readSecrets(node: SourceNode | undefined): Readonly<Record<string, SecretSource>> {
  const secrets: Record<string, SecretSource> = Object.create(null);
  for (const { key, value } of node?.kind === "map" ? node.entries : []) {
    const env = entryOf(value, "env")?.value;
    const file = entryOf(value, "file")?.value;
    if (env !== undefined) secrets[key] = { kind: "env", name: String(toData(env)) };
    else if (file !== undefined) secrets[key] = { kind: "file", path: String(toData(file)) };
  }
  return secrets;
}

export function readRisk(node: SourceNode | undefined, fields: FieldReader): RiskRule[] {
  if (node?.kind !== "list") return [];
  return node.items.flatMap((item, index): RiskRule[] => {
    const condition = entryOf(item, "when")?.value;
    const score = entryOf(item, "score")?.value;
    const reason = entryOf(item, "reason")?.value;
    const when = condition?.kind === "scalar" ? fields.condition(condition, `risk[${index}].when`) : null;
    if (when === null || score === undefined || reason === undefined) return [];
    return [{ when, score: Number(toData(score)), reason: String(toData(reason)) }];
  });
}
