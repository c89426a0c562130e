/** A tool that steps may ask, and the breaker before it. */
export interface BreakerView {
  readonly tool: string;
  readonly state: "closed" | "open" | "half_open";
  readonly failures: number;
  /** When it will be tried again; null unless it is open. */
  readonly retryAt: number | null;
  readonly changedAt: number | null;
}

export interface ToolView {
  readonly name: string;
  readonly kind: string;
  /** Found on this machine. */
  readonly available: boolean;
  readonly version: string | null;
  /** Why it is not there; null where it is. */
  readonly problem: string | null;
  readonly capabilities: readonly string[];
  readonly calls: number;
  readonly successes: number;
  readonly p50Ms: number | null;
  readonly costUsd: number;
  readonly breaker: BreakerView;
}
