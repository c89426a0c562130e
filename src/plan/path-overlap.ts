/**
 * Whether two path patterns can mean a common file. The answer may be "yes" without need, never "no" wrongly (PO1), since a
 * wrong "no" lets two steps write the same file at the same time. Therefore:
 *
 * - PO2 A pattern also covers everything below what it matches: `src` covers `src/a/b.ts`.
 * - PO3 Letter case is ignored, as some file systems do, and text is compared in its composed form.
 * - PO4 `*`, `?` and `**` (whole segments, also none) are exact; `{a,b}` is expanded; brackets and parentheses count as `*`.
 * - PO5 Patterns with different roots (`/etc`, `../x`, `src`) overlap: where they lie towards each other is unknown here.
 * - PO6 A backslash is a separator to some and an escape to others, so a pattern with one overlaps with everything.
 *
 * Paths are compared as written; symbolic links are not followed.
 */
import { at, lastOf } from "./at.ts";

/** A pattern, split: `root` is "" inside the workspace, `/` for absolute paths, `../` … above it. */
export interface PathPattern {
  readonly root: string;
  readonly segments: readonly string[];
  /** Number of leading segments without a wildcard. */
  readonly literals: number;
}

const BRACES_MAX = 64;
const EVERYTHING: PathPattern = { root: "", segments: ["**"], literals: 0 };

/** Whether some path is covered by both. */
export function pathsOverlap(left: string, right: string): boolean {
  const others = parsePathPatterns(right);
  return parsePathPatterns(left).some((one) => others.some((other) => patternsOverlap(one, other)));
}

/** The alternatives of a path or glob as written in `touches`; more than one only where it has braces. */
export function parsePathPatterns(source: string): readonly PathPattern[] {
  const unclear = source.includes("\\") || /\([^)]*\//.test(source);
  const alternatives = unclear ? null : expandBraces(source.normalize("NFC").toLowerCase());
  return alternatives === null ? [EVERYTHING] : alternatives.map(parsePattern);
}

/** As `pathsOverlap`, for patterns that are parsed already. */
export function patternsOverlap(left: PathPattern, right: PathPattern): boolean {
  if (left.root !== right.root) return true;
  return segmentsOverlap(left.segments, right.segments);
}

function parsePattern(text: string): PathPattern {
  const absolute = text.startsWith("/") || /^[a-z]:\//.test(text);
  const segments: string[] = [];
  let ups = 0;
  for (const segment of text.split("/")) {
    if (segment === "" || segment === ".") continue;
    if (segment !== "..") segments.push(segment);
    else if (segments.length === 0) ups += 1;
    // What lies above a wildcard is anybody's guess (PO1).
    else if (isWild(lastOf(segments))) return EVERYTHING;
    else segments.pop();
  }
  const literals = segments.findIndex(isWild);
  return { root: absolute ? "/" : "../".repeat(ups), segments, literals: literals === -1 ? segments.length : literals };
}

function isWild(segment: string): boolean {
  return /[*?[\]()]/.test(segment);
}

/**
 * From the end: whether the rest of `left` from i and the rest of `right` from j fit one path. A side that has ended covers all
 * that follows (PO2), and `**` either ends or takes a segment of the other side.
 */
function segmentsOverlap(left: readonly string[], right: readonly string[]): boolean {
  const fits = new Array<boolean>(right.length + 1).fill(true);
  for (let i = left.length - 1; i >= 0; i--) {
    const one = at(left, i);
    // fits[j] holds the answer for (i + 1, j) until it is overwritten with the one for (i, j); `diagonal` is that of (i + 1, j + 1).
    let diagonal = true;
    for (let j = right.length - 1; j >= 0; j--) {
      const other = at(right, j);
      const below = at(fits, j);
      fits[j] = one === "**" || other === "**" ? below || at(fits, j + 1) : diagonal && segmentOverlaps(one, other);
      diagonal = below;
    }
  }
  return at(fits, 0);
}

/** Whether one name matches both segments. */
function segmentOverlaps(left: string, right: string): boolean {
  if (left === right) return true;
  return (isWild(left) || isWild(right)) && namesOverlap(toChunks(left), toChunks(right));
}

/** What stands between the stars; brackets, parentheses and characters of two code units are read as stars (PO4). */
function toChunks(segment: string): string[] {
  return segment.replace(/[?*+@!]?[[(].*[\])]|[[\]()]|[\u{10000}-\u{10ffff}]/gu, "*").split(/\*+/);
}

/** With a star on both sides only the ends can disagree: a name that has all of one middle and then all of the other fits both. */
function namesOverlap(left: readonly string[], right: readonly string[]): boolean {
  if (left.length > 1 && right.length > 1) return startAlike(at(left, 0), at(right, 0)) && endAlike(lastOf(left), lastOf(right));
  return left.length > 1 ? chunksFit(left, at(right, 0)) : chunksFit(right, at(left, 0));
}

function startAlike(left: string, right: string): boolean {
  const length = Math.min(left.length, right.length);
  return isAlike(left.slice(0, length), right, 0);
}

function endAlike(left: string, right: string): boolean {
  const length = Math.min(left.length, right.length);
  return isAlike(left.slice(left.length - length), right, right.length - length);
}

/** Chunks in their order: the first at the start, the last at the end, each between as early as it goes. */
function chunksFit(chunks: readonly string[], name: string): boolean {
  const first = at(chunks, 0);
  if (chunks.length === 1) return first.length === name.length && isAlike(first, name, 0);
  const last = lastOf(chunks);
  const end = name.length - last.length;
  if (first.length > end || !isAlike(first, name, 0) || !isAlike(last, name, end)) return false;
  let position = first.length;
  for (const chunk of chunks.slice(1, -1)) {
    while (position + chunk.length <= end && !isAlike(chunk, name, position)) position += 1;
    position += chunk.length;
    if (position > end) return false;
  }
  return true;
}

/** Whether a text fits another from a position on, where a question mark on either side fits any character. */
function isAlike(text: string, other: string, position: number): boolean {
  for (let offset = 0; offset < text.length; offset++) {
    const one = text[offset];
    const two = other[position + offset];
    if (one !== two && one !== "?" && two !== "?") return false;
  }
  return true;
}

/** Every text that braces stand for, or null when they are too many or do not match. */
function expandBraces(text: string): string[] | null {
  const done: string[] = [];
  const open = [text];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (done.length + open.length >= BRACES_MAX) return null;
    // The innermost group first, so that nesting needs no counting.
    const group = /\{[^{}]*\}/.exec(next);
    if (group === null) {
      if (/[{}]/.test(next)) return null;
      done.push(next);
      continue;
    }
    const before = next.slice(0, group.index);
    const after = next.slice(group.index + group[0].length);
    const parts = group[0].slice(1, -1).split(",");
    // Without a comma it is a range such as {1..9}, or a name with braces in it.
    if (parts.length > 1) for (const part of parts) open.push(before + part + after);
    else if (group[0].includes("/")) return null;
    else open.push(`${before}*${after}`);
  }
  return done;
}
