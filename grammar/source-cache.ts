/**
 * Trees by source text, bounded by the characters of all sources, since trees grow with them. Two generations: a full young one
 * becomes the old one and the old one is dropped; a hit in the old one moves up. So what is in use stays, and nothing is deleted
 * one by one (a Map whose oldest keys are deleted in turn gets slow: that took a third of an uncached parse).
 */
export class SourceCache<TTree> {
  readonly #generationCharsMax: number;
  #young = new Map<string, TTree>();
  #old = new Map<string, TTree>();
  #youngChars = 0;

  constructor(charsMax: number) {
    this.#generationCharsMax = charsMax / 2;
  }

  get(source: string): TTree | undefined {
    const young = this.#young.get(source);
    if (young !== undefined) return young;
    const old = this.#old.get(source);
    if (old !== undefined) this.set(source, old);
    return old;
  }

  /** Keeps a tree that `get` has just not found. A source longer than a generation is not kept. */
  set(source: string, tree: TTree): void {
    if (source.length > this.#generationCharsMax) return;
    if (this.#youngChars + source.length > this.#generationCharsMax) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#youngChars = 0;
    }
    this.#young.set(source, tree);
    this.#youngChars += source.length;
  }

  /** How many trees are kept; one that moved up counts twice until its old generation is dropped. */
  get size(): number {
    return this.#young.size + this.#old.size;
  }
}
