/** Does two steps' work in a repository and is killed at a named point of the second; or does what is left of it. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { createSystemClock } from "../../src/adapters/clock-system/clock.ts";
import { createWorktrees } from "../../src/adapters/git-cli/worktrees.ts";
import type { RunId } from "../../src/core/ids.ts";
import type { WorktreeOrder } from "../../src/ports/worktrees.ts";
import { writeFiles } from "../git/write-files.ts";

const [home = "", point = ""] = process.argv.slice(2);
let isArmed = false;

const worktrees = createWorktrees({
  directory: join(home, "state"),
  clock: createSystemClock(),
  path: process.env.PATH ?? "",
  reach(reached) {
    if (isArmed && reached === point) process.kill(process.pid, "SIGKILL");
  },
});

async function produce(step: string, place: number, work: (workspace: string) => void): Promise<void> {
  const order: WorktreeOrder = {
    runId: `run_${"1".repeat(32)}` as RunId,
    step,
    name: { step, item: null },
    order: [place, 0],
    attempt: 1,
    workspace: join(home, "repo"),
    base: null,
    needsOthers: false,
    merge: "queue",
    discard: false,
  };
  const worktree = await worktrees.open(order);
  if (worktree.ended === null) work(worktree.workspace);
  await worktrees.commit(worktree, { step });
  const answer = await worktrees.merge(worktree, new AbortController().signal, () => undefined);
  process.stdout.write(`${step} ${answer.kind}\n`);
}

await produce("one", 0, (workspace) => writeFiles(workspace, { "one.txt": "one\n", "a.txt": "one\n2\n3\n4\n5\n6\n7\n8\n9\n" }));
isArmed = true;
await produce("two", 1, (workspace) => {
  writeFiles(workspace, { "two/new.txt": "two\n", "a.txt": "1\n2\n3\n4\n5\n6\n7\n8\ntwo\n" });
  rmSync(join(workspace, "gone.txt"), { force: true }); // An attempt that goes on may have done it already.
});
