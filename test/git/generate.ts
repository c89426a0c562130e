/** Repositories and parallel edits drawn for a test, and what must become of them, told by plans and by `git merge-file`, never by ours. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { TEMPORARY } from "./repositories.ts";

/** What one worker does to one file: null to delete it. */
export type Edits = Readonly<Record<string, string | null>>;

export interface Plan {
  readonly files: Readonly<Record<string, string>>;
  readonly workers: readonly Edits[];
}

/** Few and long enough that workers meet in files, and often not in lines. */
const LINES_MIN = 6;
const LINES_MAX = 14;

const content = fc
  .array(fc.integer({ min: 0, max: 999 }), { minLength: LINES_MIN, maxLength: LINES_MAX })
  .map((numbers) => numbers.map((number, at) => `${at}: ${number}\n`).join(""));

type Act =
  | { readonly kind: "edit" | "insert"; readonly file: number; readonly line: number; readonly text: string }
  | { readonly kind: "drop" | "delete"; readonly file: number; readonly line: number }
  | { readonly kind: "add"; readonly name: number; readonly text: string };

const line = fc.integer({ min: 0, max: LINES_MAX - 1 });
const file = fc.integer({ min: 0, max: 3 });
const text = fc.constantFrom("alpha", "beta", "gamma");

const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("edit" as const), file, line, text }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("insert" as const), file, line, text }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("drop" as const), file, line }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("delete" as const), file, line }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("add" as const), name: fc.integer({ min: 0, max: 2 }), text }) },
);

/** Names that no parser may stumble over. */
const NAMES = ["src/a.txt", "src/deep/b c.txt", 'q"uo\te.txt', "ünï.txt"];

export const plan: fc.Arbitrary<Plan> = fc
  .record({
    contents: fc.array(content, { minLength: 4, maxLength: 4 }),
    workers: fc.array(fc.array(act, { minLength: 1, maxLength: 4 }), { minLength: 2, maxLength: 3 }),
  })
  .map(({ contents, workers }) => {
    const files = Object.fromEntries(contents.map((each, at) => [NAMES[at] ?? "x", each]));
    return { files, workers: workers.map((acts) => editsOf(files, acts)) };
  });

function editsOf(files: Plan["files"], acts: readonly Act[]): Edits {
  const edits: Record<string, string | null> = {};
  for (const each of acts) {
    if (each.kind === "add") {
      edits[`new/${each.name}.txt`] = `${each.text}\n`;
      continue;
    }
    const name = NAMES[each.file] ?? "x";
    const before = edits[name] === undefined ? files[name] : edits[name];
    if (before === null || before === undefined) continue;
    edits[name] = each.kind === "delete" ? null : change(before, each);
  }
  return edits;
}

function change(before: string, each: Exclude<Act, { kind: "add" | "delete" }>): string {
  const lines = before.split(/(?<=\n)/);
  const at = each.line % lines.length;
  if (each.kind === "edit") return lines.with(at, `${each.text}\n`).join("");
  if (each.kind === "insert") return lines.toSpliced(at, 0, `${each.text}\n`).join("");
  return lines.length > 1 ? lines.toSpliced(at, 1).join("") : before;
}

/** State of all files: null for none. */
export type Files = ReadonlyMap<string, string>;

export interface Expected {
  readonly conflicts: readonly string[];
  /** After the merge; meaningless with conflicts. */
  readonly merged: Files;
}

/** File by file, each by a plain three-way merge of texts. */
export function expectMerge(base: Files, ours: Files, theirs: Files): Expected {
  const conflicts: string[] = [];
  const merged = new Map<string, string>();
  for (const path of new Set([...base.keys(), ...ours.keys(), ...theirs.keys()])) {
    const [b, o, t] = [base.get(path), ours.get(path), theirs.get(path)];
    const result = o === t || t === b ? o : o === b ? t : mergeTexts(b, o, t);
    if (result === null) conflicts.push(path);
    else if (result !== undefined) merged.set(path, result);
  }
  return { conflicts: conflicts.sort(), merged };
}

const known = new Map<string, string | null>();

/** Null for a conflict. Both sides changed it, and not to the same. */
function mergeTexts(base: string | undefined, ours: string | undefined, theirs: string | undefined): string | null {
  const key = JSON.stringify([base, ours, theirs]);
  const found = known.get(key) ?? (known.has(key) ? null : askGit(base, ours, theirs));
  known.set(key, found);
  return found;
}

function askGit(base: string | undefined, ours: string | undefined, theirs: string | undefined): string | null {
  if (ours === undefined || theirs === undefined) return null;
  const directory = mkdtempSync(join(TEMPORARY, "troupe-oracle-"));
  try {
    for (const [name, each] of Object.entries({ ours, base: base ?? "", theirs })) writeFileSync(join(directory, name), each);
    const { status, stdout } = spawnSync("git", ["merge-file", "-p", "ours", "base", "theirs"], { cwd: directory, encoding: "utf8" });
    if (status === null || status > 127) throw new Error("git merge-file failed");
    return status === 0 ? stdout : null;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

export function apply(base: Files, edits: Edits): Files {
  const files = new Map(base);
  for (const [path, each] of Object.entries(edits)) {
    if (each === null) files.delete(path);
    else files.set(path, each);
  }
  return files;
}

/** What a commit holds, read by a git of its own. */
export function filesIn(root: string, commit: string): Files {
  const run = (input: string, ...words: readonly string[]): string => execFileSync("git", words, { cwd: root, encoding: "utf8", input });
  const entries = run("", "ls-tree", "-r", "-z", commit).split("\0").filter(Boolean);
  const ids = entries.map((entry) => entry.split(/[ \t]/)[2]);
  let rest = Buffer.from(run(`${ids.join("\n")}\n`, "cat-file", "--batch"));
  return new Map(
    entries.map((entry) => {
      const start = rest.indexOf("\n") + 1;
      const size = Number(rest.subarray(0, start).toString().trim().split(" ")[2]);
      const content = rest.subarray(start, start + size).toString();
      rest = rest.subarray(start + size + 1);
      return [entry.slice(entry.indexOf("\t") + 1), content];
    }),
  );
}
