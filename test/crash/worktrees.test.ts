/** Engines killed in the middle of worktrees and merges: nothing stale, nothing lost, the target old or new and nothing between (I-33, F-48). */
import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { WORKTREE_CRASH_POINTS, type WorktreeCrashPoint } from "../../src/ports/worktrees.ts";
import { makeRepository, RUN, repositoryAt, type TestRepository } from "../git/repositories.ts";
import { writeFiles } from "../git/write-files.ts";
import { createDraw } from "./draw.ts";

const child = join(import.meta.dirname, "worktrees.child.ts");
const START = { "a.txt": "1\n2\n3\n4\n5\n6\n7\n8\n9\n", "gone.txt": "g\n", "kept.txt": "k\n" };
const BOTH = "one\n2\n3\n4\n5\n6\n7\n8\ntwo\n";

/** Points from which on the second step's work is in a commit, and from which on it is in the target. */
const COMMITTED: readonly WorktreeCrashPoint[] = ["work-committed", "merge-written", "target-moved", "files-followed"];
const MOVED: readonly WorktreeCrashPoint[] = ["target-moved", "files-followed"];

const LIVES_MAX = 12;
/** From before the first worktree to behind the last merge. */
const LIFE_MS_MIN = 150;
const LIFE_MS_SPREAD = 900;

function live(
  home: string,
  point: string,
  forMs?: number,
): Promise<{ readonly signal: string | null; readonly stdout: string; readonly stderr: string }> {
  const running = spawn(process.execPath, [child, home, point], { stdio: ["ignore", "pipe", "pipe"] });
  const timer = forMs === undefined ? undefined : setTimeout(() => running.kill("SIGKILL"), forMs);
  const said = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) running[name].setEncoding("utf8").on("data", (text: string) => (said[name] += text));
  return new Promise((done) =>
    running.on("close", (_code, signal) => {
      clearTimeout(timer);
      done({ signal, ...said });
    }),
  );
}

async function killedAt(point: WorktreeCrashPoint): Promise<TestRepository> {
  const repository = makeRepository(START);
  const { signal, stdout, stderr } = await live(repository.home, point);
  expect({ signal, stdout, stderr }).toEqual({ signal: "SIGKILL", stdout: "one merged\n", stderr: "" });
  const merges = repository.git("log", "--first-parent", "--format=%s", "main").trim().split("\n");
  expect(merges[0]).toContain(MOVED.includes(point) ? "Merge step two" : "Merge step one");
  return repository;
}

function checkWhole(repository: TestRepository, isMerged: boolean): void {
  expect(repository.git("fsck", "--strict", "--no-dangling")).toBe("");
  expect(repository.git("status", "--porcelain")).toBe("");
  expect(repository.git("worktree", "list").trim().split("\n")).toHaveLength(1);
  expect(readdirSync(join(repository.root, ".git")).filter((name) => name.includes("lock") || name.includes("troupe"))).toEqual([]);
  expect(repository.git("branch", "--list", "troupe/*").includes("/one")).toBe(false);
  expect(readFileSync(join(repository.root, "a.txt"), "utf8")).toBe(isMerged ? BOTH : "one\n2\n3\n4\n5\n6\n7\n8\n9\n");
  expect([existsSync(join(repository.root, "two/new.txt")), existsSync(join(repository.root, "gone.txt"))]).toEqual([isMerged, !isMerged]);
}

describe.each(WORKTREE_CRASH_POINTS)("an engine killed at %s", (point) => {
  test("leaves a repository that is put in order when its run does not go on", async () => {
    const repository = await killedAt(point);
    const { worktrees } = repositoryAt(repository.home);
    expect(await worktrees.reconcile(() => false)).toMatchObject({ problems: [] });
    checkWhole(repository, MOVED.includes(point));
    const left = await worktrees.list(null);
    if (MOVED.includes(point) || !COMMITTED.includes(point)) expect(left).toEqual([]);
    else {
      expect(left).toMatchObject([{ step: "two", state: "manual" }]);
      expect(await worktrees.mergeLeft(RUN, "two")).toMatchObject({ kind: "merged" });
      checkWhole(repository, true);
    }
    expect(await worktrees.reconcile(() => false)).toEqual({ finished: 0, removed: 0, kept: 0, problems: [] });
    expect(existsSync(join(repository.home, "state/worktrees", RUN))).toBe(false);
  });

  test("is followed by one that finishes the attempt, once", async () => {
    const repository = await killedAt(point);
    await repositoryAt(repository.home).worktrees.reconcile(() => true);
    expect((await live(repository.home, "nowhere")).stdout.endsWith("two merged\n")).toBe(true);
    checkWhole(repository, true);
    const merges = repository.git("log", "--first-parent", "--format=%s", "main").trim().split("\n");
    expect(merges.map((line) => line.split(" ").slice(0, 3).join(" "))).toEqual(["Merge step two", "Merge step one", "start"]);
  });
});

describe("an engine killed at any moment", () => {
  test("again and again comes to the same end", async () => {
    const repository = makeRepository(START);
    const seed = Number(process.env.WORKTREE_SEED ?? Date.now() % 1_000_000);
    const draw = createDraw(seed);
    let kills = 0;
    for (let lives = 0; lives < LIVES_MAX; lives++) {
      const forMs = LIFE_MS_MIN + draw(LIFE_MS_SPREAD);
      const { signal, stdout, stderr } = await live(repository.home, "nowhere", forMs);
      if (signal === null && stdout.endsWith("two merged\n")) break;
      expect(stderr, `seed ${seed}`).toBe("");
      kills += 1;
      if (draw(2) === 0) expect((await repositoryAt(repository.home).worktrees.reconcile(() => true)).problems, `seed ${seed}`).toEqual([]);
    }
    expect((await live(repository.home, "nowhere")).stdout, `seed ${seed}, ${kills} kills`).toMatch(/two merged\n$/);
    checkWhole(repository, true);
    const merges = repository.git("log", "--first-parent", "--format=%s", "main").trim().split("\n");
    expect(merges, `seed ${seed}`).toHaveLength(3);
  });
});

describe("a checkout torn in the middle", () => {
  test("is finished, and what a person changed since keeps its change", async () => {
    const repository = await killedAt("target-moved");
    // As if git itself had been killed: one file done, one begun, one gone, and one that somebody saved before anybody came.
    const { root } = repository;
    writeFiles(root, { "two/new.txt": "tw" });
    rmSync(join(root, "gone.txt"));
    writeFileSync(join(root, "a.txt"), "mine\n");
    const { worktrees } = repositoryAt(repository.home);
    expect(await worktrees.reconcile(() => false)).toMatchObject({ finished: 1, problems: [] });
    expect(repository.git("status", "--porcelain")).toBe(" M a.txt\n");
    expect(readFileSync(join(root, "two/new.txt"), "utf8")).toBe("two\n");
    expect(readFileSync(join(root, "a.txt"), "utf8")).toBe("mine\n");
    expect(repository.git("show", "main:a.txt")).toBe(BOTH);
  });

  test("on which somebody has built already is left to them", async () => {
    const repository = await killedAt("files-followed");
    rmSync(join(repository.root, ".git/index.lock"), { force: true });
    repository.commit({ "later.txt": "l\n" });
    expect(await repositoryAt(repository.home).worktrees.reconcile(() => false)).toMatchObject({ problems: [] });
    expect(repository.git("status", "--porcelain")).toBe("");
    expect(repository.git("log", "-1", "--format=%s", "main").trim()).toBe("change");
  });
});

describe("a lock on the index", () => {
  test("of somebody else is not broken", async () => {
    const repository = await killedAt("work-committed");
    const lock = join(repository.root, ".git/index.lock");
    writeFileSync(lock, "");
    await repositoryAt(repository.home).worktrees.reconcile(() => false);
    expect(existsSync(lock)).toBe(true);
  });
});
