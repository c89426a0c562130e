/** Files that steps write for others to read. */

export interface WrittenFile {
  /** Path below the root, as given. */
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

export type WriteAnswer =
  | { readonly ok: true; readonly file: WrittenFile }
  /** `PATH_OUTSIDE PATH_IS_DIRECTORY PATH_IS_LINK PATH_NOT_A_FILE PATH_NAME_TOO_LONG`, or the system's own code such as `ENOSPC`. */
  | { readonly ok: false; readonly code: string; readonly problem: string };

export interface WorkspaceFiles {
  /**
   * Writes a file whole or not at all (I-32), below `root` only, through no link that leads out of it (S-15). Makes missing
   * directories. Never rejects.
   */
  write(root: string, path: string, text: string): Promise<WriteAnswer>;
}
