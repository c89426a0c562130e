/** What a merge that could not be done looks like to retry and catch rules, and to people. */
import type { TaskFailure } from "../../core/failure.ts";
import type { MergeAnswer, Worktree } from "../../ports/worktrees.ts";

const NAMED_MAX = 5;

/** Both sides changed the same: a person mends it, or the step runs again. */
export function conflictFailure(worktree: Worktree, answer: Extract<MergeAnswer, { kind: "conflict" }>): TaskFailure {
  const { branch, base, target } = worktree;
  const { files, tip } = answer;
  return {
    class: "conflict",
    code: "MERGE_CONFLICT",
    title: `Its changes conflict with what is on ${target} by now: ${nameSome(files.map(({ path }) => path))}.`,
    detail: files
      .map(({ path, kinds, with: steps }) => `${path}: ${kinds.join(", ")}${steps.length > 0 ? ` (with ${steps.join(", ")})` : ""}`)
      .join("\n"),
    hint: `Its work is on ${branch}. Mend it there and say \`troupe merge run\`, or let the step run again from ${target} as it is now.`,
    extra: { files: files.map(({ path, kinds, with: steps }) => ({ path, kinds, with: steps })), branch, base, target, tip },
  };
}

/** Somebody works where it would be merged to, and must not lose what is in no commit. */
export function blockedFailure(worktree: Worktree, answer: Extract<MergeAnswer, { kind: "blocked" }>): TaskFailure {
  const { branch, base, target } = worktree;
  return {
    class: "conflict",
    code: "MERGE_TARGET_DIRTY",
    title: `${target} is checked out with changes that are in no commit, in files that the merge touches.`,
    detail: answer.problem,
    hint: `Commit or stash them, then say \`troupe merge run\`: the step's work is on ${branch}.`,
    extra: { paths: answer.paths, branch, base, target },
  };
}

function nameSome(paths: readonly string[]): string {
  const rest = paths.length - NAMED_MAX;
  return `${paths.slice(0, NAMED_MAX).join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
}
