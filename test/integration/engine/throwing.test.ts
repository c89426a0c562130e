/** F-28: something throws where nobody expects it. The run fails or waits for a person, the engine lives, and others go on. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Json } from "../../../src/core/json.ts";
import type { Execution, StepType } from "../../../src/ports/attempt.ts";
import { withDatabase } from "../../conformance/store-sqlite.bench.ts";
import { runCommand } from "../../support/command.ts";
import { type OpenEngine, useEngines, workflowOf } from "../../support/engine-bench.ts";

const bench = useEngines();
const QUICK = workflowOf("- id: only", "  check: 1 == 1");

/** The engine still does what it is there for. */
async function expectAlive({ troupe, write }: OpenEngine): Promise<void> {
  expect((await (await troupe.run(write(QUICK, "alive.yaml"))).result()).state).toBe("succeeded");
}

describe("a plug-in", () => {
  let shared: Promise<OpenEngine> | null = null;
  const circle: Record<string, unknown> = {};
  circle.self = circle;
  const hostile: Record<string, () => Promise<Execution>> = {
    throws: () => {
      throw new Error("at once");
    },
    rejects: () => Promise.reject(new Error("later")),
    rejects_with_nothing: () => Promise.reject(undefined), // eslint-style rules do not apply: people do this.
    rejects_with_a_circle: () => Promise.reject(circle),
    // A plug-in in plain JavaScript may answer anything, here and below.
    answers_nothing: () => Promise.resolve(undefined as unknown as Execution),
    answers_nonsense: () => Promise.resolve({ kind: "perhaps" } as unknown as Execution),
    answers_a_circle: () => Promise.resolve({ kind: "succeeded", output: circle as Json }),
    answers_a_function: () => Promise.resolve({ kind: "succeeded", output: (() => 1) as unknown as Json }),
    answers_a_getter: () =>
      Promise.resolve({
        kind: "succeeded",
        get output(): Json {
          throw new Error("in a getter");
        },
      }),
  };
  const bomb: StepType = {
    declaration: {
      type: "test/bomb",
      summary: "Throws.",
      properties: { how: { type: "string" } },
      required: ["how"],
      fields: { how: "text" },
      inferredBy: null,
    },
    survivesEngine: false,
    target: (context) => {
      if (context.value("how") === "target_throws") throw new Error("in target");
      return null;
    },
    execute: (context) => {
      const how = String(context.value("how"));
      if (how === "progress_is_a_circle") {
        context.progress(circle as never); // As above.
        return Promise.resolve({ kind: "succeeded", output: null });
      }
      return hostile[how]?.() ?? Promise.resolve({ kind: "succeeded", output: null });
    },
  };

  test.each([...Object.keys(hostile), "target_throws", "progress_is_a_circle"])("that %s fails its own step at most", async (how) => {
    // One engine for all of them: it has to survive each.
    shared ??= bench.open({ stepTypes: [bomb], warn: () => {} });
    const engine = await shared;
    const text = workflowOf("- id: bomb", "  type: test/bomb", `  how: ${how}`, "- id: beside", "  check: 1 == 1");
    const run = await engine.troupe.run(engine.write(text));
    const { state, steps } = await run.result();
    expect(steps[1]?.state).toBe("succeeded");
    if (how !== "progress_is_a_circle") {
      expect({ state, error: steps[0]?.error }).toMatchObject({
        state: "failed",
        error: { code: expect.any(String), title: expect.any(String) },
      });
    }
    await expectAlive(engine);
  });
});

describe("a listener", () => {
  test("that throws, and a warning that nobody can be told, harm no run", async () => {
    const warnings: string[] = [];
    const warn = (message: string): void => {
      warnings.push(message);
      throw new Error("no ear");
    };
    const engine = await bench.open({ warn });
    engine.troupe.subscribe({
      name: "thrower",
      committed() {
        throw new Error("in a listener");
      },
    });
    await expectAlive(engine);
    await expectAlive(engine);
    expect(warnings.length).toBe(1);
  });

  test("that breaks off its stream in the middle harms no run", async () => {
    const engine = await bench.open();
    const run = await engine.troupe.run(engine.write(QUICK));
    const listen = async (): Promise<void> => {
      for await (const { seq } of run.events()) if (seq === 2) throw new Error("in a reader");
    };
    await expect(listen()).rejects.toThrow("in a reader");
    expect((await run.result()).state).toBe("succeeded");
    await expectAlive(engine);
  });
});

test("a condition whose value cannot be loaded puts its run before a person; the others go on (K1)", async () => {
  const engine = await bench.open({ functions: { large: () => "x".repeat(100_000), hold: () => gate.promise } });
  const gate = Promise.withResolvers<null>();
  const text = workflowOf(
    "- id: large",
    "  call: large",
    "- id: hold",
    "  call: hold",
    "- id: reads",
    "  needs: [hold]",
    "  when: (steps.large.output | length) > 5",
    "  run: 'true'",
  );
  const run = await engine.troupe.run(engine.write(text));
  await expect.poll(() => run.view().steps[0]?.state, { timeout: 10_000 }).toBe("succeeded");
  withDatabase(engine.state, (db) => db.exec("DROP TRIGGER blobs_kept; DELETE FROM blobs"));
  gate.resolve(null);
  await expect.poll(() => engine.project.store.run(engine.project.runId(run.id))?.state, { timeout: 10_000 }).toMatch(/quarantined|failed/);
  await expectAlive(engine);
});

describe("a function that leaves something behind", () => {
  test("that rejects later costs a warning", async () => {
    const { workspace, state, write } = bench.place();
    writeFileSync(join(workspace, "bomb.mjs"), "export const leave = () => void Promise.reject(new Error('stray'));\n");
    const file = write(workflowOf("- id: leave", "  call: ./bomb.mjs#leave", "- id: after", "  needs: [leave]", "  run: 'true'"));
    const { code, stderr } = await runCommand(["run", file, "--state", state], { cwd: workspace });
    expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining("stray") });
  });

  test("that throws from a timer ends the command with a report, and the next one goes on from the journal", async () => {
    const { workspace, state, write } = bench.place();
    const source = `import { existsSync } from "node:fs";
export const leave = () => new Promise((resolve) => {
  if (existsSync("defused")) resolve(null);
  else setTimeout(() => { throw new Error("from a timer"); }, 10);
});
`;
    writeFileSync(join(workspace, "bomb.mjs"), source);
    const file = write(
      workflowOf("- id: first", "  run: echo first >> ledger", "- id: leave", "  needs: [first]", "  call: ./bomb.mjs#leave"),
    );
    const { code, stderr } = await runCommand(["run", file, "--state", state], { cwd: workspace });
    expect({ code, stderr }).toMatchObject({ code: 70, stderr: expect.stringContaining("INV_UNCAUGHT") });
    writeFileSync(join(workspace, "defused"), "");
    const resumed = await runCommand(["resume", "--state", state, "-o", "json"], { cwd: workspace });
    expect(resumed).toMatchObject({ code: 0 });
    expect(JSON.parse(resumed.stdout)).toMatchObject({ state: "succeeded", steps: [{ attempts: 1 }, { state: "succeeded" }] });
  });
});
