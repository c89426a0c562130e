/**
 * Parallel work on one repository: a branch and a worktree for each step, and one queue in which their branches are merged.
 *
 * WT1 Whatever a step left behind is on a branch or under `refs/troupe/left/` before its worktree goes, unless its author said `discard` (I-33).
 * WT2 A target branch is at its old tip or at the whole merge, and the files where it is checked out follow it or stay as they were.
 * WT3 Every act is on record before it is done, so that whoever comes after a crash can finish or undo it.
 * WT4 Nothing that a repository configures is executed (S-10).
 */
import type { RunId } from "../core/ids.ts";
import type { Json, JsonObject } from "../core/json.ts";
import type { IsolationPolicy } from "../plan/step-policies.ts";

/** Whose worktree it is, and how it is to be made. */
export interface WorktreeOrder {
  readonly runId: RunId;
  /** Name of the step's actor, such as `build` or `fan[key]`. */
  readonly step: string;
  /** Its parts, for names of branches and directories; `item` is null for a step that is no item. */
  readonly name: { readonly step: string; readonly item: string | null };
  /** Place in the plan: of the step, then of the item. Who waits together is merged in this order. */
  readonly order: readonly [step: number, item: number];
  readonly attempt: number;
  /** Absolute directory in which the run works; in the repository, or below it. */
  readonly workspace: string;
  /** Branch, tag or commit to start from, as its author wrote it; null for the workspace's branch. */
  readonly base: string | null;
  /** It comes after other steps, whose work is on the branch by now. */
  readonly needsOthers: boolean;
  readonly merge: IsolationPolicy["merge"];
  readonly discard: boolean;
}

/** A worktree that an attempt may use. */
export interface Worktree {
  readonly runId: RunId;
  readonly step: string;
  readonly name: WorktreeOrder["name"];
  readonly attempt: number;
  /** Where the attempt works: the place of its workspace inside the worktree. */
  readonly workspace: string;
  /** `troupe/<run>/<step>[/<item>]`. */
  readonly branch: string;
  /** Commit from which it started. */
  readonly base: string;
  /** Branch into which it is merged; null when there is none. */
  readonly target: string | null;
  /** What the work ended with, when an engine before this one had it on record already; null while the work is to be done. */
  readonly ended: Json | null;
}

/** How both sides touched a file, in words such as `content`, `add/add`, `modify/delete`, `rename/delete`, `binary`. */
export interface ConflictFile {
  readonly path: string;
  readonly kinds: readonly string[];
  /** Steps whose work it conflicts with, `<run>/<step>` where they are of another run; empty when somebody else changed it. */
  readonly with: readonly string[];
}

export type MergeAnswer =
  /** `commit` is the target's tip after it; `files` counts what changed. */
  | { readonly kind: "merged"; readonly commit: string; readonly files: number }
  /** It changed nothing, so nothing was merged. */
  | { readonly kind: "nothing" }
  | { readonly kind: "conflict"; readonly tip: string; readonly files: readonly ConflictFile[] }
  /** The target is checked out with changes in files that the merge touches, or in another state that cannot follow. */
  | { readonly kind: "blocked"; readonly paths: readonly string[]; readonly problem: string };

/** Two branches that would conflict if both were finished now. */
export interface RadarPair {
  readonly runId: RunId;
  readonly step: string;
  /** The other running step, one that has been merged since, or the target when somebody else changed it; `<run>/<step>` of another run. */
  readonly with: string;
  readonly files: readonly { readonly path: string; readonly kinds: readonly string[] }[];
}

/** What is left of a step on some branch. */
export interface LeftWork {
  readonly runId: RunId;
  readonly step: string;
  readonly attempt: number;
  /** `running`, `waiting` for its turn, `manual`: for a person to merge, `conflict`, or `left` by an attempt that failed. */
  readonly state: "running" | "waiting" | "manual" | "conflict" | "left";
  /** Branch, or full name of another ref. */
  readonly branch: string;
  readonly base: string;
  readonly target: string | null;
  /** Null while it runs. */
  readonly commit: string | null;
  /** Null unless it runs, or was kept. */
  readonly path: string | null;
  readonly conflicts: readonly ConflictFile[];
}

/** Whether a run may still go on, as the journal says. */
export type RunIsOpen = (runId: RunId) => boolean;

export interface Reconciled {
  /** Merges that had begun and were finished. */
  readonly finished: number;
  /** Worktrees that were removed. */
  readonly removed: number;
  /** Worktrees of runs that go on. */
  readonly kept: number;
  /** What could not be put in order, in words. */
  readonly problems: readonly string[];
}

/** Its calls throw errors with `code` (`GIT_…`, `MERGE_…`), `class` (of the failure) and `hint`. */
export interface Worktrees {
  /** Makes the worktree of an attempt, or finds the one that this attempt has already. */
  open(order: WorktreeOrder): Promise<Worktree>;
  /** Commits what the step changed, and records what its work ended with: from here on the attempt is not repeated. */
  commit(worktree: Worktree, ended: Json): Promise<{ readonly commit: string; readonly isEmpty: boolean }>;
  /** Waits for its turn and merges; `waiting` is called when others come first. An aborted signal ends the wait, not a merge. */
  merge(worktree: Worktree, signal: AbortSignal, waiting: (ahead: number) => void): Promise<MergeAnswer | { readonly kind: "stopped" }>;
  /** Leaves the branch for a person, or throws the work away, as its policy says; the worktree goes. */
  leave(worktree: Worktree, how: "manual" | "none"): Promise<void>;
  /** The attempt came to nothing: what it changed is kept aside unless its author said `discard`. Tells where. */
  abandon(worktree: Worktree): Promise<{ readonly ref: string; readonly commit: string } | null>;
  /** Puts in order what engines before this one left. */
  reconcile(isOpen: RunIsOpen): Promise<Reconciled>;

  /** What waits, runs or was left; of one run, or of all. */
  list(runId: RunId | null): Promise<readonly LeftWork[]>;
  /** Merges what was left of a step, by a person's word. */
  mergeLeft(runId: RunId, step: string): Promise<MergeAnswer>;
  /** Removes what was left of a step; tells the commits, by which it can be found until git collects them. */
  drop(runId: RunId, step: string): Promise<readonly string[]>;
  /** Compares all worktrees at work, of some runs or of all, with each other and with their targets. */
  radar(runIds: readonly RunId[] | null): Promise<readonly RadarPair[]>;
}

/** Members of `AttemptUsage.merge`. */
export interface MergeUsage extends JsonObject {
  readonly branch: string;
  readonly base: string;
  readonly target: string | null;
  readonly policy: string;
  readonly merged: boolean;
  readonly commit: string | null;
  readonly files: number;
  readonly conflicts: number;
}

/** Places where a test may kill the process. */
export const WORKTREE_CRASH_POINTS = [
  /** The branch is there; no worktree is. */
  "worktree-branched",
  /** The worktree is registered and locked; it has no files yet. */
  "worktree-added",
  /** The work is on its branch; nothing is merged. */
  "work-committed",
  /** The merge is an object and the intent is on record; the target has not moved. */
  "merge-written",
  /** The target has moved; files where it is checked out have not. */
  "target-moved",
  /** The files have followed; the record does not say so yet. */
  "files-followed",
] as const;
export type WorktreeCrashPoint = (typeof WORKTREE_CRASH_POINTS)[number];
