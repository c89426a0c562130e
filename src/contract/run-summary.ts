/** A line of a list: what is known of a run without folding it. */
export interface RunSummary {
  readonly id: string;
  readonly workflow: string;
  readonly state: string;
  readonly createdAt: number;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  readonly durationMs: number | null;
  readonly costUsd: number;
  readonly progress: { readonly done: number; readonly total: number; readonly percent: number };
  readonly parent: string | null;
}

export interface RunPage {
  readonly runs: readonly RunSummary[];
  /** `cursor` of the next page; null for none. */
  readonly next: string | null;
}
