/** What goes wrong with git, in the members by which the runtime tells failures apart. */
import type { FailureClass } from "../../core/failure.ts";

export const GIT_PROBLEMS = {
  GIT_MISSING: "permanent",
  GIT_TOO_OLD: "permanent",
  GIT_FAILED: "permanent",
  GIT_TIMEOUT: "transient",
  GIT_OUTPUT_LIMIT: "permanent",
  GIT_LOCKED: "transient",
  GIT_NO_REPOSITORY: "permanent",
  GIT_UNSAFE: "policy",
  GIT_NO_COMMIT: "permanent",
  GIT_UNKNOWN_BASE: "permanent",
  MERGE_NO_TARGET: "permanent",
  MERGE_BUSY: "transient",
  WORKTREE_RECORD: "permanent",
} as const satisfies Record<string, FailureClass>;
export type GitProblemCode = keyof typeof GIT_PROBLEMS;

export class GitProblem extends Error {
  readonly code: GitProblemCode;
  readonly class: FailureClass;
  readonly hint: string | undefined;

  constructor(code: GitProblemCode, message: string, options: { readonly hint?: string; readonly cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "GitProblem";
    this.code = code;
    this.class = GIT_PROBLEMS[code];
    this.hint = options.hint;
  }
}
