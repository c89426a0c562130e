/** Something about a workflow's text: an error, or advice. Lines and columns count from 1. */
export interface FindingView {
  readonly code: string;
  readonly severity: "error" | "warning" | "info";
  readonly message: string;
  /** Of the document, dotted; null where there is none. */
  readonly path: string | null;
  readonly line: number | null;
  readonly column: number | null;
  readonly fix: string | null;
}

/** What a check of a text says. */
export interface CheckView {
  /** No finding is an error. */
  readonly ok: boolean;
  readonly findings: readonly FindingView[];
}
