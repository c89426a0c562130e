import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { RunId } from "../../src/core/ids.ts";
import { makeRepository, produce, RUN, repositoryAt } from "./repositories.ts";
import { writeFiles } from "./write-files.ts";

const never = new AbortController().signal;
const quiet = (): void => undefined;
const SUCCESS = { kind: "succeeded", output: null };

describe("a worktree", () => {
  test("has a branch of its own, the files of its base, and is locked", async () => {
    const repository = makeRepository({ "a.txt": "a\n", "dir/b.txt": "b\n" });
    const worktree = await repository.worktrees.open(repository.order("build"));
    expect(worktree).toMatchObject({ branch: `troupe/${RUN}/build`, target: "main", base: repository.git("rev-parse", "main").trim() });
    expect(readFileSync(join(worktree.workspace, "dir/b.txt"), "utf8")).toBe("b\n");
    expect(repository.git("worktree", "list", "--porcelain")).toContain("locked build of run_");
    expect(repository.gitIn(worktree.workspace, "status", "--porcelain", "--branch").trim()).toBe(`## troupe/${RUN}/build`);
  });

  test("starts where the run found the workspace, and where others merged when its step needs them", async () => {
    const repository = makeRepository();
    const first = await repository.worktrees.open(repository.order("one"));
    const moved = repository.commit({ "later.txt": "x\n" });
    expect((await repository.worktrees.open(repository.order("two"))).base).toBe(first.base);
    expect((await repository.worktrees.open(repository.order("three", { needsOthers: true }))).base).toBe(moved);
  });

  test("of a workspace below the top of the repository works below it too", async () => {
    const repository = makeRepository({ "pkg/a/x": "1\n" });
    const worktree = await repository.worktrees.open(repository.order("s", { workspace: join(repository.root, "pkg/a") }));
    expect(readFileSync(join(worktree.workspace, "x"), "utf8")).toBe("1\n");
    expect(worktree.workspace.endsWith("/pkg/a")).toBe(true);
  });

  test("is found again by the same attempt, with what it had written", async () => {
    const repository = makeRepository();
    const order = repository.order("s");
    writeFiles((await repository.worktrees.open(order)).workspace, { "half.txt": "half" });
    const again = await repositoryAt(repository.home).worktrees.open(order);
    expect(readFileSync(join(again.workspace, "half.txt"), "utf8")).toBe("half");
  });

  test("starts anew for the next attempt, and what the one before had changed is kept aside (I-33)", async () => {
    const repository = makeRepository();
    const order = repository.order("s");
    writeFiles((await repository.worktrees.open(order)).workspace, { "half.txt": "half" });
    const next = await repository.worktrees.open({ ...order, attempt: 2 });
    expect(existsSync(join(next.workspace, "half.txt"))).toBe(false);
    expect(repository.git("show", `refs/troupe/left/${RUN}/s/1:half.txt`)).toBe("half");
  });

  test("of an attempt that fails goes; its changes are kept unless their author said discard (I-33)", async () => {
    const repository = makeRepository();
    for (const discard of [false, true]) {
      const name = discard ? "thrown" : "kept";
      const worktree = await repository.worktrees.open(repository.order(name, { discard }));
      writeFiles(worktree.workspace, { "x.txt": "x" });
      const left = await repository.worktrees.abandon(worktree);
      expect(left === null).toBe(discard);
      expect(existsSync(worktree.workspace)).toBe(false);
    }
    expect(repository.git("branch", "--list", "troupe/*")).toBe("");
    expect(repository.git("for-each-ref", "--format=%(refname)", "refs/troupe").trim()).toBe(`refs/troupe/left/${RUN}/kept/1`);
    expect(repository.git("worktree", "list").trim().split("\n")).toHaveLength(1);
  });

  test("of any name there is makes refs that git takes", async () => {
    const repository = makeRepository();
    const keys = ["a/b", "..", ".lock", "x.lock", "@{-1}", "-x", "ü", "a b\n", "\u0000", "", "%41", "n".repeat(300), "a~1^:?*[\\"];
    const branches = new Set<string>();
    for (const [at, item] of keys.entries()) {
      const step = `fan[${at}]`;
      const worktree = await repository.worktrees.open(repository.order(step, { name: { step: "fan", item }, order: [0, at] }));
      repository.git("check-ref-format", `refs/heads/${worktree.branch}`);
      branches.add(worktree.branch);
    }
    expect(branches.size).toBe(keys.length);
  });

  test("is made for fifty at once (F-48)", { timeout: 60_000 }, async () => {
    const repository = makeRepository();
    const orders = Array.from({ length: 50 }, (_, at) => repository.order(`s${at}`));
    const made = await Promise.all(orders.map((order) => repository.worktrees.open(order)));
    expect(new Set(made.map(({ workspace }) => workspace)).size).toBe(50);
    expect(repository.git("worktree", "list").trim().split("\n")).toHaveLength(51);
  });

  test("that somebody removed by hand is made again (F-48)", async () => {
    const repository = makeRepository();
    const order = repository.order("s");
    const worktree = await repository.worktrees.open(order);
    rmSync(worktree.workspace, { recursive: true });
    const again = await repository.worktrees.open({ ...order, attempt: 2 });
    expect(existsSync(join(again.workspace, "README.md"))).toBe(true);
  });

  test("with an object that is broken is refused in words (F-48)", async () => {
    const repository = makeRepository({ "a.txt": "a\n" });
    const id = repository.git("rev-parse", "main:a.txt").trim();
    const file = join(repository.root, ".git/objects", id.slice(0, 2), id.slice(2));
    chmodSync(file, 0o600);
    writeFileSync(file, "nonsense");
    await expect(repository.worktrees.open(repository.order("s"))).rejects.toMatchObject({ code: "GIT_FAILED", class: "permanent" });
    expect((await repositoryAt(repository.home).worktrees.reconcile(() => false)).problems).toEqual([]);
    expect(repository.git("worktree", "list").trim().split("\n")).toHaveLength(1);
  });

  test("is refused in words where there is no repository, no commit, no such base", async () => {
    const repository = makeRepository();
    mkdirSync(join(repository.home, "empty"));
    await expect(repository.worktrees.open(repository.order("s", { workspace: join(repository.home, "empty") }))).rejects.toMatchObject({
      code: "GIT_NO_REPOSITORY",
      class: "permanent",
    });
    repository.gitIn(join(repository.home, "empty"), "init", "-q");
    await expect(repository.worktrees.open(repository.order("s", { workspace: join(repository.home, "empty") }))).rejects.toMatchObject({
      code: "GIT_NO_COMMIT",
    });
    for (const base of ["nope", "--upload-pack=x", "-c", "HEAD~1", "@{-1}", ":/start", "main:README.md", "a\0b", ""])
      await expect(repository.worktrees.open(repository.order("s", { base }))).rejects.toMatchObject({ code: "GIT_UNKNOWN_BASE" });
  });
});

describe("work", () => {
  test("is committed with all kinds of changes, whoever staged or committed what", async () => {
    const repository = makeRepository({ gone: "1\n", kept: "1\n", mode: "#!/bin/sh\n", "file-to-dir": "1\n", "dir/one": "1\n" });
    const worktree = await repository.worktrees.open(repository.order("s"));
    const { workspace } = worktree;
    rmSync(join(workspace, "gone"));
    chmodSync(join(workspace, "mode"), 0o755);
    rmSync(join(workspace, "file-to-dir"));
    rmSync(join(workspace, "dir"), { recursive: true });
    writeFiles(workspace, {
      "file-to-dir/inner": "i",
      dir: "file now",
      "strange\n\"name'": "s",
      ünï: "u",
      ".gitignore": "ignored\n",
      ignored: "x",
    });
    writeFileSync(Buffer.concat([Buffer.from(`${workspace}/`), Buffer.from([0x66, 0xff, 0xfe])]), "no utf-8");
    symlinkSync("/etc/passwd", join(workspace, "link"));
    repository.gitIn(workspace, "add", "kept", "strange\n\"name'");
    repository.gitIn(workspace, "commit", "-qm", "the worker's own");
    await repository.worktrees.commit(worktree, SUCCESS);
    expect(await repository.worktrees.merge(worktree, never, quiet)).toMatchObject({ kind: "merged" });
    const names = execFileSync("git", ["ls-tree", "-r", "-z", "--name-only", "main"], { cwd: repository.root, encoding: "latin1" });
    expect(names.split("\0").filter(Boolean).sort()).toEqual(
      [
        ".gitignore",
        "dir",
        "f\xff\xfe",
        "file-to-dir/inner",
        "kept",
        "link",
        "mode",
        "strange\n\"name'",
        Buffer.from("ünï").toString("latin1"),
      ].sort(),
    );
    expect(repository.git("ls-tree", "main", "mode", "link")).toMatch(/120000.*link\n100755.*mode/s);
    expect(repository.git("status", "--porcelain")).toBe("");
    expect(repository.git("log", "--format=%an %s", "main")).toContain("the worker's own");
  });

  test("leaves out repositories inside it, and what is done to submodules", async () => {
    const repository = makeRepository();
    const worktree = await repository.worktrees.open(repository.order("s"));
    mkdirSync(join(worktree.workspace, "inner"));
    repository.gitIn(join(worktree.workspace, "inner"), "init", "-q");
    writeFiles(worktree.workspace, { "inner/file": "x", own: "y" });
    await repository.worktrees.commit(worktree, SUCCESS);
    await repository.worktrees.merge(worktree, never, quiet);
    expect(repository.git("ls-tree", "-r", "--name-only", "main").trim().split("\n")).toEqual(["README.md", "own"]);
  });

  test("that changed nothing is a success without a merge", async () => {
    const repository = makeRepository();
    const before = repository.git("rev-parse", "main");
    expect(await produce(repository, repository.order("s"), {})).toEqual({ kind: "nothing" });
    expect(repository.git("rev-parse", "main")).toBe(before);
    expect(repository.git("branch", "--list", "troupe/*")).toBe("");
  });

  test("carries in its commits whose it is", async () => {
    const repository = makeRepository();
    await produce(repository, repository.order("s", { attempt: 3 }), { x: "1" });
    expect(repository.git("log", "-1", "--format=%an <%ae>%n%B", "main^2").trim()).toBe(
      `Troupe <troupe@localhost>\ns: attempt 3 of ${RUN}\n\nTroupe-Run: ${RUN}\nTroupe-Step: s\nTroupe-Attempt: 3`,
    );
  });
});

describe("a merge", () => {
  test("of two steps that touch other lines is clean, and the checked-out files follow", async () => {
    const lines = Array.from({ length: 30 }, (_, at) => `line ${at}\n`);
    const repository = makeRepository({ file: lines.join("") });
    const one = await repository.worktrees.open(repository.order("one"));
    const two = await repository.worktrees.open(repository.order("two"));
    writeFiles(one.workspace, { file: lines.with(2, "ONE\n").join("") });
    writeFiles(two.workspace, { file: lines.with(25, "TWO\n").join("") });
    for (const worktree of [one, two]) {
      await repository.worktrees.commit(worktree, SUCCESS);
      expect(await repository.worktrees.merge(worktree, never, quiet)).toMatchObject({ kind: "merged", files: 1 });
    }
    expect(readFileSync(join(repository.root, "file"), "utf8")).toBe(lines.with(2, "ONE\n").with(25, "TWO\n").join(""));
    expect(repository.git("status", "--porcelain")).toBe("");
    expect(repository.git("worktree", "list").trim().split("\n")).toHaveLength(1);
  });

  test("that conflicts changes nothing and tells files, kinds and with whom", async () => {
    const repository = makeRepository({ both: "1\n2\n3\n", deleted: "x\n" });
    const orders = [repository.order("one"), repository.order("two")];
    const [one, two] = await Promise.all(orders.map((order) => repository.worktrees.open(order)));
    if (one === undefined || two === undefined) throw new Error("two were asked for");
    writeFiles(one.workspace, { both: "1\nONE\n3\n", added: "one\n", deleted: "changed\n" });
    writeFiles(two.workspace, { both: "1\nTWO\n3\n", added: "two\n" });
    rmSync(join(two.workspace, "deleted"));
    await repository.worktrees.commit(one, SUCCESS);
    await repository.worktrees.merge(one, never, quiet);
    const tip = repository.git("rev-parse", "main").trim();
    await repository.worktrees.commit(two, SUCCESS);
    expect(await repository.worktrees.merge(two, never, quiet)).toEqual({
      kind: "conflict",
      tip,
      files: [
        { path: "added", kinds: ["add/add"], with: ["one"] },
        { path: "both", kinds: ["content"], with: ["one"] },
        { path: "deleted", kinds: ["modify/delete"], with: ["one"] },
      ],
    });
    expect(repository.git("rev-parse", "main").trim()).toBe(tip);
    expect(repository.git("status", "--porcelain")).toBe("");
    expect(repository.git("show", `${two.branch}:both`)).toBe("1\nTWO\n3\n");
    // The next attempt starts from what it conflicted with.
    expect((await repository.worktrees.open({ ...(orders[1] ?? repository.order("two")), attempt: 2 })).base).toBe(tip);
  });

  test.each([
    ["a change that is not staged", (root: string) => writeFiles(root, { file: "mine\n" }), "file"],
    ["a file that git does not know", (root: string) => writeFiles(root, { added: "mine\n" }), "added"],
    ["a file that git ignores", (root: string) => writeFiles(root, { "added.log": "mine\n" }), "added.log"],
  ])("stops before %s would be lost", async (_what, disturb, path) => {
    const repository = makeRepository({ file: "1\n", ".gitignore": "*.log\n" });
    const tip = repository.git("rev-parse", "main");
    const worktree = await repository.worktrees.open(repository.order("s"));
    writeFiles(worktree.workspace, { [path]: "theirs\n" });
    if (path.endsWith(".log")) repository.gitIn(worktree.workspace, "add", "-f", path);
    if (path.endsWith(".log")) repository.gitIn(worktree.workspace, "commit", "-qm", "forced");
    disturb(repository.root);
    await repository.worktrees.commit(worktree, SUCCESS);
    expect(await repository.worktrees.merge(worktree, never, quiet)).toMatchObject({ kind: "blocked", paths: [path] });
    expect(repository.git("rev-parse", "main")).toBe(tip);
    expect(readFileSync(join(repository.root, path), "utf8")).toBe("mine\n");
    rmSync(join(repository.root, path));
    if (path === "file") repository.git("checkout", "-q", "--", "file");
    expect(await repository.worktrees.mergeLeft(RUN, "s")).toMatchObject({ kind: "merged" });
    expect(readFileSync(join(repository.root, path), "utf8")).toBe("theirs\n");
    expect(repository.git("status", "--porcelain")).toBe("");
  });

  test("stops before a staged change would be lost, and leaves changes elsewhere alone", async () => {
    const repository = makeRepository({ file: "1\n", other: "1\n" });
    const worktree = await repository.worktrees.open(repository.order("s"));
    writeFiles(worktree.workspace, { file: "theirs\n" });
    await repository.worktrees.commit(worktree, SUCCESS);
    writeFiles(repository.root, { file: "mine\n", other: "mine\n", untracked: "mine\n" });
    repository.git("add", "file");
    expect(await repository.worktrees.merge(worktree, never, quiet)).toMatchObject({ kind: "blocked" });
    expect(repository.git("status", "--porcelain")).toBe("M  file\n M other\n?? untracked\n");
    repository.git("restore", "--staged", "--worktree", "file");
    expect(await repository.worktrees.mergeLeft(RUN, "s")).toMatchObject({ kind: "merged" });
    expect(repository.git("status", "--porcelain")).toBe(" M other\n?? untracked\n");
  });

  test("into a branch that nobody has checked out moves the branch alone", async () => {
    const repository = makeRepository();
    repository.git("branch", "release");
    expect(await produce(repository, repository.order("s", { base: "release" }), { x: "1" })).toMatchObject({ kind: "merged" });
    expect(repository.git("show", "release:x")).toBe("1");
    expect(existsSync(join(repository.root, "x"))).toBe(false);
  });

  test("into a branch checked out in another worktree moves the files there", async () => {
    const repository = makeRepository();
    repository.git("worktree", "add", "-q", "-b", "release", join(repository.home, "release"));
    await produce(repository, repository.order("s", { base: "release" }), { x: "1" });
    expect(readFileSync(join(repository.home, "release", "x"), "utf8")).toBe("1");
    expect(repository.gitIn(join(repository.home, "release"), "status", "--porcelain")).toBe("");
  });

  test("into a branch that somebody is rebasing waits for a person", async () => {
    const repository = makeRepository({ file: "1\n" });
    const worktree = await repository.worktrees.open(repository.order("s"));
    writeFiles(worktree.workspace, { x: "1" });
    await repository.worktrees.commit(worktree, SUCCESS);
    repository.git("checkout", "-qb", "upstream");
    repository.commit({ file: "theirs\n" });
    repository.git("checkout", "-q", "main");
    const tip = repository.commit({ file: "ours\n" });
    expect(() => repository.git("rebase", "upstream")).toThrow();
    expect(await repository.worktrees.merge(worktree, never, quiet)).toMatchObject({
      kind: "blocked",
      problem: expect.stringContaining("is being rebased"),
    });
    expect(repository.git("rev-parse", "main").trim()).toBe(tip);
    repository.git("rebase", "--abort");
    expect(await repository.worktrees.mergeLeft(RUN, "s")).toMatchObject({ kind: "merged" });
  });

  test("needs a branch to go to, and says so before the work begins", async () => {
    const repository = makeRepository();
    repository.git("checkout", "-q", "--detach");
    await expect(repository.worktrees.open(repository.order("s"))).rejects.toMatchObject({ code: "MERGE_NO_TARGET" });
    expect(await repository.worktrees.open(repository.order("t", { merge: "manual" }))).toMatchObject({ target: null });
  });

  test.each([
    ["a directory of ignored files where a file is to be", "made", { "made/x.log": "mine\n" }, ["made/x.log"]],
    ["an ignored file where a directory is to be", "made.log/inner", { "made.log": "mine\n" }, ["made.log"]],
  ])("stops before %s", async (_what, path, mine, paths) => {
    const repository = makeRepository({ ".gitignore": "*.log\n" });
    const worktree = await repository.worktrees.open(repository.order("s"));
    writeFiles(worktree.workspace, { [path]: "theirs\n" });
    repository.gitIn(worktree.workspace, "add", "-f", path);
    writeFiles(repository.root, mine);
    await repository.worktrees.commit(worktree, SUCCESS);
    expect(await repository.worktrees.merge(worktree, never, quiet)).toMatchObject({ kind: "blocked", paths });
    for (const [file, content] of Object.entries(mine)) expect(readFileSync(join(repository.root, file), "utf8")).toBe(content);
  });

  test("is done once for two engines on one repository", async () => {
    const one = makeRepository();
    mkdirSync(join(one.home, "other/state"), { recursive: true });
    symlinkSync(one.root, join(one.home, "other/repo"));
    const two = repositoryAt(join(one.home, "other"));
    const other = `run_${"2".repeat(32)}` as RunId;
    const both = Array.from({ length: 5 }, (_, at) => [
      produce(one, one.order(`a${at}`), { [`a${at}`]: "x" }),
      produce(two, { ...two.order(`b${at}`), runId: other, workspace: one.root }, { [`b${at}`]: "x" }),
    ]).flat();
    expect((await Promise.all(both)).map(({ kind }) => kind)).toEqual(Array(10).fill("merged"));
    expect(one.git("ls-tree", "--name-only", "main").trim().split("\n")).toHaveLength(11);
    expect(one.git("status", "--porcelain")).toBe("");
  });

  test("that is told to stop while it waits does nothing", async () => {
    const repository = makeRepository();
    const worktree = await repository.worktrees.open(repository.order("s"));
    writeFiles(worktree.workspace, { x: "1" });
    await repository.worktrees.commit(worktree, SUCCESS);
    expect(await repository.worktrees.merge(worktree, AbortSignal.abort(), quiet)).toEqual({ kind: "stopped" });
    expect(repository.git("ls-tree", "--name-only", "main").trim()).toBe("README.md");
    expect(repository.git("worktree", "list").trim().split("\n")).toHaveLength(1);
    expect(await repository.worktrees.list(RUN)).toMatchObject([{ state: "manual" }]);
  });

  test("waits for a person's git, and says so when it does not end (F-48)", async () => {
    const repository = makeRepository();
    const worktree = await repository.worktrees.open(repository.order("s"));
    writeFiles(worktree.workspace, { x: "1" });
    await repository.worktrees.commit(worktree, SUCCESS);
    writeFileSync(join(repository.root, ".git/index.lock"), "");
    await expect(repository.worktrees.merge(worktree, never, quiet)).rejects.toMatchObject({ code: "GIT_LOCKED", class: "transient" });
    rmSync(join(repository.root, ".git/index.lock"));
    expect(await repository.worktrees.merge(worktree, never, quiet)).toMatchObject({ kind: "merged" });
  });
});

describe("what is left", () => {
  test("is listed, merged and dropped by a person", async () => {
    const repository = makeRepository();
    for (const step of ["one", "two"]) {
      const worktree = await repository.worktrees.open(repository.order(step, { merge: "manual" }));
      writeFiles(worktree.workspace, { [step]: "x" });
      await repository.worktrees.commit(worktree, SUCCESS);
      await repository.worktrees.leave(worktree, "manual");
    }
    expect((await repository.worktrees.list(RUN)).map(({ step, state, path }) => [step, state, path])).toEqual([
      ["one", "manual", null],
      ["two", "manual", null],
    ]);
    expect(await repository.worktrees.mergeLeft(RUN, "one")).toMatchObject({ kind: "merged", files: 1 });
    expect(await repository.worktrees.drop(RUN, "two")).toHaveLength(1);
    expect(await repository.worktrees.list(null)).toEqual([]);
    expect(repository.git("branch", "--list", "troupe/*")).toBe("");
    await expect(repository.worktrees.mergeLeft(RUN, "none")).rejects.toMatchObject({ code: "WORKTREE_RECORD" });
  });

  test("of a conflict may be mended on its branch and merged then", async () => {
    const repository = makeRepository({ file: "1\n" });
    const worktree = await repository.worktrees.open(repository.order("s"));
    writeFiles(worktree.workspace, { file: "step\n" });
    repository.commit({ file: "person\n" });
    await repository.worktrees.commit(worktree, SUCCESS);
    expect(await repository.worktrees.merge(worktree, never, quiet)).toMatchObject({
      kind: "conflict",
      files: [{ path: "file", with: [] }],
    });
    repository.git("worktree", "add", "-q", join(repository.home, "mend"), worktree.branch);
    const mend = join(repository.home, "mend");
    writeFiles(mend, { file: "person\n" });
    repository.gitIn(mend, "commit", "-qam", "as the person wants it");
    repository.git("worktree", "remove", mend);
    expect(await repository.worktrees.mergeLeft(RUN, "s")).toMatchObject({ kind: "merged" });
  });
});

describe("the radar", () => {
  test("tells workers that would conflict before they commit anything, and only those", async () => {
    const repository = makeRepository({ shared: "1\n2\n3\n4\n5\n6\n7\n8\n9\n", other: "x\n" });
    const [one, two, three] = await Promise.all(["one", "two", "three"].map((step) => repository.worktrees.open(repository.order(step))));
    if (one === undefined || two === undefined || three === undefined) throw new Error("three were asked for");
    expect(await repository.worktrees.radar([RUN])).toEqual([]);
    writeFiles(one.workspace, { shared: "ONE\n2\n3\n4\n5\n6\n7\n8\n9\n" });
    writeFiles(two.workspace, { shared: "TWO\n2\n3\n4\n5\n6\n7\n8\n9\n" });
    writeFiles(three.workspace, { shared: "1\n2\n3\n4\n5\n6\n7\n8\nTHREE\n", other: "y\n" });
    expect(await repository.worktrees.radar([RUN])).toEqual([
      { runId: RUN, step: "one", with: "two", files: [{ path: "shared", kinds: ["content"] }] },
    ]);
    expect(repository.git("count-objects").split(" ")[0]).toBe("4"); // Commit, tree and two files: looking wrote none.
    writeFiles(three.workspace, { other: "three's\n" });
    repository.commit({ other: "somebody's\n" });
    expect(await repository.worktrees.radar(null)).toContainEqual(expect.objectContaining({ step: "three", with: "main" }));
  });
});

describe("after a crash", () => {
  test("worktrees of runs that have ended are removed, those of others kept", async () => {
    const repository = makeRepository();
    const gone = await repository.worktrees.open(repository.order("gone"));
    writeFiles(gone.workspace, { x: "1" });
    const stays = `run_${"3".repeat(32)}` as RunId;
    const kept = await repository.worktrees.open(repository.order("kept", { runId: stays }));
    const next = repositoryAt(repository.home).worktrees;
    expect(await next.reconcile((runId) => runId === stays)).toEqual({ finished: 0, removed: 1, kept: 1, problems: [] });
    expect(existsSync(gone.workspace)).toBe(false);
    expect(existsSync(kept.workspace)).toBe(true);
    expect(await next.list(RUN)).toMatchObject([{ step: "gone", state: "left", attempt: 1 }]);
  });
});
