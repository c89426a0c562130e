/** Counts what a text takes up in the window of a model. */
export interface TokenCounter {
  /** Name of the encoding, such as `o200k_base`. */
  readonly encoding: string;
  /** Never throws, and takes time in proportion to the text, whatever it holds. */
  count(text: string): number;
}

/** Loaded by the first who counts. @throws a failure with code `TOKENIZER_MISSING` where none is installed */
export type OpenTokenCounter = () => Promise<TokenCounter>;
