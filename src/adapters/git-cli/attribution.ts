/** Whose work is on a branch: told by the trailers of the merges that Troupe made. */
import { isRunId, type RunId } from "../../core/ids.ts";
import type { ConflictFile, WorktreeOrder } from "../../ports/worktrees.ts";
import { splitNul, toReadable } from "./git.ts";
import type { Repository } from "./repository.ts";

/** Bounds the look back on a branch that has moved far. */
const MERGES_MAX = 1_000;

/** What a commit of ours says: a subject, and trailers that only the engine writes. Names in them are one line each. */
export function messageOf(subject: string, { runId, step, attempt }: Pick<WorktreeOrder, "runId" | "step" | "attempt">): string {
  return [oneLine(subject), "", `Troupe-Run: ${runId}`, `Troupe-Step: ${oneLine(step)}`, `Troupe-Attempt: ${attempt}`, ""].join("\n");
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}

export interface Merged {
  readonly runId: RunId;
  readonly step: string;
  readonly files: ReadonlySet<string>;
}

/** Merges of ours on `tip` that are not in `since`, newest first, with the files (bytes) that each changed there. */
export async function mergesSince(repository: Repository, since: string, tip: string): Promise<readonly Merged[]> {
  const format = "--format=%x01%(trailers:key=Troupe-Run,valueonly,separator=%x20)%x02%(trailers:key=Troupe-Step,valueonly,separator=%x20)";
  const words = ["log", "-z", "--first-parent", "--diff-merges=first-parent", "--name-only", "--no-renames", "--no-show-signature"];
  const range = [`--max-count=${MERGES_MAX}`, format, "--no-ext-diff", "--no-textconv", "--end-of-options", `${since}..${tip}`];
  const { stdout } = await repository.view([...words, ...range]);
  return stdout
    .split("\x01")
    .slice(1)
    .flatMap((entry) => {
      const [head = "", ...files] = splitNul(entry);
      const [run = "", step = ""] = head.split("\x02");
      const runId = run.trim();
      if (!isRunId(runId)) return [];
      return [{ runId, step: toReadable(step).trim(), files: new Set(files.map((file) => file.replace(/^\n/, ""))) }];
    });
}

/** Adds to each file whose work it conflicts with. */
export function attribute(files: readonly Omit<ConflictFile, "with">[], merges: readonly Merged[], runId: RunId): readonly ConflictFile[] {
  return files.map((file) => {
    const steps = merges
      .filter((merged) => [...merged.files].some((path) => touches(toReadable(path), file.path)))
      .map((merged) => (merged.runId === runId ? merged.step : `${merged.runId}/${merged.step}`));
    return { ...file, with: [...new Set(steps)].sort() };
  });
}

/** A file in the way of a directory counts, and the other way round; git names such a conflict `path~branch`. */
function touches(path: string, conflict: string): boolean {
  return path === conflict || path.startsWith(`${conflict}/`) || conflict.startsWith(`${path}/`) || conflict.startsWith(`${path}~`);
}
