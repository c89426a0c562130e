/** Reads files of a workspace into the window of an agent. Nothing that is not plain text inside the workspace gets there (S-15). */

export interface ContextFile {
  /** Relative to the workspace, with `/`. */
  readonly path: string;
  readonly text: string;
  /** Position of the first pattern that named it. */
  readonly pattern: number;
}

export interface RefusedFile {
  /** A path, or the pattern itself. */
  readonly path: string;
  readonly why: string;
}

export interface FoundContext {
  /** Sorted by path; each once. */
  readonly files: readonly ContextFile[];
  readonly refused: readonly RefusedFile[];
}

export interface ContextFiles {
  /** @param patterns paths or globs relative to `root`; never rejects for what a pattern says or a file is */
  read(root: string, patterns: readonly string[]): Promise<FoundContext>;
}
