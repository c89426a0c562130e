/** Repositories whose owner wants something executed: nothing is, whatever is done with them (S-10, WT4). */
import { chmodSync, existsSync, mkdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { RunId } from "../../src/core/ids.ts";
import { makeRepository, produce, RUN, repositoryAt, type TestRepository } from "./repositories.ts";
import { writeFiles } from "./write-files.ts";

const HOOKS = [
  "applypatch-msg",
  "pre-commit",
  "prepare-commit-msg",
  "commit-msg",
  "post-commit",
  "pre-merge-commit",
  "post-merge",
  "pre-rebase",
  "post-checkout",
  "post-rewrite",
  "reference-transaction",
  "post-index-change",
  "fsmonitor-watchman",
  "pre-auto-gc",
  "update",
  "pre-receive",
  "post-update",
  "sendemail-validate",
];

/** Plants something in a repository that would run `program`. */
type Plant = (repository: TestRepository, program: string, root: string) => void;

const set =
  (...settings: readonly (readonly [string, (program: string) => string])[]): Plant =>
  (repository, program) => {
    for (const [name, value] of settings) repository.git("config", name, value(program));
  };

const direct = (program: string): string => program;

const PLANTS: Readonly<Record<string, Plant>> = {
  "every hook": (repository, program, root) => {
    mkdirSync(join(root, ".git/hooks"), { recursive: true });
    for (const hook of HOOKS) {
      writeFiles(root, { [`.git/hooks/${hook}`]: `#!/bin/sh\n${program}\n` });
      chmodSync(join(root, ".git/hooks", hook), 0o755);
    }
    repository.git("config", "core.fsmonitorHookVersion", "2");
  },
  "a path of hooks in the work tree": (repository, program, root) => {
    for (const hook of HOOKS) {
      writeFiles(root, { [`hooks/${hook}`]: `#!/bin/sh\n${program}\n` });
      chmodSync(join(root, "hooks", hook), 0o755);
    }
    repository.git("config", "core.hooksPath", "hooks");
  },
  "a file system monitor": set(["core.fsmonitor", direct]),
  "filters for every file": set(
    ["filter.evil.clean", direct],
    ["filter.evil.smudge", direct],
    ["filter.evil.process", direct],
    ["filter.evil.required", () => "true"],
  ),
  "filters named in another letter case": set(["FILTER.evil.CLEAN", direct], ["Filter.evil.Smudge", direct], ["Core.FSMonitor", direct]),
  "a merge driver": set(
    ["merge.evil.driver", direct],
    ["merge.default", () => "evil"],
    ["merge.tool", () => "evil"],
    ["mergetool.evil.cmd", direct],
  ),
  "external diff and text conversion": set(
    ["diff.external", direct],
    ["diff.evil.command", direct],
    ["diff.evil.textconv", direct],
    ["diff.evil.binary", () => "true"],
  ),
  "a pager, an editor, and askers": set(
    ["core.pager", direct],
    ["pager.worktree", direct],
    ["pager.log", direct],
    ["core.editor", direct],
    ["sequence.editor", direct],
    ["core.askPass", direct],
    ["credential.helper", (program) => `!${program}`],
  ),
  "remotes that run programs, and objects to be fetched from them": set(
    ["core.sshCommand", direct],
    ["core.gitProxy", direct],
    ["remote.origin.url", (program) => `ext::${program}`],
    ["remote.origin.uploadpack", direct],
    ["remote.origin.vcs", () => "ext"],
    ["remote.origin.promisor", () => "true"],
    ["protocol.ext.allow", () => "always"],
    ["protocol.allow", () => "always"],
    ["core.repositoryFormatVersion", () => "1"],
    ["extensions.partialClone", () => "origin"],
  ),
  "signatures by a program": set(
    ["commit.gpgSign", () => "true"],
    ["tag.gpgSign", () => "true"],
    ["log.showSignature", () => "true"],
    ["gpg.program", direct],
    ["gpg.ssh.program", direct],
    ["user.signingKey", () => "k"],
  ),
  collectors: set(["gc.auto", () => "1"], ["gc.recentObjectsHook", direct], ["maintenance.auto", () => "true"]),
  "trailers and aliases": set(
    ["trailer.Troupe-Run.command", direct],
    ["trailer.Troupe-Run.cmd", direct],
    ["trailer.Troupe-Run.ifMissing", () => "add"],
    ["alias.worktree", (program) => `!${program}`],
    ["alias.update-ref", (program) => `!${program}`],
  ),
  "an included file with all of it": (repository, program, root) => {
    writeFiles(root, { ".git/more": `[core]\n\tfsmonitor = ${program}\n[filter "evil"]\n\tclean = ${program}\n\tsmudge = ${program}\n` });
    repository.git("config", "include.path", "more");
    repository.git("config", `includeIf.gitdir:/.path`, "more");
  },
  "a configuration for each worktree": (repository, program) => {
    repository.git("config", "core.repositoryFormatVersion", "1");
    repository.git("config", "extensions.worktreeConfig", "true");
    repository.git("config", "--worktree", "core.fsmonitor", program);
    repository.git("config", "--worktree", "filter.evil.smudge", program);
  },
  "a submodule with a carriage return in its path": (repository, program, root) => {
    const tip = repository.git("rev-parse", "HEAD").trim();
    writeFiles(root, { ".gitmodules": `[submodule "evil"]\n\tpath = "sub\r"\n\turl = ext::${program}\n\tupdate = !${program}\n` });
    repository.git("add", ".gitmodules");
    repository.git("update-index", "--add", "--cacheinfo", `160000,${tip},sub\r`);
    repository.git("commit", "-qm", "submodule");
    mkdirSync(join(root, "sub\r"));
    repository.git("config", "submodule.recurse", "true");
    repository.git("config", "submodule.evil.update", `!${program}`);
    repository.git("config", "submodule.active", ".");
  },
  "a hostile repository inside the work tree": (repository, program, root) => {
    mkdirSync(join(root, "inner"));
    repository.gitIn(join(root, "inner"), "init", "-q");
    writeFiles(root, { "inner/.gitattributes": "* filter=evil\n", "inner/f": "1" });
    repository.gitIn(join(root, "inner"), "add", "-A");
    repository.gitIn(join(root, "inner"), "commit", "-qm", "inner");
    repository.git("add", "inner");
    repository.git("commit", "-qm", "embeds it");
    for (const name of ["filter.evil.clean", "filter.evil.smudge", "core.fsmonitor"])
      repository.gitIn(join(root, "inner"), "config", name, program);
    writeFiles(root, { "inner/f": "2" });
  },
  "attributes of its own": (repository, program, root) => {
    writeFiles(root, { ".git/info/attributes": "* filter=evil merge=evil diff=evil\n", attributes: "* filter=evil\n" });
    repository.git("config", "core.attributesFile", join(root, "attributes"));
    repository.git("config", "filter.evil.clean", program);
    repository.git("config", "filter.evil.smudge", program);
    repository.git("config", "merge.evil.driver", program);
  },
  "a monitor in the index": (repository, program) => {
    repository.git("update-index", "--untracked-cache");
    repository.git("config", "core.untrackedCache", "true");
    repository.git("config", "core.fsmonitor", program);
    repository.git("config", "index.sparse", "true");
  },
};

function makeHostile(plant: Plant): { readonly repository: TestRepository; readonly marker: string } {
  const repository = makeRepository({ "a.txt": "1\n2\n3\n", "b.txt": "b\n", ".gitattributes": "*.txt filter=evil diff=evil merge=evil\n" });
  const marker = join(repository.home, "marker");
  const program = join(repository.home, "evil.sh");
  writeFiles(repository.home, { "evil.sh": `#!/bin/sh\necho ran >> ${marker}\ncat\nexit 0\n` });
  chmodSync(program, 0o755);
  plant(repository, program, repository.root);
  rmSync(marker, { force: true }); // A person's git may have run it while it was planted.
  return { repository, marker };
}

/** Everything that the adapter does, with conflicts and failures in it. */
async function doEverything(repository: TestRepository): Promise<void> {
  const { worktrees } = repository;
  const conflict = await worktrees.open(repository.order("conflict"));
  const failing = await worktrees.open(repository.order("failing", { base: "main" }));
  const manual = await worktrees.open(repository.order("manual"));
  for (const [at, worktree] of [conflict, failing, manual].entries())
    writeFiles(worktree.workspace, { "a.txt": `1\n${at}\n3\n`, [`n${at}.txt`]: "x" });
  expect((await worktrees.radar(null)).length).toBeGreaterThan(0);
  await produce(repository, repository.order("clean"), { "a.txt": "1\nclean\n3\n", "c.txt": "c\n" });
  await worktrees.commit(conflict, null);
  expect(await worktrees.merge(conflict, new AbortController().signal, () => undefined)).toMatchObject({ kind: "conflict" });
  await worktrees.abandon(failing);
  await worktrees.commit(manual, null);
  await worktrees.leave(manual, "manual");
  await worktrees.mergeLeft(RUN, "manual");
  await worktrees.list(null);
  await worktrees.drop(RUN, "conflict");
  await worktrees.open(repository.order("crashed", { runId: `run_${"4".repeat(32)}` as RunId }));
  expect((await repositoryAt(repository.home).worktrees.reconcile(() => false)).problems).toEqual([]);
}

describe("a repository with", () => {
  test.each(Object.entries(PLANTS))("%s has nothing of it executed", { timeout: 30_000 }, async (_name, plant) => {
    const { repository, marker } = makeHostile(plant);
    await doEverything(repository);
    expect(existsSync(marker)).toBe(false);
  });

  test("what would run in a person's git does run there: the table is no idle one", () => {
    const { repository, marker } = makeHostile(PLANTS["filters named in another letter case"] ?? (() => undefined));
    writeFiles(repository.root, { "a.txt": "changed\n" });
    repository.git("add", "a.txt");
    expect(existsSync(marker)).toBe(true);
  });

  test("a work tree elsewhere has no file written there", async () => {
    const repository = makeRepository({ "a.txt": "1\n" });
    const elsewhere = join(repository.home, "elsewhere");
    mkdirSync(elsewhere);
    repository.git("config", "core.worktree", elsewhere);
    expect(await produce(repository, repository.order("s"), { "new.txt": "x\n" })).toMatchObject({ kind: "merged" });
    expect(existsSync(join(elsewhere, "new.txt"))).toBe(false);
    expect(existsSync(join(repository.root, "new.txt"))).toBe(true);
  });

  test("a linked .git is refused", async () => {
    const repository = makeRepository();
    renameSync(join(repository.root, ".git"), join(repository.home, "moved"));
    symlinkSync(join(repository.home, "moved"), join(repository.root, ".git"));
    await expect(repository.worktrees.open(repository.order("s"))).rejects.toMatchObject({ code: "GIT_UNSAFE", class: "policy" });
  });

  test.each(["gitdir: ", "nonsense", `gitdir: ${"x".repeat(5_000)}`, "gitdir: a\0b"])(
    "a .git file that says %j is refused",
    async (text) => {
      const repository = makeRepository();
      mkdirSync(join(repository.home, "pointed"));
      writeFiles(repository.home, { "pointed/.git": text });
      await expect(repository.worktrees.open(repository.order("s", { workspace: join(repository.home, "pointed") }))).rejects.toMatchObject(
        {
          code: "GIT_UNSAFE",
        },
      );
    },
  );

  test("a git of its own on a relative path is not started", async () => {
    const { repository, marker } = makeHostile((made, program, root) => {
      symlinkSync(program, join(root, "git"));
      made.git("status");
    });
    const { createWorktrees } = await import("../../src/adapters/git-cli/worktrees.ts");
    const { createSystemClock } = await import("../../src/adapters/clock-system/clock.ts");
    const worktrees = createWorktrees({
      directory: join(repository.home, "state"),
      clock: createSystemClock(),
      path: `.::${process.env.PATH}`,
    });
    await worktrees.open(repository.order("s"));
    expect(existsSync(marker)).toBe(false);
    const nowhere = createWorktrees({ directory: join(repository.home, "state"), clock: createSystemClock(), path: "." });
    await expect(nowhere.open(repository.order("t"))).rejects.toMatchObject({ code: "GIT_MISSING" });
  });

  test("links out of it has nothing written through them", async () => {
    const repository = makeRepository();
    mkdirSync(join(repository.home, "outside"));
    const worktree = await repository.worktrees.open(repository.order("s"));
    symlinkSync(join(repository.home, "outside"), join(worktree.workspace, "out"));
    await repository.worktrees.commit(worktree, null);
    await repository.worktrees.merge(worktree, new AbortController().signal, () => undefined);
    const other = await repository.worktrees.open(repository.order("t", { needsOthers: true }));
    rmSync(join(other.workspace, "out"));
    writeFiles(other.workspace, { "out/file": "x" });
    await repository.worktrees.commit(other, null);
    expect(await repository.worktrees.merge(other, new AbortController().signal, () => undefined)).toMatchObject({ kind: "merged" });
    expect(existsSync(join(repository.home, "outside/file"))).toBe(false);
  });
});
