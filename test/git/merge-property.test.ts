/** Generated repositories, several workers each: every planted textual conflict is found, no false one, the target is never half merged. */
import { readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Worktree } from "../../src/ports/worktrees.ts";
import { apply, type Edits, expectMerge, type Files, filesIn, type Plan, plan } from "./generate.ts";
import { makeRepository, RUN, type TestRepository } from "./repositories.ts";
import { writeFiles } from "./write-files.ts";

/** Of generated repositories; one takes about a second of git processes. */
const REPOSITORIES = 64;

function edit(root: string, edits: Edits): void {
  for (const [path, content] of Object.entries(edits)) {
    if (content === null) rmSync(join(root, path));
    else writeFiles(root, { [path]: content });
  }
}

interface Seen {
  repositories: number;
  conflicts: number;
  merges: number;
}

async function check({ files, workers }: Plan, seen: Seen): Promise<void> {
  const repository = makeRepository(files);
  try {
    const base = new Map(Object.entries(files));
    // Every other target is checked out nowhere: then a branch moves alone.
    const target = seen.repositories++ % 2 === 0 ? "main" : "release";
    repository.git("branch", "release");
    const made = await Promise.all(workers.map((_, at) => repository.worktrees.open(repository.order(`w${at}`, { base: target }))));
    for (const [at, worktree] of made.entries()) edit(worktree.workspace, workers[at] ?? {});
    await checkRadar(repository, base, workers);
    await checkMerges(repository, { base, workers, made, branch: target }, seen);
  } finally {
    rmSync(dirname(repository.root), { recursive: true, force: true });
  }
}

async function checkRadar({ worktrees }: TestRepository, base: Files, workers: readonly Edits[]): Promise<void> {
  const expected: unknown[] = [];
  for (const [at, one] of workers.entries())
    for (const [further, other] of workers.slice(at + 1).entries()) {
      const { conflicts } = expectMerge(base, apply(base, one), apply(base, other));
      if (conflicts.length > 0) expected.push([`w${at}`, `w${at + 1 + further}`, conflicts]);
    }
  const told = (await worktrees.radar([RUN])).map((pair) => [pair.step, pair.with, pair.files.map(({ path }) => path).sort()]);
  expect(told).toEqual(expected);
}

async function checkMerges(
  repository: TestRepository,
  drawn: { readonly base: Files; readonly workers: readonly Edits[]; readonly made: readonly Worktree[]; readonly branch: string },
  seen: Seen,
): Promise<void> {
  const { root, worktrees } = repository;
  const { base, workers, made, branch } = drawn;
  let target: Files = base;
  const mergedSteps: { readonly step: string; readonly edits: Edits }[] = [];
  for (const [at, worktree] of made.entries()) {
    const edits = workers[at] ?? {};
    const before = tipOf(repository, branch);
    await worktrees.commit(worktree, null);
    const answer = await worktrees.merge(worktree, new AbortController().signal, () => undefined);
    const { conflicts, merged } = expectMerge(base, target, apply(base, edits));
    if (conflicts.length > 0) {
      seen.conflicts += 1;
      if (answer.kind !== "conflict") throw new Error(`The conflict in ${conflicts} was not found: ${answer.kind}`);
      expect(answer.files.map(({ path }) => path).sort()).toEqual(conflicts);
      for (const file of answer.files) {
        const others = mergedSteps.filter(({ edits: theirs }) => theirs[file.path] !== undefined).map(({ step }) => step);
        expect(others).toEqual(expect.arrayContaining([...file.with]));
        expect(file.with.length).toBeGreaterThan(0);
      }
      expect(tipOf(repository, branch)).toBe(before);
    } else {
      seen.merges += 1;
      expect(["merged", "nothing"]).toContain(answer.kind);
      target = merged;
      mergedSteps.push({ step: worktree.step, edits });
      expect(filesIn(root, branch)).toEqual(target);
    }
  }
  expect(repository.git("status", "--porcelain")).toBe("");
  repository.git("fsck", "--strict", "--no-dangling");
}

/** Loose, as the branch of a repository that is this young is. */
function tipOf({ root }: TestRepository, branch: string): string {
  return readFileSync(join(root, ".git/refs/heads", branch), "utf8").trim();
}

test(`every conflict of ${REPOSITORIES} generated repositories is found, and no other one`, { timeout: 900_000 }, async () => {
  const seen: Seen = { repositories: 0, conflicts: 0, merges: 0 };
  await fc.assert(
    fc.asyncProperty(plan, (each) => check(each, seen)),
    { numRuns: REPOSITORIES, endOnFailure: true },
  );
  // Neither half of the statement may be proved by nothing.
  expect(seen.conflicts).toBeGreaterThan(REPOSITORIES / 4);
  expect(seen.merges).toBeGreaterThanOrEqual(REPOSITORIES);
});
