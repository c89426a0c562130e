/** Trees by source text. Bounded by the characters of all sources together, since trees grow with them; the oldest goes first. */
const CHARS_MAX = 1_000_000;

export class SourceCache<TTree> {
  readonly #trees = new Map<string, TTree>();
  readonly #charsMax: number;
  #chars = 0;

  constructor(charsMax = CHARS_MAX) {
    this.#charsMax = charsMax;
  }

  get(source: string): TTree | undefined {
    return this.#trees.get(source);
  }

  set(source: string, tree: TTree): void {
    if (!this.#trees.has(source)) this.#chars += source.length;
    this.#trees.set(source, tree);
    for (const oldest of this.#trees.keys()) {
      if (this.#chars <= this.#charsMax) return;
      this.#trees.delete(oldest);
      this.#chars -= oldest.length;
    }
  }

  get size(): number {
    return this.#trees.size;
  }
}
