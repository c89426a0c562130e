/** A merge computed without touching a file or a ref. */
import type { ConflictFile } from "../../ports/worktrees.ts";
import { splitNul, toReadable } from "./git.ts";
import type { Repository } from "./repository.ts";

export type Preflight =
  | { readonly kind: "clean"; readonly tree: string }
  | { readonly kind: "conflict"; readonly files: readonly Omit<ConflictFile, "with">[] };

/** Content is merged line by line whatever `.gitattributes` says: drivers are named there and configured by the repository (S-10). */
export async function preflight(
  repository: Repository,
  ours: string,
  theirs: string,
  objects: "repository" | "scratch",
): Promise<Preflight> {
  const words = ["merge-tree", "--write-tree", "-z", "--messages", ours, theirs];
  const { code, stdout } = await repository.view(words, { objects, answers: [0, 1] });
  const members = splitNul(stdout);
  const tree = members[0] ?? "";
  return code === 0 ? { kind: "clean", tree } : { kind: "conflict", files: parseConflicts(members.slice(1)) };
}

/** Stages, an empty member, and messages: a count, that many paths, a stable kind, and words for people. */
export function parseConflicts(members: readonly string[]): readonly Omit<ConflictFile, "with">[] {
  const kinds = new Map<string, Set<string>>();
  const add = (path: string, kind: string | null): void => {
    const known = kinds.get(path) ?? new Set();
    kinds.set(path, known);
    if (kind !== null) known.add(kind);
  };
  const end = members.indexOf("");
  const stages = end < 0 ? members : members.slice(0, end);
  for (const stage of stages) add(stage.slice(stage.indexOf("\t") + 1), null);
  for (let at = end < 0 ? members.length : end + 1; at < members.length; ) {
    const count = Number(members[at]);
    const paths = members.slice(at + 1, at + 1 + count);
    const kind = members[at + 1 + count] ?? "";
    const words = members[at + 2 + count] ?? "";
    const path = paths[0];
    if (path !== undefined && kind.startsWith("CONFLICT")) add(path, kindOf(kind, words));
    at += 3 + count;
  }
  return [...kinds]
    .map(([path, found]) => ({ path: toReadable(path), kinds: found.size === 0 ? ["content"] : [...found].sort() }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** `CONFLICT (contents)` covers `add/add` too; the words for people begin with the finer name. */
function kindOf(kind: string, words: string): string {
  const finer = /^CONFLICT \(([^)]+)\)/.exec(words)?.[1];
  const name = finer ?? /\(([^)]+)\)/.exec(kind)?.[1] ?? "content";
  return name === "contents" ? "content" : name;
}
