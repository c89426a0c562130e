/** One evaluation: its scope, local names and what it may still use up. */
import type { Position } from "../../grammar/ast.ts";
import { placedError } from "../../grammar/syntax-error.ts";
import type { ErrorCode } from "../core/errors.ts";
import type { Scope } from "./scope.ts";

export interface Limits {
  /** Units of work, each some tens of nanoseconds: an item looked at, a part rendered, 16 characters walked over. */
  readonly fuel: number;
  /** Longest text that may come into being, in UTF-16 code units. */
  readonly textChars: number;
}

/** About 20 ms at worst, so that a hostile expression cannot hold up the engine (S-1). */
export const EXPRESSION_LIMITS: Limits = { fuel: 1_000_000, textChars: 1_048_576 };
/** Templates are rendered by steps, off the engine's thread if they are large. */
export const TEMPLATE_LIMITS: Limits = { fuel: 10_000_000, textChars: 16_777_216 };

/** Deepest value that is compared, printed or read; JSON that people exchange stays far below. */
export const VALUE_DEPTH_MAX = 100;

/** Characters walked over for one unit of fuel. */
const CHARS_PER_FUEL = 16;

/** Names set inside a template; a loop's body sees those of its surroundings. */
export interface Locals {
  readonly names: Map<string, unknown>;
  readonly outer: Locals | null;
}

/** Thrown instead of a full error where `??`, `default` or `is defined` is going to catch it. */
export const MISSING_SIGNAL = new Error("missing");

export class Frame {
  readonly scope: Scope;
  readonly limits: Limits;
  locals: Locals | null = null;
  /** How many guards are open: above zero, a missing path is no error. */
  guards = 0;
  #fuel: number;

  constructor(scope: Scope, limits: Limits) {
    this.scope = scope;
    this.limits = limits;
    this.#fuel = limits.fuel;
  }

  spend(amount: number, at: Position): void {
    this.#fuel -= amount;
    if (this.#fuel < 0) throw expressionError("EXPR_LIMIT", at, `The evaluation takes more than ${this.limits.fuel} steps.`);
  }

  /** Pays for walking over a text. */
  spendText(text: string, at: Position): void {
    this.spend(text.length / CHARS_PER_FUEL, at);
  }

  /** Pays for a text that is about to come into being, and refuses one that is too long. */
  admitText(chars: number, at: Position): void {
    if (chars > this.limits.textChars)
      throw expressionError("EXPR_LIMIT", at, `A text of ${chars} characters is longer than the ${this.limits.textChars} allowed.`);
    this.spend(chars / CHARS_PER_FUEL, at);
  }
}

export function expressionError(code: ErrorCode, at: Position, problem: string, fix?: string): Error {
  return placedError(code, at, 1, { problem }, fix);
}
