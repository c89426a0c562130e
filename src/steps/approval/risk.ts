/** How risky a run is, by the workflow's own rules (mission D13). */
import type { JsonObject } from "../../core/json.ts";
import type { AttemptContext } from "../../ports/attempt.ts";

/** Levels and the scores from which they apply, mildest first. */
const LEVELS = [
  ["low", 0],
  ["medium", 30],
  ["high", 60],
  ["critical", 90],
] as const;
export type RiskLevel = (typeof LEVELS)[number][0];
export const RISK_LEVELS: readonly RiskLevel[] = LEVELS.map(([level]) => level);

export interface Risk {
  readonly score: number;
  readonly level: RiskLevel;
  /** The rules that hold, with what they add. `error`: the rule could not be evaluated, and counts for that. */
  readonly reasons: readonly { readonly reason: string; readonly score: number; readonly error?: string }[];
}

export function levelOf(score: number): RiskLevel {
  return LEVELS.findLast(([, from]) => score >= from)?.[0] ?? "low";
}

/** What nobody can judge is a risk: a rule whose condition fails counts when it would raise the score. */
export function assessRisk(context: AttemptContext): Risk {
  const reasons: { reason: string; score: number; error?: string }[] = [];
  for (const { when, score, reason } of context.request.workflow.risk) {
    const { holds, trace } = context.explain(when);
    const { error } = trace as JsonObject; // A trace is a map.
    if (typeof error === "string") {
      if (score > 0) reasons.push({ reason, score, error });
    } else if (holds) reasons.push({ reason, score });
  }
  const score = reasons.reduce((sum, rule) => sum + rule.score, 0);
  return { score, level: levelOf(score), reasons };
}
