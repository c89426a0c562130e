/** The text of a document: offsets to lines and columns. */
import type { Place } from "../core/place.ts";

export class SourceText {
  readonly file: string;
  readonly text: string;
  #lineStarts: number[] | undefined;

  /** A byte-order mark is no part of the text, as editors show it. */
  constructor(text: string, file: string) {
    this.text = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
    this.file = file;
  }

  place(start: number, end = start + 1): Place {
    const starts = this.lineStarts;
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] as number) <= start)
        low = middle; // low < middle <= high: inside the list
      else high = middle - 1;
    }
    const lineStart = starts[low] as number; // the list is never empty
    const lineEnd = starts[low + 1] ?? this.text.length + 1;
    const length = Math.max(1, Math.min(end, lineEnd - 1) - start);
    return { file: this.file, line: low + 1, column: start - lineStart + 1, length };
  }

  get lineStarts(): readonly number[] {
    if (this.#lineStarts === undefined) {
      this.#lineStarts = [0];
      for (let at = this.text.indexOf("\n"); at !== -1; at = this.text.indexOf("\n", at + 1)) this.#lineStarts.push(at + 1);
    }
    return this.#lineStarts;
  }
}
