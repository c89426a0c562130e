/** What was decided about a step's tool, as it is recorded with the attempt and shown to people. */
import { isJsonObject, type Json, type JsonObject } from "../core/json.ts";
import { type Considered, TOOL_VERDICTS, type ToolChoice, type ToolQuestion } from "./select-tool.ts";

export interface ToolDecision {
  /** File that declares the tools; null for the built-in ones alone. */
  readonly router: string | null;
  readonly asked: { readonly name: string | null; readonly needs: readonly string[]; readonly prefer: string | null };
  readonly chosen: string | null;
  /** Why there is none; null when there is. */
  readonly problem: string | null;
  readonly considered: readonly Considered[];
}

export function toDecision(choice: ToolChoice, { policy, prefer }: ToolQuestion, router: string | null): JsonObject {
  const { chosen, considered } = choice;
  const asked = { name: policy.name, needs: policy.needs, prefer: policy.prefer ?? prefer };
  const decision: ToolDecision = { router, asked, chosen, problem: chosen === null ? problemOf(choice, policy) : null, considered };
  return decision as unknown as JsonObject; // Plain data throughout.
}

function problemOf({ considered }: ToolChoice, { name, needs }: ToolQuestion["policy"]): string {
  if (name !== null && needs.length === 0 && !considered.some(({ tool }) => tool === name)) {
    const names = considered.map(({ tool }) => `\`${tool}\``).join(", ");
    return `There is no tool \`${name}\`${names === "" ? "" : `; there is ${names}`}.`;
  }
  const able = considered.filter(({ verdict }) => verdict !== "lacks-capability");
  if (able.length === 0) return `No tool can do ${needs.length === 0 ? "it" : needs.map((need) => `\`${need}\``).join(" and ")}.`;
  return `No tool can do it now: ${able.map(({ tool, reason }) => `\`${tool}\`: ${reason}`).join("; ")}.`;
}

/** Reads what a journal holds; null for what is none. Members that are missing are as if nobody knew. */
export function parseDecision(value: Json | undefined): ToolDecision | null {
  if (!isJsonObject(value) || !Array.isArray(value.considered)) return null;
  const asked = isJsonObject(value.asked) ? value.asked : {};
  return {
    router: textOf(value.router),
    asked: { name: textOf(asked.name), needs: textsOf(asked.needs), prefer: textOf(asked.prefer) },
    chosen: textOf(value.chosen),
    problem: textOf(value.problem),
    considered: value.considered.filter(isJsonObject).map(parseConsidered),
  };
}

function parseConsidered(value: JsonObject): Considered {
  return {
    tool: textOf(value.tool) ?? "",
    adapter: textOf(value.adapter) ?? "",
    verdict: TOOL_VERDICTS.find((verdict) => verdict === value.verdict) ?? "denied",
    reason: textOf(value.reason) ?? "",
    score: numberOf(value.score) ?? 0,
    costUsd: numberOf(value.costUsd),
    p50Ms: numberOf(value.p50Ms),
    successRate: numberOf(value.successRate),
    calls: numberOf(value.calls) ?? 0,
    version: textOf(value.version),
  };
}

const textOf = (value: Json | undefined): string | null => (typeof value === "string" ? value : null);
const numberOf = (value: Json | undefined): number | null => (typeof value === "number" ? value : null);
const textsOf = (value: Json | undefined): readonly string[] =>
  Array.isArray(value) ? value.filter((item): item is string => typeof item === "string") : [];
