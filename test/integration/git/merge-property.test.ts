/** Generated repositories, several workers each: every planted textual conflict is found, no false one, the target is never half merged. */
import { rmSync } from "node:fs";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Worktree } from "../../../src/ports/worktrees.ts";
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

async function check({ files, workers }: Plan, seen: { conflicts: number; merges: number }): Promise<void> {
  const repository = makeRepository(files);
  try {
    const base = new Map(Object.entries(files));
    const made = await Promise.all(workers.map((_, at) => repository.worktrees.open(repository.order(`w${at}`))));
    for (const [at, worktree] of made.entries()) edit(worktree.workspace, workers[at] ?? {});
    await checkRadar(repository, base, workers);
    await checkMerges(repository, base, workers, made, seen);
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
  base: Files,
  workers: readonly Edits[],
  made: readonly Worktree[],
  seen: { conflicts: number; merges: number },
): Promise<void> {
  const { root, worktrees } = repository;
  let target: Files = base;
  const mergedSteps: { readonly step: string; readonly edits: Edits }[] = [];
  for (const [at, worktree] of made.entries()) {
    const edits = workers[at] ?? {};
    const before = repository.git("rev-parse", "main").trim();
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
      expect(repository.git("rev-parse", "main").trim()).toBe(before);
    } else {
      seen.merges += 1;
      expect(["merged", "nothing"]).toContain(answer.kind);
      target = merged;
      mergedSteps.push({ step: worktree.step, edits });
    }
    expect(filesIn(root, "main")).toEqual(target);
    expect(repository.git("status", "--porcelain")).toBe("");
  }
  repository.git("fsck", "--strict", "--no-dangling");
}

test(`every conflict of ${REPOSITORIES} generated repositories is found, and no other one`, { timeout: 180_000 }, async () => {
  const seen = { conflicts: 0, merges: 0 };
  await fc.assert(
    fc.asyncProperty(plan, (each) => check(each, seen)),
    { numRuns: REPOSITORIES, endOnFailure: true },
  );
  // Neither half of the statement may be proved by nothing.
  expect(seen.conflicts).toBeGreaterThan(REPOSITORIES / 4);
  expect(seen.merges).toBeGreaterThan(REPOSITORIES);
});
