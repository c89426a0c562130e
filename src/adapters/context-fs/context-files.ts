/** The `ContextFiles` port over a directory. */
import type { Stats } from "node:fs";
import { constants } from "node:fs";
import { glob, open, realpath } from "node:fs/promises";
import { join, sep } from "node:path";
import type { ContextFile, ContextFiles, FoundContext, RefusedFile } from "../../ports/context-files.ts";
import { listIgnored } from "./git-ignored.ts";

/** A file larger than this is no reading matter; its author meant another one. */
export const FILE_MAX_BYTES = 512 * 1024;
const FILES_MAX = 2_000;
/** Kept in memory while files are chosen. */
const TOTAL_MAX_BYTES = 16 * 1024 * 1024;

/** Never of use to an agent, and large. A glob passes over them; who names a file in them is refused. */
const SKIPPED = new Set([".git", "node_modules", ".troupe"]);
const SECRET = /^(?:\.env(?:\..+)?|.*\.(?:pem|key|p12|pfx)|id_(?:rsa|ecdsa|ed25519))$/;

export function createContextFiles(): ContextFiles {
  return {
    async read(root, patterns) {
      const refused: RefusedFile[] = [];
      const found = await findPaths(root, patterns, refused);
      const ignored = await listIgnored(root, [...found.keys()]);
      const files: ContextFile[] = [];
      let bytes = 0;
      const inside = await realpath(root);
      for (const path of [...found.keys()].sort()) {
        const why = ignored.has(path) ? "Git ignores it." : files.length >= FILES_MAX ? `There are more than ${FILES_MAX} files.` : null;
        const read = why === null ? await readText(root, inside, path) : { why };
        if ("why" in read) refused.push({ path, why: read.why });
        else if (bytes + read.bytes > TOTAL_MAX_BYTES)
          refused.push({ path, why: `The files have more than ${TOTAL_MAX_BYTES} bytes together.` });
        else {
          bytes += read.bytes;
          files.push({ path, text: read.text, pattern: found.get(path) ?? 0 });
        }
      }
      return { files, refused } satisfies FoundContext;
    },
  };
}

/** Paths with the position of the first pattern that names them. */
async function findPaths(root: string, patterns: readonly string[], refused: RefusedFile[]): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for (const [index, pattern] of patterns.entries()) {
    const problem = whyOutside(pattern);
    if (problem !== null) {
      refused.push({ path: pattern, why: problem });
      continue;
    }
    let matches = 0;
    for await (const entry of glob(pattern, { cwd: root, withFileTypes: true, exclude: (one) => SKIPPED.has(one.name) })) {
      if (entry.isDirectory()) continue;
      matches++;
      const path = join(entry.parentPath, entry.name).slice(join(root, sep).length).replaceAll(sep, "/");
      if (!found.has(path)) found.set(path, index);
    }
    if (matches === 0) refused.push({ path: pattern, why: "No file has this name." });
  }
  return found;
}

function whyOutside(pattern: string): string | null {
  if (pattern === "" || pattern.includes("\0") || pattern.includes("\\")) return "This is no path.";
  if (pattern.startsWith("/") || /^[A-Za-z]:/.test(pattern) || pattern.split("/").includes("..")) return "It is outside the workspace.";
  return pattern.split("/").some((segment) => SKIPPED.has(segment)) ? "It is in a directory that is never read." : null;
}

/** S-15: checked by its real path, opened without blocking, and looked at again once it is open. */
async function readText(
  root: string,
  inside: string,
  path: string,
): Promise<{ readonly text: string; readonly bytes: number } | { readonly why: string }> {
  if (SECRET.test(path.slice(path.lastIndexOf("/") + 1))) return { why: "By its name it holds a secret." };
  try {
    const real = await realpath(join(root, path));
    if (!real.startsWith(join(inside, sep))) return { why: "It leads out of the workspace." };
    await using file = await open(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const problem = whyUnreadable(await file.stat());
    if (problem !== null) return { why: problem };
    const content = await file.readFile();
    const text = toText(content);
    return text === null ? { why: "It is no text." } : { text, bytes: content.length };
  } catch (error) {
    return { why: `It cannot be read: ${(error as NodeJS.ErrnoException).code ?? "unknown reason"}.` };
  }
}

function whyUnreadable(stats: Stats): string | null {
  if (!stats.isFile()) return "It is no plain file.";
  return stats.size > FILE_MAX_BYTES ? `It has ${stats.size} bytes; ${FILE_MAX_BYTES} are read at most.` : null;
}

function toText(content: Uint8Array): string | null {
  if (content.includes(0)) return null;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(content);
  } catch {
    return null;
  }
}
