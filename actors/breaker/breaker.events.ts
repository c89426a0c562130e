/** What a breaker's statechart understands; payloads are what the audit log keeps. Calls that change nothing are not told to it. */

/** `dueAt: null` says that no timer runs any more. */
export type BreakerEvent = { readonly at: number } /**
 * A call has failed by the target's fault. `failures` of `calls` in the window are counted with it; `limit` is how many may. What
 * follows matters when the breaker opens.
 */ & (
  | {
      readonly type: "call.failed";
      readonly failures: number;
      readonly calls: number;
      readonly limit: number;
      readonly delayMs: number;
      readonly dueAt: number;
    }
  /** The probe was answered. */
  | { readonly type: "call.answered"; readonly dueAt: null }
  /** A person closes it. */
  | { readonly type: "breaker.reset"; readonly by: string; readonly dueAt: null }
  | { readonly type: "xstate.after.recovery.breaker-v1.open"; readonly dueAt: null }
);
