/**
 * The share of the engine's thread that a watcher may take. Spans of a step cost about 0.1 ms, and holding a result against its history
 * some 15 µs, of the same order as a step that does nothing; so with an engine at its limits a watcher follows as many whole runs as
 * fit into its share, and leaves the others out.
 */
export interface Budget {
  /** More than the share has been used up: no further run should be taken on. */
  readonly isSpent: boolean;
  spend(ms: number): void;
}

export interface BudgetOptions {
  /** Of the time that passes; 0.03 for three hundredths, 1 for no limit. */
  readonly share: number;
  /** What may be used at once after a quiet time. */
  readonly reserveMs: number;
  /** Milliseconds. */
  readonly now: () => number;
}

export function createBudget({ share, reserveMs, now }: BudgetOptions): Budget {
  let savedMs = reserveMs;
  let seenAt = now();
  return {
    get isSpent() {
      if (share >= 1) return false;
      const at = now();
      savedMs = Math.min(reserveMs, savedMs + (at - seenAt) * share);
      seenAt = at;
      return savedMs <= 0;
    },
    spend(ms) {
      savedMs -= ms;
    },
  };
}
