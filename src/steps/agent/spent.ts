/** What the turns of one attempt took together. Pure. */
import type { AgentAnswer, TokenUsage } from "./adapter.ts";

export interface Spent {
  readonly usage: TokenUsage | null;
  readonly costUsd: number | null;
  readonly turns: number | null;
  readonly changed: readonly string[];
  readonly denied: readonly string[];
}

export const NOTHING_SPENT: Spent = { usage: null, costUsd: null, turns: null, changed: [], denied: [] };

/** @param replaces the answer counts what was spent before it, too */
export function addSpent(before: Spent, { usage, costUsd, turns, changed, denied }: AgentAnswer, replaces: boolean): Spent {
  const base = replaces ? NOTHING_SPENT : before;
  return {
    usage:
      base.usage === null
        ? (usage ?? before.usage)
        : { input: base.usage.input + (usage?.input ?? 0), output: base.usage.output + (usage?.output ?? 0) },
    costUsd: sum(base.costUsd, costUsd),
    turns: sum(before.turns, turns),
    changed: [...before.changed, ...changed],
    denied: [...new Set([...before.denied, ...denied])],
  };
}

function sum(one: number | null, other: number | null): number | null {
  return one === null ? other : one + (other ?? 0);
}
