/** What runs of a tenant cost, by day of UTC and by what it was spent on. */
export interface CostRow {
  /** `2026-11-22`. */
  readonly day: string;
  readonly workflow: string;
  /** Kind of step: `agent`, `shell`, … */
  readonly category: string;
  readonly tool: string | null;
  readonly usd: number;
  readonly attempts: number;
}

export interface CostView {
  readonly tenant: string;
  readonly from: string;
  readonly to: string;
  readonly totalUsd: number;
  readonly rows: readonly CostRow[];
}
