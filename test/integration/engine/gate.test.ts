/** Gates, with reports that steps write as they run (mission P5). */
import { copyFileSync, mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../../src/core/json.ts";
import { type OpenEngine, useEngines, workflowOf } from "../../support/engine-bench.ts";

const bench = useEngines();
const fixture = (name: string): string => join(import.meta.dirname, "../../fixtures/reports", name);
const GOOD = "printf 'TAP version 13\\n1..2\\nok 1 - a\\nok 2 - b # SKIP\\n'";

interface Outcome {
  readonly state: string;
  readonly after: string | undefined;
  readonly code: string | undefined;
  readonly title: string;
  readonly detail: string | undefined;
  readonly gate: JsonObject | undefined;
}

/** One for all tests: starting it takes longer than a test. */
let engine: Promise<OpenEngine> | null = null;

/** Runs one step with a gate, and one that needs it. */
async function run(script: string, gate: string, prepare: (workspace: string) => void = () => {}, more = ""): Promise<Outcome> {
  engine ??= bench.open();
  const { troupe } = await engine;
  const { workspace, write } = bench.place();
  prepare(workspace);
  const lines = ["- id: tests", `  run: ${JSON.stringify(script)}`, `  gate: ${gate}`, ...(more === "" ? [] : [`  ${more}`])];
  const handle = await troupe.run(write(workflowOf(...lines, "- id: after", "  needs: [tests]", "  run: 'true'")), { workspace });
  const view = await handle.result();
  let told: JsonObject | undefined;
  for await (const event of handle.events()) {
    const usage = event.stepId === "tests" ? (event.data as { usage?: { gate?: JsonObject } }).usage : undefined;
    told = usage?.gate ?? told;
  }
  const [tests, after] = view.steps;
  const error = tests?.error as { code?: string; title?: string; detail?: string } | null;
  return { state: view.state, after: after?.state, code: error?.code, title: error?.title ?? "", detail: error?.detail, gate: told };
}

describe("a gate", () => {
  test("lets dependents go on when the tests have passed, and tells the counts", async () => {
    const { state, after, gate } = await run(`${GOOD} > out.tap`, "{ report: out.tap }");
    expect({ state, after, gate }).toEqual({
      state: "succeeded",
      after: "succeeded",
      gate: { ok: true, format: "tap", passed: 1, failed: 0, skipped: 1, errors: 0, files: ["out.tap"] },
    });
  });

  test("reads what the step prints when it names no report", async () => {
    expect(await run(GOOD, "tests")).toMatchObject({ state: "succeeded", gate: { ok: true, passed: 1 } });
    expect(await run("echo all good", "tests")).toMatchObject({
      code: "GATE_UNPARSABLE",
      title: expect.stringContaining("the standard output:1:1"),
    });
    expect(await run("true", "tests")).toMatchObject({ code: "GATE_MISSING" });
  });

  test("fails a step whose tests failed though its exit code says nothing of it", async () => {
    const outcome = await run("cp jest.json out.json", "{ report: out.json }", (at) =>
      copyFileSync(fixture("jest.json"), join(at, "jest.json")),
    );
    expect(outcome).toMatchObject({
      state: "failed",
      after: "skipped",
      code: "GATE_FAILED",
      gate: { ok: false, passed: 1, failed: 1, errors: 1 },
    });
    expect(outcome.title).toContain("1 of 5 tests failed, and there was 1 error outside of tests");
    expect(outcome.detail).toContain("- sum carries (/project/jest/sum.test.js): Error: expect(received).toBe(expected)");
  });

  test("tells the counts of a step that failed by itself too, and leaves its failure alone", async () => {
    const prepare = (at: string): void => copyFileSync(fixture("pytest.xml"), join(at, "in.xml"));
    const outcome = await run("cp in.xml out.xml; exit 3", "{ report: out.xml, format: junit }", prepare);
    expect(outcome).toMatchObject({ code: "EXIT_CODE", gate: { ok: false, format: "junit", passed: 1, failed: 1, skipped: 2, errors: 1 } });
  });

  test("opens by the exit code alone where that is asked for", async () => {
    expect(await run("true", "{ format: exit }")).toMatchObject({ state: "succeeded", gate: { ok: true, format: "exit" } });
    expect(await run("exit 1", "{ format: exit }")).toMatchObject({ code: "EXIT_CODE", gate: { ok: false, format: "exit" } });
  });

  test("does not open for a report of an earlier time, for none, or for one without tests", async () => {
    const old = (at: string): void => {
      mkdirSync(join(at, "r"));
      writeFileSync(join(at, "r/old.tap"), "TAP version 13\n1..1\nok 1\n");
      utimesSync(join(at, "r/old.tap"), 1_000, 1_000);
    };
    expect(await run("true", "{ report: 'r/*.tap' }", old)).toMatchObject({
      code: "GATE_STALE",
      title: expect.stringContaining("r/old.tap"),
    });
    expect(await run("true", "{ report: 'r/*.tap' }")).toMatchObject({ code: "GATE_MISSING" });
    const empty = "printf 'TAP version 13\\n1..0\\n' > out.tap";
    expect(await run(empty, "{ report: out.tap }")).toMatchObject({ code: "GATE_EMPTY" });
    expect(await run(empty, "{ report: out.tap, allow_empty: true }")).toMatchObject({ state: "succeeded" });
    const skipped = "printf '1..1\\nok 1 # SKIP\\n' > out.tap";
    expect(await run(skipped, "{ report: out.tap }")).toMatchObject({
      code: "GATE_EMPTY",
      title: expect.stringContaining("all 1 tests were skipped"),
    });
  });

  test("holds the author's thresholds", async () => {
    const script = "printf '1..4\\nok 1\\nok 2\\nnot ok 3 - c\\nok 4 # SKIP\\n' > out.tap";
    expect(await run(script, "{ report: out.tap, max_failed: 1, min_passed: 2, max_skipped: 1 }")).toMatchObject({ state: "succeeded" });
    expect(await run(script, "{ report: out.tap, max_failed: 1, min_passed: 3 }")).toMatchObject({
      title: expect.stringContaining("at least 3"),
    });
    expect(await run(script, "{ report: out.tap, max_failed: 1, max_skipped: 0 }")).toMatchObject({
      title: expect.stringContaining("at most 0"),
    });
  });

  test("holds the coverage of lines", async () => {
    const prepare = (at: string): void => copyFileSync(fixture("lcov.info"), join(at, "in.info"));
    const script = `${GOOD}; cp in.info lcov.info`;
    const asked = (least: number): string => `{ format: tap, coverage: ${least}, coverage_report: lcov.info }`;
    expect(await run(script, asked(80), prepare)).toMatchObject({ state: "succeeded", gate: { coverage: 80 } });
    expect(await run(script, asked(80.5), prepare)).toMatchObject({ code: "GATE_FAILED", title: expect.stringContaining("80 % of lines") });
    expect(await run(GOOD, "{ format: tap, coverage: 1 }")).toMatchObject({
      code: "GATE_MISSING",
      title: expect.stringContaining("coverage-summary.json"),
    });
  });

  test("that does not open is no reason to try again, unless the author says so", async () => {
    const script =
      "echo x >> tries; n=$(wc -l < tries); if [ $n -ge 2 ]; then printf '1..1\\nok 1\\n'; else printf '1..1\\nnot ok 1\\n'; fi > out.tap";
    expect(await run(script, "{ report: out.tap }", undefined, "retry: { max: 2, base: 10ms }")).toMatchObject({ state: "failed" });
    expect(await run(script, "{ report: out.tap }", undefined, "retry: { max: 2, base: 10ms, on: [permanent] }")).toMatchObject({
      state: "succeeded",
    });
  });
});
