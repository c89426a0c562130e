/** Fan-outs, child runs and later phases in a real engine, with real commands. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { useEngines, waitFor, workflowOf } from "../../support/engine-bench.ts";

const bench = useEngines();

describe("a fan-out", () => {
  test("gives every item its value, its own log, its own state, and keeps their results in order", async () => {
    const { troupe, workspace, write } = await bench.open();
    const text = workflowOf(
      "- id: each",
      '  for_each: ["north", "it\'s $(east)"]',
      '  run: \'printf "{\\"at\\": %s, \\"name\\": \\"%s\\"}" {{ item.index }} "$TROUPE_ITEM_KEY" > "$TROUPE_OUTPUT"; echo {{ item.value }}\'',
      "- id: sum",
      "  assert: '{{ steps.each.output | length }}'",
    ).replace(
      "assert: '{{ steps.each.output | length }}'",
      'check: \'steps.each.output[1].output.at == 1 AND steps.each.by_key["0"].status == "succeeded"\'',
    );
    const run = await troupe.run(write(text), { workspace });
    const { state, steps } = await run.result();
    expect(state).toBe("succeeded");
    expect(steps.map(({ id, itemKey }) => [id, itemKey])).toEqual([
      ["each", null],
      ["sum", null],
      ["each[0]", "0"],
      ["each[1]", "1"],
    ]);
    expect(steps[0]?.output).toMatchObject([
      { key: "0", index: 0, status: "succeeded", output: { at: 0, name: "0" }, error: null },
      { key: "1", index: 1, status: "succeeded", output: { at: 1, name: "1" }, error: null },
    ]);
  });

  test("that is retried keeps what it had, in the new run", async () => {
    const { troupe, workspace, write } = await bench.open();
    const text = workflowOf(
      "- id: each",
      "  for_each: [1, 2]",
      '  run: \'echo {{ item.value }} >> ran; echo "{\\"n\\": {{ item.value }}}" > "$TROUPE_OUTPUT"\'',
      "- id: gate",
      "  needs: [each]",
      "  run: 'test -e open'",
      "- id: sum",
      "  needs: [gate]",
      "  check: 'steps.each.output[1].output.n == 2 AND steps.each.by_key[\"0\"].output.n == 1'",
    );
    const run = await troupe.run(write(text), { workspace });
    expect((await run.result()).state).toBe("failed");
    writeFileSync(join(workspace, "open"), "");
    const again = await run.retry();
    expect((await again.result()).state).toBe("succeeded");
    expect(readFileSync(join(workspace, "ran"), "utf8").trim().split("\n").toSorted()).toEqual(["1", "2"]);
  });

  test("over what is no list fails with a code", async () => {
    const { troupe, workspace, write } = await bench.open();
    const text = workflowOf("- id: each", "  for_each: '{{ input.what }}'", "  run: 'true'").replace(
      "steps:",
      "input: { what: {} }\nsteps:",
    );
    const run = await troupe.run(write(text), { workspace, input: { what: 2 } });
    expect((await run.result()).steps[0]?.error).toMatchObject({ class: "validation", code: "FAN_NOT_A_LIST" });
  });

  test("of a matrix leaves out what is excluded and takes in what is included", async () => {
    const { troupe, workspace, write } = await bench.open();
    const text = workflowOf(
      "- id: cell",
      "  matrix: { os: [linux, mac], node: [22, 24], exclude: [{ os: mac, node: 22 }], include: [{ os: win, node: 24 }] }",
      "  run: 'echo {{ item.value.os }}'",
    );
    const { steps } = await (await troupe.run(write(text), { workspace })).result();
    expect(steps.flatMap(({ itemKey }) => itemKey ?? [])).toEqual(["linux-22", "linux-24", "mac-24", "win-24"]);
  });
});

describe("a child run", () => {
  const child = ["name: child", "input: { n: { type: integer } }", "output: { twice: '{{ steps.double.output.v }}' }", "steps:"];
  const double = '  - { id: double, run: \'echo "{\\"v\\": {{ input.n * 2 }}}" > "$TROUPE_OUTPUT"\' }';
  const kid = ["- id: kid", "  type: workflow", "  workflow_file: child.yaml", "  with: { n: 21 }"];

  test("is a run of its own, whose output is the step's", async () => {
    const { troupe, workspace, write } = await bench.open();
    write([...child, double, ""].join("\n"), "child.yaml");
    const run = await troupe.run(write(workflowOf(...kid)), { workspace });
    const { state, steps } = await run.result();
    expect({ state, output: steps[0]?.output }).toEqual({ state: "succeeded", output: { twice: 42 } });
    const [first] = troupe.list({ workflow: "child" });
    expect(first?.state).toBe("succeeded");
    expect(troupe.get(first?.id ?? "").view().parent).toEqual({ runId: run.id, relation: "child", from: "kid" });
  });

  test("fails its step with what went wrong in it", async () => {
    const { troupe, workspace, write } = await bench.open();
    write(
      [...child, "  - { id: double, run: 'exit 9' }", ""].join("\n").replace("output: { twice: '{{ steps.double.output.v }}' }\n", ""),
      "child.yaml",
    );
    const { state, steps } = await (await troupe.run(write(workflowOf(...kid)), { workspace })).result();
    expect(state).toBe("failed");
    expect(steps[0]?.error).toMatchObject({ code: "CHILD_FAILED", title: expect.stringContaining("`double`") });
  });

  test("that does not end within its step's time limit fails the step, or gives the fallback, and is canceled", async () => {
    for (const [then, expected] of [
      ["fail", { state: "failed", steps: [{ error: { class: "timeout", code: "TIMEOUT" } }] }],
      ["fallback, value: { twice: 0 }", { state: "succeeded", steps: [{ output: { twice: 0 } }] }],
    ] as const) {
      const { troupe, workspace, write } = await bench.open();
      write(["name: child", "steps:", "  - { id: long, run: 'sleep 60' }", ""].join("\n"), "child.yaml");
      const run = await troupe.run(write(workflowOf(...kid.slice(0, 3), `  timeout: { after: 1s, then: ${then} }`)), { workspace });
      expect(await run.result()).toMatchObject(expected);
      const [first] = troupe.list({ workflow: "child" });
      expect((await troupe.get(first?.id ?? "").result()).state).toBe("canceled");
    }
  });

  test("is canceled with its parent", async () => {
    const { troupe, workspace, write } = await bench.open();
    write(
      [...child, "  - { id: double, run: 'touch begun; sleep 60' }", ""]
        .join("\n")
        .replace("output: { twice: '{{ steps.double.output.v }}' }\n", ""),
      "child.yaml",
    );
    const run = await troupe.run(write(workflowOf(...kid)), { workspace });
    await waitFor(join(workspace, "begun"));
    await run.cancel();
    expect((await run.result()).state).toBe("canceled");
    const [first] = troupe.list({ workflow: "child" });
    expect((await troupe.get(first?.id ?? "").result()).state).toBe("canceled");
  });

  test("that does not fit is refused when its parent is read, at the place where it is named", async () => {
    const { troupe, write } = await bench.open();
    write("name: child\nsteps:\n  - { id: a, needs: [nobody], run: 'true' }\n", "child.yaml");
    expect(() => troupe.load(write(workflowOf(...kid)))).toThrow(
      expect.objectContaining({ errors: [expect.objectContaining({ message: expect.stringContaining("nobody") })] }),
    );
  });
});

test("finally runs after a failure, and compensation before it, the newest success first", async () => {
  const { troupe, workspace, write } = await bench.open();
  const undo = (name: string): string => `  compensate: { run: 'echo un${name} >> order' }`;
  const text = `${workflowOf(
    "- id: book",
    "  run: 'echo book >> order'",
    undo("book"),
    "- id: pay",
    "  needs: [book]",
    "  run: 'echo pay >> order'",
    undo("pay"),
    "- id: ship",
    "  needs: [pay]",
    "  run: 'exit 1'",
    undo("ship"),
  )}finally:\n  - { id: clean, run: 'echo clean >> order' }\n`;
  const { state, steps } = await (await troupe.run(write(text), { workspace })).result();
  expect(state).toBe("failed");
  expect(readFileSync(join(workspace, "order"), "utf8").trim().split("\n")).toEqual(["book", "pay", "unpay", "unbook", "clean"]);
  expect(steps.find(({ id }) => id === "ship__compensate")?.state).toBe("skipped");
  expect(existsSync(join(workspace, "order"))).toBe(true);
});
