/** Circuit breakers: whoever fails again and again is left alone for a while. Their state outlives the engine (I-36). */
import type { Epoch, TenantId } from "../core/ids.ts";
import type { BreakerActor, BreakerMove, BreakerState } from "../kernel/breaker.ts";
import type { BreakerPolicy } from "../plan/tool.ts";

export type { BreakerState };

/** One tenant's trouble with a target is not another's: they may have other credentials (mission T6). */
export interface BreakerKey {
  readonly tenant: TenantId;
  /** Such as `tool:claude_code` or `webhook:api.example.org`. */
  readonly target: string;
}

export interface BreakerOpen {
  readonly open: true;
  /** When a probe will be let through, in milliseconds from now. */
  readonly retryAfterMs: number;
}

/** What a result says about the target. `undecided`: nothing, such as a call that we stopped ourselves. */
export type CallVerdict = "answered" | "failed" | "undecided";

export interface Breakers extends Disposable {
  /**
   * Calls `work` unless the breaker is open. `judge` tells which results count against the target: a failing test is the user's, a
   * refused connection is the tool's. An open breaker uses up no attempt (I-36), and has no time limit of its own: whoever calls has.
   * `policy` counts when the breaker is made, by its first call in this engine.
   */
  call<TResult>(
    key: BreakerKey,
    work: () => Promise<TResult>,
    judge: (result: TResult) => CallVerdict,
    policy?: BreakerPolicy,
  ): Promise<TResult | BreakerOpen>;
  state(key: BreakerKey): BreakerState;
}

/** A breaker as its last move left it. */
export interface BreakerRow extends BreakerKey {
  readonly actor: BreakerActor;
  readonly changedAt: number;
  /** `engine 7`, or who reset it. */
  readonly changedBy: string;
  /** Grows with every move in the store: the id of the move's note in the audit log. */
  readonly revision: number;
}

/**
 * Where the moves of breakers are kept. Truth is the audit log; the rows are its last moves, written in the same transaction, and can be
 * rebuilt from it.
 */
export interface BreakerStore {
  /** Rows whose last move came after this revision, oldest move first. */
  breakers(afterRevision: number): readonly BreakerRow[];
  /**
   * Appends a move. An engine names its epoch and is refused when it is no longer the store's (I-10); a person names themselves.
   *
   * @throws FencedError EPOCH_LOST
   */
  keepBreaker(key: BreakerKey, move: BreakerMove, by: Epoch | string): Promise<void>;
}
