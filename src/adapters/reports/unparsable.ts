interface UnparsableOptions extends ErrorOptions {
  readonly line?: number | null;
  readonly column?: number | null;
}

/** A report that says nothing certain: it fails the gate, with the place where reading it ended. */
export class Unparsable extends Error {
  readonly line: number | null;
  readonly column: number | null;

  constructor(problem: string, { line = null, column = null, ...options }: UnparsableOptions = {}) {
    super(problem, options);
    this.line = line;
    this.column = column;
  }
}

/** Line and column, from 1, of an offset in a text. */
export function placeAt(text: string, offset: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, offset);
  return { line: before.split("\n").length, column: offset - before.lastIndexOf("\n") };
}
