/** Worktrees of a state directory. */
import { createSystemClock } from "../adapters/clock-system/clock.ts";
import { createWorktrees } from "../adapters/git-cli/worktrees.ts";
import type { AttemptLayer } from "../ports/attempt-layer.ts";
import type { WorktreeCrashPoint, Worktrees } from "../ports/worktrees.ts";
import { createWorktreeLayer } from "../runtime/isolation/worktree-layer.ts";
import { crashPointsFrom } from "./crash-points.ts";

export function openWorktrees(directory: string, env: Readonly<Record<string, string | undefined>>): Worktrees {
  return createWorktrees({
    directory,
    clock: createSystemClock(),
    path: env.PATH ?? "",
    // Points are told apart by their names alone.
    reach: crashPointsFrom(env.TROUPE_CRASH_AT) as unknown as (point: WorktreeCrashPoint) => void,
  });
}

export function standAround(worktrees: Worktrees): AttemptLayer {
  return createWorktreeLayer({ worktrees, clock: createSystemClock() });
}
