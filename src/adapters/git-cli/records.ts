/** What is on record about each worktree, in one small file beside it; written before what it says is done (WT3). */
import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { isRunId, type RunId } from "../../core/ids.ts";
import { isJsonObject, type Json } from "../../core/json.ts";
import type { ConflictFile, WorktreeOrder } from "../../ports/worktrees.ts";
import { directoryName } from "./names.ts";
import { GitProblem } from "./problem.ts";

/** A merge that has been computed and may have happened. */
export interface MergeIntent {
  readonly from: string;
  readonly to: string;
}

/**
 * `creating` → `live` → `committed` → `merging` → `merged`, or aside: `manual` and `conflict` keep the branch, `closed` keeps nothing.
 * What failed attempts left is kept under refs of its own, and told by them.
 */
export type RecordState = "creating" | "live" | "committed" | "merging" | "merged" | "manual" | "conflict" | "closed";

export interface WorktreeRecord {
  readonly version: 1;
  readonly order: WorktreeOrder;
  readonly state: RecordState;
  /** Top of the worktree. */
  readonly path: string;
  readonly branch: string;
  readonly base: string;
  /** Full ref. */
  readonly target: string | null;
  /** The step's work, once it is committed. */
  readonly commit: string | null;
  /** What the attempt ended with. */
  readonly ended: Json | null;
  readonly intent: MergeIntent | null;
  /** The target's tip with the work in it. */
  readonly mergedAs: string | null;
  readonly conflicts: readonly ConflictFile[];
}

/** Where the first isolated step of a run found the workspace; null for a detached HEAD. */
export interface RunStartPoint {
  readonly ref: string | null;
  readonly commit: string;
}

export interface Records {
  /** Of the worktree: `<directory>/<run>/<name>`. */
  pathOf(order: Pick<WorktreeOrder, "runId" | "name">): string;
  indexOf(order: Pick<WorktreeOrder, "runId" | "name">): string;
  read(order: Pick<WorktreeOrder, "runId" | "name">): Promise<WorktreeRecord | null>;
  write(record: WorktreeRecord): Promise<WorktreeRecord>;
  /** Forgets it, with the files that belong to it. */
  remove(record: WorktreeRecord): Promise<void>;
  /** Of one run, or of all; in the order of the plan. What cannot be read is told to `problem`. */
  all(runId: RunId | null, problem?: (file: string) => void): Promise<readonly WorktreeRecord[]>;
  runs(): Promise<readonly RunId[]>;
  /** The first one asked decides for all steps of the run. */
  startPoint(runId: RunId, make: () => Promise<RunStartPoint>): Promise<RunStartPoint>;
  /** Removes the directory of a run that has no record left. */
  forgetRun(runId: RunId): Promise<void>;
}

const START = "@start.json";
const RECORD = ".json";

export function createRecords(directory: string): Records {
  const starting = new Map<RunId, Promise<RunStartPoint>>();
  const pathOf: Records["pathOf"] = ({ runId, name }) => join(directory, runId, directoryName(name));

  async function runs(): Promise<readonly RunId[]> {
    return (await namesIn(directory)).filter(isRunId).sort();
  }

  async function makeStartPoint(runId: RunId, make: () => Promise<RunStartPoint>): Promise<RunStartPoint> {
    const file = join(directory, runId, START);
    const known = await readJson(file);
    if (isJsonObject(known) && typeof known.commit === "string")
      return { commit: known.commit, ref: typeof known.ref === "string" ? known.ref : null };
    const made = await make();
    await writeDurably(file, JSON.stringify(made));
    return made;
  }

  return {
    pathOf,
    indexOf: (order) => `${pathOf(order)}.index`,
    async read(order) {
      const file = `${pathOf(order)}${RECORD}`;
      const found = await readJson(file);
      return found === null ? null : parseRecord(found, file);
    },
    async write(record) {
      await writeDurably(`${pathOf(record.order)}${RECORD}`, `${JSON.stringify(record)}\n`);
      return record;
    },
    async remove({ order }) {
      const path = pathOf(order);
      const own = (await namesIn(dirname(path))).filter((name) => name.startsWith(`${basename(path)}.`));
      for (const name of own) await rm(join(dirname(path), name), { force: true });
    },
    async all(runId, problem = () => undefined) {
      const found: WorktreeRecord[] = [];
      for (const run of runId === null ? await runs() : [runId]) {
        const names = (await namesIn(join(directory, run))).filter((name) => name.endsWith(RECORD) && !name.startsWith("@"));
        for (const name of names) {
          const file = join(directory, run, name);
          try {
            found.push(parseRecord(await readJson(file), file));
          } catch {
            problem(file);
          }
        }
      }
      return found.sort((a, b) => compareOrders(a.order, b.order));
    },
    runs,
    async startPoint(runId, make) {
      const known = starting.get(runId) ?? makeStartPoint(runId, make);
      starting.set(runId, known);
      return await known.finally(() => starting.delete(runId));
    },
    async forgetRun(runId) {
      const left = (await namesIn(join(directory, runId))).filter((name) => name !== START);
      if (left.length === 0) await rm(join(directory, runId), { recursive: true, force: true });
    },
  };
}

/** Older runs first, then the order of the plan. */
export function compareOrders(a: WorktreeOrder, b: WorktreeOrder): number {
  if (a.runId !== b.runId) return a.runId < b.runId ? -1 : 1;
  return a.order[0] - b.order[0] || a.order[1] - b.order[1] || a.attempt - b.attempt;
}

function parseRecord(found: unknown, file: string): WorktreeRecord {
  if (isJsonObject(found) && found.version === 1 && isJsonObject(found.order) && typeof found.state === "string") {
    const { path, branch, base } = found;
    // Written by `write` and whole, since it replaces the file; the directory belongs to nobody else.
    if (typeof path === "string" && typeof branch === "string" && typeof base === "string") return found as unknown as WorktreeRecord;
  }
  throw new GitProblem("WORKTREE_RECORD", `The record ${file} cannot be read.`, {
    hint: "Look at what `git worktree list` shows, and remove the file when nothing is missed.",
  });
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, "utf8"));
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === "ENOENT") return null;
    if (thrown instanceof SyntaxError) return undefined;
    throw thrown;
  }
}

async function namesIn(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch {
    return []; // Nothing has been isolated yet.
  }
}

/** Whole or not at all, and on disk when it resolves. */
async function writeDurably(path: string, text: string): Promise<void> {
  const directory = dirname(path);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const temporary = `${path}.${process.pid}.tmp`;
  const file = await open(temporary, "w", 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
  const names = await open(directory, "r");
  try {
    await names.sync();
  } finally {
    await names.close();
  }
}
