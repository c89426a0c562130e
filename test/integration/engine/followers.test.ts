/** I-6: whoever follows a run sees each of its entries once and in order, also when engines come and go. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openProject } from "../../../src/main/project.ts";
import type { Project } from "../../../src/main/project-shape.ts";
import { runCommand, startCommand } from "../../support/command.ts";
import { useEngines, waitFor, workflowOf } from "../../support/engine-bench.ts";
import { eventually } from "../../support/eventually.ts";

const bench = useEngines();
const held = (name: string): string => `run: 'touch ${name}; until [ -e go-${name} ] || [ ! -e ${name} ]; do sleep 0.02; done'`;

/** Follows to the end; breaks off after each so many entries and comes back with the number of the last, as a browser does. */
async function follow(project: Project, runId: string, breaksOffAfter: number): Promise<readonly number[]> {
  const seen: number[] = [];
  for (let isOver = false; !isOver; ) {
    isOver = true;
    let count = 0;
    for await (const { seq } of project.events(project.runId(runId), { afterSeq: seen.at(-1) ?? 0, follow: true })) {
      seen.push(seq);
      count += 1;
      isOver = count < breaksOffAfter;
      if (!isOver) break;
    }
  }
  return seen;
}

test("a stream that is taken up again after its last entry repeats and misses nothing over the death of two engines (I-6)", async () => {
  const { workspace, state, write } = bench.place();
  const text = workflowOf(
    "- id: one",
    `  ${held("first")}`,
    "- id: two",
    "  needs: [one]",
    `  ${held("second")}`,
    "- id: three",
    "  needs: [two]",
    "  run: 'true'",
  );
  const engine = startCommand(["run", write(text), "--state", state], { cwd: workspace });
  await waitFor(join(workspace, "first"));
  await using project = await openProject({ state });
  const run = project.list()[0]?.id ?? "";
  const following = Promise.all([1, 2, 3, 1_000].map((count) => follow(project, run, count)));
  engine.child.kill("SIGKILL");
  await engine.ended;
  writeFileSync(join(workspace, "go-first"), "");
  const second = startCommand(["resume", "--state", state], { cwd: workspace });
  await waitFor(join(workspace, "second"));
  second.child.kill("SIGKILL");
  await second.ended;
  writeFileSync(join(workspace, "go-second"), "");
  expect((await runCommand(["resume", "--state", state], { cwd: workspace })).code).toBe(0);
  const last = project.store.run(project.runId(run))?.lastSeq ?? 0;
  const all = Array.from({ length: last }, (_, index) => index + 1);
  const seen = await eventually(() => following);
  for (const seqs of seen) expect(seqs).toEqual(all);
});
