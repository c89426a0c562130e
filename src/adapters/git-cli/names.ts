/** Names of branches, refs and directories, made of what authors and data wrote: any text gives a name that git and file systems take. */
import { createHash } from "node:crypto";
import type { RunId } from "../../core/ids.ts";
import type { WorktreeOrder } from "../../ports/worktrees.ts";

/** Leaves room for endings within the 255 bytes of a file name. */
const NAME_MAX = 100;
const HEAD_LENGTH = 64;
const DIGEST_LENGTH = 16;

const BRANCHES = "refs/heads/";

/** Letters, digits, `_` and inner hyphens stay; other bytes become `%XX`. What gets too long ends in a digest. */
function toName(text: string): string {
  const name = [...Buffer.from(text, "utf8")]
    .map((byte, at) => {
      const char = String.fromCharCode(byte);
      return /[A-Za-z0-9_]/.test(char) || (char === "-" && at > 0) ? char : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
    })
    .join("");
  if (name.length > NAME_MAX)
    return `${name.slice(0, HEAD_LENGTH)}+${createHash("sha256").update(text).digest("hex").slice(0, DIGEST_LENGTH)}`;
  return name === "" ? "%" : name;
}

/** Of the directory and the record; no dot is in it, and `@` only between step and item. */
export function directoryName({ step, item }: WorktreeOrder["name"]): string {
  return item === null ? toName(step) : `${toName(step)}@${toName(item)}`;
}

export function branchName(runId: RunId, { step, item }: WorktreeOrder["name"]): string {
  return `troupe/${runId}/${toName(step)}${item === null ? "" : `/${toName(item)}`}`;
}

export function branchRef(branch: string): string {
  return `${BRANCHES}${branch}`;
}

/** The branch that a full ref names; null when it names something else. */
export function branchOf(ref: string): string | null {
  return ref.startsWith(BRANCHES) ? ref.slice(BRANCHES.length) : null;
}

/** Where the work of an attempt that failed is kept. */
export function leftRef(branch: string, attempt: number): string {
  return `refs/troupe/left/${branch.slice("troupe/".length)}/${attempt}`;
}
