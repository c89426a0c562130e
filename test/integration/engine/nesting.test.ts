/** F-29: values nested a hundred thousand deep, on every way in, while the stack carries an async context. Refused by depth, never a crash. */
import { AsyncLocalStorage } from "node:async_hooks";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Json, JsonObject } from "../../../src/core/json.ts";
import { runCommand } from "../../support/command.ts";
import { type OpenEngine, useEngines, workflowOf } from "../../support/engine-bench.ts";

const DEPTH = 100_000;
const bench = useEngines();
const context = new AsyncLocalStorage<object>();
const within = <TResult>(work: () => Promise<TResult>): Promise<TResult> => context.run({ trace: "t" }, work);

function nested(): Json {
  let value: Json = 1;
  for (let depth = 0; depth < DEPTH; depth++) value = [value];
  return value;
}
const TEXT = `${"[".repeat(DEPTH)}1${"]".repeat(DEPTH)}`;
const refusal = { code: expect.stringMatching(/^[A-Z]+_[A-Z_]+$/), kind: expect.stringMatching(/definition|request/) };

describe("nested 100,000 deep", () => {
  let shared: Promise<OpenEngine> | null = null;
  test.each([
    ["YAML", "deep.yaml", `apiVersion: troupe/v1\nname: deep\nsteps:\n  - id: a\n    call: f\n    with: { v: ${TEXT} }\n`],
    ["JSON", "deep.json", `{"apiVersion":"troupe/v1","name":"deep","steps":[{"id":"a","call":"f","with":{"v":${TEXT}}}]}`],
    ["a condition", "deep.yaml", workflowOf("- id: a", `  when: ${"(".repeat(DEPTH)}1${")".repeat(DEPTH)} == 1`, "  run: 'true'")],
    ["a negation", "deep.yaml", workflowOf("- id: a", `  when: ${"not ".repeat(DEPTH)}true`, "  run: 'true'")],
    ["a template", "deep.yaml", workflowOf("- id: a", `  template: '${"{% if 1 == 1 %}".repeat(DEPTH / 10)}x'`)],
    ["a list in an expression", "deep.yaml", workflowOf("- id: a", `  when: ${TEXT} == 1`, "  run: 'true'")],
  ])("%s is refused as a definition", async (_, name, text) => {
    // One engine for all of them: it has to survive each.
    shared ??= bench.open();
    const { troupe, write } = await shared;
    const file = write(text, name);
    await within(async () =>
      expect(() => troupe.load(file)).toThrow(expect.objectContaining({ code: expect.stringMatching(/^DEF_|^FILE_/) })),
    );
    expect((await (await troupe.run(write(workflowOf("- id: a", "  check: 1 == 1")))).result()).state).toBe("succeeded");
  });

  test("an input, a context and an override are refused as requests", async () => {
    const { troupe, write } = await bench.open();
    const workflow = troupe.load(
      write(workflowOf("- id: a", "  retry: { max: 1, base: 10ms, exit_codes: [3], on_exhausted: quarantine }", "  run: exit 3")),
    );
    await within(async () => {
      await expect(troupe.run(workflow, { input: { v: nested() } })).rejects.toMatchObject(refusal);
      await expect(troupe.run(workflow, { context: { v: nested() } as JsonObject })).rejects.toMatchObject(refusal);
      const run = await troupe.run(workflow);
      expect((await run.result()).state).toBe("quarantined");
      await expect(run.override("a", nested())).rejects.toMatchObject(refusal);
      await run.override("a", { v: [1] });
      expect((await run.result()).state).toBe("succeeded");
    });
  });

  test("what a step answers fails that step alone", async () => {
    const functions = { deep: nested, same: ({ v }: { v: Json }) => v };
    const { troupe, workspace, write } = await bench.open({ functions });
    writeFileSync(join(workspace, "deep.json"), TEXT);
    const text = workflowOf(
      "- id: function",
      "  call: deep",
      "- id: stdout",
      "  stdout: json",
      "  run: cat deep.json",
      "- id: file",
      '  run: cat deep.json > "$TROUPE_OUTPUT"',
      "- id: text",
      "  stdout: text",
      "  run: cat deep.json",
      "- id: parsed",
      "  call: same",
      "  with: { v: '{{ steps.text.output | fromjson }}' }",
    );
    const run = await within(() => troupe.run(write(text), { workspace }));
    const { steps } = await run.result();
    expect(Object.fromEntries(steps.map(({ id, state }) => [id, state]))).toEqual({
      function: "failed",
      stdout: "failed",
      file: "failed",
      text: "succeeded",
      parsed: "failed",
    });
    for (const { state, error } of steps)
      if (state === "failed") expect(error).toMatchObject({ code: expect.stringMatching(/^[A-Z]+_?[A-Z_]*$/) });
  });

  test("an input file of the command is refused", async () => {
    const { workspace, state, write } = bench.place();
    writeFileSync(join(workspace, "input.json"), `{"v":${TEXT}}`);
    const file = write(workflowOf("- id: a", "  check: 1 == 1"));
    const { code, stderr } = await runCommand(["run", file, "--input", "input.json", "--state", state], { cwd: workspace });
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringMatching(/[A-Z]+_[A-Z]+/) });
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});
