/** The process that serves, and the engine and the store behind it. */
export interface SystemView {
  readonly version: string;
  readonly startedAt: number;
  readonly engine: {
    /** `remote` while another process drives the runs. */
    readonly kind: "local" | "remote";
    readonly epoch: number;
    readonly safeMode: boolean;
  };
  /** Attempts that ask for a place, by priority from 1 to 5. */
  readonly queue: { readonly depths: readonly number[]; readonly limit: number; readonly backpressure: boolean };
  readonly workers: { readonly busy: number; readonly limit: number };
  readonly runs: Readonly<Record<string, number>>;
  readonly quarantined: number;
  readonly pendingApprovals: number;
  readonly store: { readonly bytes: number; readonly lastPosition: number };
  readonly streams: { readonly sse: number; readonly websocket: number };
  readonly checks: readonly { readonly name: string; readonly ok: boolean; readonly detail: string; readonly fix: string | null }[];
}
