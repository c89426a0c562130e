import type { Expression } from "../../grammar/ast.ts";
import type { Frame } from "./frame.ts";

export type Evaluate = (frame: Frame) => unknown;

/**
 * Closures by tree, in two generations as in `source-cache.ts`. Not a WeakMap: its entries make every garbage collection dearer,
 * which cost as much as parsing did where trees are many and short-lived.
 */
export class TreeCache {
  #young = new Map<Expression, Evaluate>();
  #old = new Map<Expression, Evaluate>();

  get(tree: Expression): Evaluate | undefined {
    const young = this.#young.get(tree);
    if (young !== undefined) return young;
    const old = this.#old.get(tree);
    if (old !== undefined) this.set(tree, old);
    return old;
  }

  set(tree: Expression, evaluate: Evaluate): void {
    if (this.#young.size >= GENERATION_TREES_MAX) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(tree, evaluate);
  }
}

/**
 * Trees of one generation. Making closures again takes a microsecond; the collector moves each that is still kept when it comes by, which
 * took more: with 4,096 trees, 11 instead of 7 µs for a condition parsed and evaluated once.
 */
const GENERATION_TREES_MAX = 256;
