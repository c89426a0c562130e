/** What the step cache holds of a tenant. */
export interface CacheRow {
  readonly workflow: string;
  readonly step: string;
  readonly entries: number;
  /** With files and logs; what several entries share counts for each. */
  readonly bytes: number;
  /** Time that a hit saves, in the mean of its entries. */
  readonly tookMs: number;
  /** Epoch milliseconds. */
  readonly usedAt: number;
}

export interface CacheView {
  /** Where it is kept: `files`, `redis` or `s3`. */
  readonly technology: string;
  readonly entries: number;
  readonly bytes: number;
  /** False where there were more entries than one answer looks at. */
  readonly complete: boolean;
  /** Used last, first. */
  readonly rows: readonly CacheRow[];
}
