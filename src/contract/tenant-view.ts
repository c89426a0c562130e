/** How much a tenant has under way, and what it has spent. */
export interface TenantView {
  readonly tenant: string;
  /** Runs that have not ended, by dotted state. */
  readonly runs: Readonly<Record<string, number>>;
  readonly quarantinedSteps: number;
  readonly pendingApprovals: number;
  readonly workflows: number;
  /** Days of UTC. */
  readonly costTodayUsd: number;
  readonly cost30DaysUsd: number;
}
