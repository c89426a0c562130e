/** Something around the work of an attempt: a cache before it, a worktree about it, a gate behind it. */
import type { AttemptContext, AttemptRequest, Execution } from "./attempt.ts";

/** Does the attempt itself, or what the next layer makes of it; `context` may be the one given with another workspace or environment. */
export type InnerAttempt = (context: AttemptContext) => Promise<Execution>;

/**
 * Layers stand in one order, outermost first: profile, tool, cache, worktree, gate. The innermost call has checked the output's schema
 * already, so a success that a layer sees is one.
 *
 * L1 A layer calls `inner` at most once, and hands on what it does not understand.
 * L2 A layer answers; it does not throw for what can go wrong in its work. What it throws all the same fails the attempt.
 * L3 It is called for an attempt of a dead engine too (`context.isReattached`), whose work goes on or has ended meanwhile.
 */
export interface AttemptLayer {
  readonly name: string;
  applies(request: AttemptRequest): boolean;
  run(context: AttemptContext, inner: InnerAttempt): Promise<Execution>;
}
