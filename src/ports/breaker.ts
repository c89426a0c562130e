/** A circuit breaker around each call of a tool. */
export type BreakerState = "closed" | "open" | "half_open";

export interface BreakerOpen {
  readonly open: true;
  /** When a probe will be let through, in milliseconds from now. */
  readonly retryAfterMs: number;
}

/** What a result says about the target. `undecided`: nothing, such as a call that we stopped ourselves. */
export type CallVerdict = "answered" | "failed" | "undecided";

export interface Breakers extends Disposable {
  /**
   * Calls `work` unless the breaker of `target` is open. `isFailure` tells which results count against the target: a failing test
   * is the user's, a refused connection is the tool's. An open breaker uses up no attempt (I-36).
   */
  call<TResult>(target: string, work: () => Promise<TResult>, isFailure: (result: TResult) => boolean): Promise<TResult | BreakerOpen>;
  state(target: string): BreakerState;
}
