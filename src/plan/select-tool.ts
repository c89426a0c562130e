/**
 * Which tool does a step's work: a pure function of what is declared, asked, permitted, and known of each tool. What it decides is
 * recorded whole, so that a choice can be explained long after.
 *
 * SL1 The same arguments give the same answer; what is equal is told apart by the order of the declarations.
 * SL2 Every tool is considered and gets one verdict, for the first thing that speaks against it: capability, permission, presence,
 *     health, breaker.
 * SL3 A tool that is not asked for, not permitted, missing or unwell is never in the order. One whose breaker is open is last in it: it
 *     may have recovered by the time its turn comes.
 */
import type { ToolPolicy, ToolPreference } from "./step-policies.ts";
import type { ToolDeclaration } from "./tool.ts";
import { isInDomains } from "./tool-domains.ts";

export const TOOL_VERDICTS = ["chosen", "fallback", "open", "unhealthy", "missing", "denied", "lacks-capability"] as const;
export type ToolVerdict = (typeof TOOL_VERDICTS)[number];

/** What a tool's latest calls were like; of the tenant who asks, and of nobody else. */
export interface ToolRecord {
  /** Calls that succeeded, failed or timed out; others say nothing. */
  readonly calls: number;
  readonly successes: number;
  /** Of the calls that succeeded, in milliseconds; null when none did. */
  readonly p50Ms: number | null;
  /** Mean of the calls that told it; null when none did. */
  readonly costUsd: number | null;
}

export interface ToolFacts {
  readonly tool: ToolDeclaration;
  /** Null when nobody looked, since something else spoke against it already. */
  readonly probe: {
    readonly status: "healthy" | "unhealthy" | "missing";
    readonly detail: string | null;
    readonly version: string | null;
  } | null;
  readonly breaker: "closed" | "open" | "half_open";
  readonly record: ToolRecord;
}

/** What a security profile lets a step use; as in the port. */
export interface Permit {
  readonly allow: readonly string[] | null;
  readonly deny: readonly string[];
  readonly by: string;
}

export interface ToolQuestion {
  readonly policy: ToolPolicy;
  /** For policies without a preference of their own. */
  readonly prefer: ToolPreference | null;
  readonly permit: Permit | null;
  readonly paths: readonly string[] | null;
}

export interface Considered {
  readonly tool: string;
  readonly adapter: string;
  readonly verdict: ToolVerdict;
  readonly reason: string;
  /** 1 is the best; by the preference, or by the reliability where there is none. */
  readonly score: number;
  /** What a call is expected to cost; null where nobody knows. */
  readonly costUsd: number | null;
  readonly p50Ms: number | null;
  /** Null without history. */
  readonly successRate: number | null;
  readonly calls: number;
  readonly version: string | null;
}

export interface ToolChoice {
  readonly chosen: string | null;
  /** Names, the best first. */
  readonly order: readonly string[];
  /** In the order of preference; those that cannot do it last. */
  readonly considered: readonly Considered[];
}

/** Tokens of a call when nothing is known of it. */
const TOKENS_ASSUMED = 10_000;
/** Calls before a tool can be known to fail. */
const CALLS_MIN = 5;
/** Of a measure that nobody knows: neither the best nor the worst. */
const SCORE_UNKNOWN = 0.5;
/** Differences below these do not matter. */
const COST_GRAIN_USD = 0.01;
const TIME_GRAIN_MS = 100;

/** What speaks against a tool before anybody has looked at it; null for a candidate that is worth a look. */
export function objectionTo(tool: ToolDeclaration, { policy, permit, paths }: ToolQuestion): Pick<Considered, "verdict" | "reason"> | null {
  const { name, needs } = policy;
  const lacking = needs.filter((need) => !tool.capabilities.includes(need));
  if (name !== null && needs.length === 0 && tool.name !== name) return lacks(`the step asks for \`${name}\``);
  if (lacking.length > 0) return lacks(`it cannot do ${lacking.map((need) => `\`${need}\``).join(", ")}`);
  if (!isInDomains(tool.domains, paths)) return lacks(`it is for ${tool.domains.join(", ")} only`);
  if (permit === null) return null;
  const isDenied = permit.deny.includes(tool.name) || (permit.allow !== null && !permit.allow.includes(tool.name));
  return isDenied ? { verdict: "denied", reason: `${permit.by} does not permit it` } : null;
}

function lacks(reason: string): Pick<Considered, "verdict" | "reason"> {
  return { verdict: "lacks-capability", reason };
}

export function selectTool(facts: readonly ToolFacts[], question: ToolQuestion): ToolChoice {
  const prefer = question.policy.prefer ?? question.prefer;
  const judged = facts.map((one, position) => ({ ...measuresOf(one), position, facts: one, objection: objectionOf(one, question) }));
  const scale = scaleOf(judged.filter(({ objection }) => objection === null));
  const rated = judged.map((one) => ({ ...one, ...ratingOf(one, scale, prefer) }));
  const isNamed = (one: (typeof rated)[number]): boolean => one.facts.tool.name === question.policy.name;
  const ranked = rated.toSorted(
    (one, other) =>
      standingOf(one.objection) - standingOf(other.objection) ||
      Number(isNamed(other)) - Number(isNamed(one)) ||
      compareKeys(one.keys, other.keys) ||
      one.position - other.position,
  );
  const considered = ranked.map(({ objection, facts: { tool, probe, record }, score, costUsd, p50Ms }, index): Considered => {
    const verdict =
      objection ??
      (index === 0
        ? chosenBy(question, prefer, tool.name)
        : { verdict: "fallback" as const, reason: "takes over if those before it cannot" });
    const successRate = record.calls === 0 ? null : round(record.successes / record.calls);
    const { name, adapter } = tool;
    return {
      tool: name,
      adapter,
      ...verdict,
      score: round(score),
      costUsd,
      p50Ms,
      successRate,
      calls: record.calls,
      version: probe?.version ?? null,
    };
  });
  const order = considered.filter(({ verdict }) => verdict === "chosen" || verdict === "fallback" || verdict === "open");
  return { chosen: considered.find(({ verdict }) => verdict === "chosen")?.tool ?? null, order: order.map(({ tool }) => tool), considered };
}

function objectionOf(facts: ToolFacts, question: ToolQuestion): Pick<Considered, "verdict" | "reason"> | null {
  const { tool, probe, breaker } = facts;
  const objection = objectionTo(tool, question);
  if (objection !== null) return objection;
  if (probe?.status === "missing") return { verdict: "missing", reason: probe.detail ?? `\`${tool.command[0]}\` is not there` };
  if (probe?.status === "unhealthy") return { verdict: "unhealthy", reason: probe.detail ?? "its health check failed" };
  if (breaker === "open") return { verdict: "open", reason: "its breaker is open after repeated failures" };
  return null;
}

const STANDING: Readonly<Record<ToolVerdict, number>> = {
  chosen: 0,
  fallback: 0,
  open: 1,
  unhealthy: 2,
  missing: 3,
  denied: 4,
  "lacks-capability": 5,
};

function standingOf(objection: Pick<Considered, "verdict"> | null): number {
  return objection === null ? 0 : STANDING[objection.verdict];
}

interface Measures {
  readonly costUsd: number | null;
  readonly p50Ms: number | null;
  /** Tends to one half where there is little history. */
  readonly reliability: number;
  /** Most of its calls failed lately. */
  readonly isFailing: boolean;
}

function measuresOf({ tool, record }: ToolFacts): Measures {
  const { usdPerRun, usdPer1kTokens } = tool.cost;
  const declared = usdPerRun ?? (usdPer1kTokens === null ? null : (usdPer1kTokens * TOKENS_ASSUMED) / 1_000);
  return {
    costUsd: record.costUsd ?? declared,
    p50Ms: record.p50Ms,
    reliability: (record.successes + 1) / (record.calls + 2),
    isFailing: record.calls >= CALLS_MIN && record.successes * 2 < record.calls,
  };
}

interface Scale {
  readonly costUsd: number;
  readonly p50Ms: number;
}

/** The best of the candidates, against which the others are measured. */
function scaleOf(candidates: readonly Measures[]): Scale {
  const least = (values: readonly (number | null)[]): number => Math.min(...values.filter((value) => value !== null));
  return { costUsd: least(candidates.map(({ costUsd }) => costUsd)), p50Ms: least(candidates.map(({ p50Ms }) => p50Ms)) };
}

/** `keys` decide, one after the other, greater first; the score is the first that has a meaning for people. */
function ratingOf(
  one: Measures,
  scale: Scale,
  prefer: ToolPreference | null,
): { readonly score: number; readonly keys: readonly number[] } {
  const cheap = share(scale.costUsd, one.costUsd, COST_GRAIN_USD);
  const fast = share(scale.p50Ms, one.p50Ms, TIME_GRAIN_MS);
  const sound = one.isFailing ? 0 : 1;
  switch (prefer) {
    case "cheapest":
      return { score: cheap, keys: [sound, cheap, one.reliability, fast] };
    case "fastest":
      return { score: fast, keys: [sound, fast, one.reliability, cheap] };
    case "reliable":
      return { score: one.reliability, keys: [one.reliability, cheap, fast] };
    case null:
      // The author's order, but for tools that mostly fail.
      return { score: one.reliability, keys: [sound] };
  }
}

function share(best: number, value: number | null, grain: number): number {
  if (value === null || !Number.isFinite(best)) return SCORE_UNKNOWN;
  return Math.min(1, (best + grain) / (value + grain));
}

function compareKeys(one: readonly number[], other: readonly number[]): number {
  for (const [index, value] of one.entries()) {
    const difference = (other[index] ?? 0) - value;
    if (difference !== 0) return difference;
  }
  return 0;
}

const WORDS: Readonly<Record<ToolPreference, string>> = {
  cheapest: "it is expected to cost least",
  fastest: "its calls have been the fastest",
  reliable: "its calls have succeeded most often",
};

function chosenBy({ policy }: ToolQuestion, prefer: ToolPreference | null, name: string): Pick<Considered, "verdict" | "reason"> {
  if (policy.name === name) return { verdict: "chosen", reason: "the step asks for it" };
  return { verdict: "chosen", reason: prefer === null ? "it is the first that can do it" : WORDS[prefer] };
}

function round(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
