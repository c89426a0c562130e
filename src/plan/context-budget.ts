/**
 * Which files go into the window of an agent (mission P6). Greedy: the most important first, the smaller first among equals, so that
 * the answer is easy to foresee and to explain.
 *
 * B1 What is chosen never has more tokens than the budget.
 * B2 No file is left out for one of lower priority that is as large or larger.
 * B3 Equal candidates in any order give equal answers.
 */

/** 1 is the most important, as with priorities of runs. */
export const CONTEXT_PRIORITY_DEFAULT = 3;

export interface ContextCandidate {
  readonly path: string;
  readonly tokens: number;
  readonly priority: number;
  /** It must be in: the selection fails when it does not fit. */
  readonly isKept: boolean;
}

export interface PrunedFile {
  readonly path: string;
  readonly why: string;
}

export interface ContextSelection {
  readonly included: readonly ContextCandidate[];
  readonly pruned: readonly PrunedFile[];
  /** Of the files that are in. */
  readonly tokens: number;
  /** Files that had to be in, and did not fit. */
  readonly missing: readonly ContextCandidate[];
}

/** @param budget tokens that are left for files; null for no limit */
export function selectContext(candidates: readonly ContextCandidate[], budget: number | null): ContextSelection {
  const included: ContextCandidate[] = [];
  const pruned: PrunedFile[] = [];
  const missing: ContextCandidate[] = [];
  let tokens = 0;
  for (const candidate of candidates.toSorted(byImportance)) {
    const left = budget === null ? null : budget - tokens;
    if (left === null || candidate.tokens <= left) {
      included.push(candidate);
      tokens += candidate.tokens;
      continue;
    }
    if (candidate.isKept) missing.push(candidate);
    pruned.push({ path: candidate.path, why: reason(candidate, Math.max(left, 0)) });
  }
  return { included, pruned, tokens, missing };
}

function byImportance(one: ContextCandidate, other: ContextCandidate): number {
  return (
    Number(other.isKept) - Number(one.isKept) ||
    one.priority - other.priority ||
    one.tokens - other.tokens ||
    (one.path < other.path ? -1 : one.path > other.path ? 1 : 0)
  );
}

function reason({ tokens, priority }: ContextCandidate, left: number): string {
  return `It has ${tokens} tokens, and what is more important than priority ${priority} left ${left}.`;
}
