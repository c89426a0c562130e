/** Values too large for the journal, and more work than fits (I-37, F-18). */
import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import type { RunHandle } from "../../../src/main/index.ts";
import { builtLibrary } from "../../support/built.ts";
import { runCommand } from "../../support/command.ts";
import { useEngines, workflowOf } from "../../support/engine-bench.ts";
import { eventually } from "../../support/eventually.ts";

const bench = useEngines();

test("a value above 64 KiB goes round whole: input, output, condition, restart, linked run", async () => {
  const first = await bench.open();
  const gate = { isOpen: false };
  const functions = {
    grow: ({ items }: { items: readonly string[] }) => [...items, "last"],
    wait() {
      if (!gate.isOpen) throw Object.assign(new Error("closed"), { class: "transient" });
      return null;
    },
    count: ({ items }: { items: readonly string[] }) => ({ count: items.length, last: items.at(-1) }),
  };
  await first.troupe.stop({ graceMs: 0 });
  const text = workflowOf(
    "- id: grow",
    "  call: grow",
    "  with: { items: '{{ input.items }}' }",
    "- id: wait",
    "  needs: [grow]",
    "  call: wait",
    "  retry: { max: 50, base: 100ms, jitter: none, strategy: fixed }",
    "- id: count",
    "  needs: [wait]",
    "  when: (steps.grow.output | length) > 5000 and 'last' in steps.grow.output",
    "  call: count",
    "  with: { items: '{{ steps.grow.output }}' }",
  );
  const items = Array.from({ length: 6_000 }, (_, index) => `item number ${index}`);
  const before = await bench.open({ functions }, first);
  const run = await before.troupe.run(before.write(text), { input: { items } });
  await eventually(() => expect(run.view().steps[1]?.state).toBe("retrying"));
  await before.troupe.stop({ graceMs: 0 });
  gate.isOpen = true;
  const { troupe, project } = await bench.open({ functions }, first);
  const view = await troupe.get(run.id).result();
  expect(view).toMatchObject({
    state: "succeeded",
    input: { items },
    steps: [{ output: [...items, "last"] }, {}, { output: { count: 6_001, last: "last" } }],
  });
  const journal = JSON.stringify(project.store.entries(project.runId(run.id), 0, 1_000));
  expect(Buffer.byteLength(journal)).toBeLessThan(64 * 1024);
  const fork = await troupe.get(run.id).fork("count");
  expect((await fork.result()).steps[2]).toMatchObject({ output: { count: 6_001, last: "last" } });
});

test("a heap of 128 MiB is enough for 2,000 runs, and for sixty outputs of 1 MiB (F-18)", async () => {
  const { workspace, state, write } = bench.place();
  write(workflowOf("- id: only", "  check: 1 == 1"), "small.yaml");
  write(
    workflowOf(
      ...Array.from({ length: 60 }, (_, index) => [
        `- id: s${index}`,
        "  stdout: text",
        "  run: head -c 1000000 /dev/zero | tr '\\0' x",
      ]).flat(),
    ),
    "large.yaml",
  );
  const options = { cwd: workspace, node: ["--max-old-space-size=128"] };
  const large = await runCommand(["run", "large.yaml", "--state", state, "--durability", "relaxed"], options);
  expect({ code: large.code, stderr: large.stderr.slice(-500) }).toMatchObject({ code: 0 });
  const program = `
    const { createTroupe } = await import(process.env.LIBRARY);
    const troupe = await createTroupe({ state: process.env.STATE, durability: "relaxed" });
    const workflow = troupe.load("small.yaml");
    const runs = await Promise.all(Array.from({ length: 2000 }, () => troupe.run(workflow)));
    const ends = await Promise.all(runs.map((run) => run.result()));
    console.log(ends.filter(({ state }) => state === "succeeded").length);
    await troupe.stop({ graceMs: 0 });`;
  const { status, stdout, stderr } = spawnSync(process.execPath, [...options.node, "--input-type=module", "-e", program], {
    cwd: workspace,
    encoding: "utf8",
    env: { ...process.env, LIBRARY: builtLibrary(), STATE: `${state}2` },
  });
  expect({ status, stdout, stderr }).toMatchObject({ status: 0, stdout: "2000\n" });
}, 60_000);

test("a queue that is full refuses new runs until it has room, and loses none that it took (I-37)", async () => {
  const held = Promise.withResolvers<null>();
  const { troupe, write } = await bench.open({ maxWorkers: 1, durability: "relaxed", functions: { hold: () => held.promise } });
  const hold = await troupe.run(write(workflowOf("- id: hold", "  call: hold"), "hold.yaml"));
  const wide = troupe.load(
    write(workflowOf(...Array.from({ length: 400 }, (_, index) => [`- id: s${index}`, "  check: 1 == 1"]).flat()), "wide.yaml"),
  );
  const taken: RunHandle[] = [];
  let refusal: unknown = null;
  while (refusal === null && taken.length < 30) {
    await troupe.run(wide).then(
      (run) => taken.push(run),
      (error: unknown) => {
        refusal = error;
      },
    );
  }
  expect(refusal).toMatchObject({ code: "BACKPRESSURE", details: { bound: 10_000 } });
  expect(taken.length).toBe(20);
  held.resolve(null);
  const ends = await Promise.all([hold, ...taken].map((run) => run.result()));
  expect(ends.filter(({ state }) => state !== "succeeded")).toEqual([]);
  expect((await (await troupe.run(wide)).result()).state).toBe("succeeded");
}, 40_000);
