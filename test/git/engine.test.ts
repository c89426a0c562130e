/** Workflows with isolated steps, run by the command as people run it. */
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runCommand } from "../support/command.ts";
import { workflowOf } from "../support/workflow-of.ts";
import { makeRepository, type TestRepository } from "./repositories.ts";

const CODE = "1\n2\n3\n4\n5\n6\n7\n8\n";

const PARALLEL = workflowOf(
  "- id: top",
  "  isolation: { worktree: true }",
  "  run: sed -i '1s/.*/TOP/' code.txt",
  "- id: bottom",
  "  isolation: { worktree: true }",
  "  run: sed -i '8s/.*/BOTTOM/' code.txt",
  "- id: both",
  "  needs: [top, bottom]",
  "  isolation: { worktree: true }",
  '  run: cp code.txt both.txt; rm -f code.txt; git status --short | grep -q "^ D code.txt"',
  "- id: fan",
  "  needs: both",
  "  for_each: \"{{ ['a', 'b/c'] }}\"",
  '  key: "{{ item.value }}"',
  "  isolation: { worktree: true }",
  '  run: mkdir -p "out/{{ item.key }}"; cp both.txt "out/{{ item.key }}/copy"',
  "- id: left",
  "  isolation: { worktree: true, merge: manual }",
  "  run: echo left > left.txt",
);

const CLASHING = workflowOf(
  "- id: first",
  "  isolation: { worktree: true }",
  "  run: sed -i '4s/.*/FIRST/' code.txt",
  "- id: second",
  "  isolation: { worktree: true }",
  "  retry: { max: 1, base: 1ms, on: [conflict] }",
  "  run: |",
  "    until git show main:code.txt | grep -q FIRST; do sleep 0.1; done",
  '    sed -i "4s/.*/$(sed -n 4p code.txt)+SECOND/" code.txt',
);

function makeProject(workflow: string): TestRepository {
  const repository = makeRepository({ "code.txt": CODE, ".gitignore": ".troupe/\n" });
  repository.commit({ "w.troupe.yaml": workflow });
  return repository;
}

function troupe({ root }: TestRepository, words: readonly string[], env: Readonly<Record<string, string>> = {}) {
  return runCommand(words, { cwd: root, env });
}

describe("a run of isolated steps", () => {
  test("has all their work on the branch, each on top of what it needs, and leaves nothing else", { timeout: 60_000 }, async () => {
    const repository = makeProject(PARALLEL);
    const ended = await troupe(repository, ["run", "w.troupe.yaml"]);
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
    const expected = "TOP\n2\n3\n4\n5\n6\n7\nBOTTOM\n";
    for (const file of ["both.txt", "out/a/copy", "out/b/c/copy"]) expect(readFileSync(join(repository.root, file), "utf8")).toBe(expected);
    expect(existsSync(join(repository.root, "code.txt"))).toBe(false);
    expect(repository.git("status", "--porcelain")).toBe("");
    expect(repository.git("worktree", "list").trim().split("\n")).toHaveLength(1);

    const list = await troupe(repository, ["merge", "list", "@latest", "-o", "json"]);
    expect(JSON.parse(list.stdout)).toMatchObject([{ step: "left", state: "manual", target: "main" }]);
    expect((await troupe(repository, ["merge", "list"])).stdout).toMatch(/left\s+manual\s+main/);
    expect(await troupe(repository, ["merge", "run", "@latest", "left"])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Merged as [0-9a-f]{12}; 1 file changed\.\n$/),
    });
    expect(await troupe(repository, ["merge", "run", "@latest", "left"])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("MERGE_REFUSED"),
    });
    expect(await troupe(repository, ["merge", "drop", "@latest", "left"])).toMatchObject({
      code: 0,
      stderr: "There was nothing left of it.\n",
    });
    expect(await troupe(repository, ["merge", "radar", "@latest"])).toMatchObject({ code: 0, stderr: "Nothing at work would conflict.\n" });
  });

  test("has a conflict as an event and as data, and a retry starts from what it conflicted with", { timeout: 60_000 }, async () => {
    const repository = makeProject(CLASHING);
    const ended = await troupe(repository, ["run", "w.troupe.yaml"]);
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
    expect(readFileSync(join(repository.root, "code.txt"), "utf8").split("\n")[3]).toBe("FIRST+SECOND");
    const events = (await troupe(repository, ["events", "@latest", "-o", "json"])).stdout;
    expect(events).toContain("MERGE_CONFLICT");
    expect(JSON.stringify(JSON.parse(events))).toContain('"files":[{"kinds":["content"],"path":"code.txt","with":["first"]}]');
    const list = JSON.parse((await troupe(repository, ["merge", "list", "-o", "json"])).stdout);
    expect(list).toMatchObject([{ step: "second", attempt: 1, state: "left" }]);
    expect(repository.git("show", `${list[0].branch}:code.txt`).split("\n")[3]).toBe("4+SECOND");
  });

  test("is told where there is no repository", { timeout: 60_000 }, async () => {
    const repository = makeProject(PARALLEL);
    rmSync(join(repository.root, ".git"), { recursive: true });
    expect(await troupe(repository, ["run", "w.troupe.yaml"])).toMatchObject({
      code: 1,
      stdout: expect.stringContaining("GIT_NO_REPOSITORY"),
    });
  });
});

describe("an engine killed in a merge", () => {
  test.each(["work-committed", "target-moved", "files-followed"])(
    "at %s is followed by one that finishes it, and repeats no work",
    { timeout: 60_000 },
    async (point) => {
      const repository = makeProject(
        workflowOf(
          "- id: once",
          "  side_effect: once",
          "  isolation: { worktree: true }",
          "  run: echo x >> ../../../../ledger; echo 1 > new.txt",
        ),
      );
      expect(await troupe(repository, ["run", "w.troupe.yaml"], { TROUPE_CRASH_AT: point })).toMatchObject({ signal: "SIGKILL" });
      const resumed = await troupe(repository, ["resume", "@latest"]);
      expect(resumed, resumed.stderr).toMatchObject({ code: 0 });
      expect(readFileSync(join(repository.root, "ledger"), "utf8")).toBe("x\n");
      expect(readFileSync(join(repository.root, "new.txt"), "utf8")).toBe("1\n");
      expect(repository.git("log", "--first-parent", "--format=%s", "main").trim().split("\n")).toHaveLength(3);
      expect(repository.git("status", "--porcelain")).toBe("?? ledger\n");
    },
  );
});
