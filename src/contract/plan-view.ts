/** What is known of a run before it starts: `plan -o json`. Times are estimates from the author, from history, or one second. */
export interface PlanStep {
  readonly id: string;
  readonly needs: readonly string[];
  readonly wave: number;
  readonly critical: boolean;
  readonly slackMs: number;
  readonly estimateMs: number;
  /** Where it has run before. */
  readonly p50Ms: number | null;
  readonly p90Ms: number | null;
}

export interface PlanView {
  readonly workflow: string;
  readonly steps: readonly PlanStep[];
  readonly edges: readonly { readonly from: string; readonly to: string; readonly because: string }[];
  readonly waves: readonly (readonly string[])[];
  readonly criticalPath: readonly string[];
  readonly totalMs: number;
  readonly criticalPathMs: number;
  readonly workers: number;
  readonly makespanMs: number;
  readonly speedup: number;
  readonly speedupLimit: number;
  /** Null where nothing bounds it. */
  readonly bounds: { readonly durationMs: number | null; readonly attempts: number | null; readonly costUsd: number | null };
}
