import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { DefinitionErrors } from "../../core/errors.ts";
import { declarationsOf } from "../declarations.ts";
import { toJUnit } from "./junit.ts";
import { readTests } from "./read-tests.ts";
import { type CaseResult, type FileResult, runTestFile, type TestRunOptions } from "./run-tests.ts";

const folder = mkdtempSync(join(tmpdir(), "troupe-tests-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const stepTypes = declarationsOf([]);

const WORKFLOW = `name: flow
input: { env: { type: string, default: dev } }
output: { tag: "{{ steps.build.output.tag }}" }
steps:
  - id: build
    run: make
    retry: { max: 2, base: 10s, jitter: none }
  - id: gate
    type: approval
    when: input.env == 'prod'
    prompt: "Deploy {{ steps.build.output.tag }}?"
  - id: deploy
    needs: [build, gate]
    join: none_failed
    run: ./deploy
    timeout: 10m
    compensate: { run: ./rollback }
  - id: smoke
    needs: [deploy]
    run: ./smoke
finally:
  - { id: tell, run: ./tell }
`;

async function run(cases: string, options: Partial<TestRunOptions> = {}, workflow = WORKFLOW): Promise<FileResult> {
  writeFileSync(join(folder, "flow.troupe.yaml"), workflow);
  const file = join(folder, "flow.test.yaml");
  writeFileSync(file, cases);
  return runTestFile(readTests(file, stepTypes), { stepTypes, ...options });
}

async function one(body: string, options: Partial<TestRunOptions> = {}, workflow = WORKFLOW): Promise<CaseResult> {
  const { cases } = await run(
    `mocks: { "*": { output: { tag: v1 } } }\ncases:\n  - name: it\n${body.replace(/^/gm, "    ")}\n`,
    options,
    workflow,
  );
  return cases[0] as CaseResult; // There is one.
}

const problems = async (body: string): Promise<readonly string[]> => (await one(body)).problems;

describe("a case", () => {
  test("passes when all is as expected, in no time at all", async () => {
    const { problems: found, virtualMs } = await one(`mocks: { build: [{ exit_code: 1 }, { delay: 2h, output: { tag: v2 } }] }
expect:
  status: succeeded
  output: { tag: v2 }
  outputs: { build: { tag: v2 } }
  steps: { gate: skipped, deploy: succeeded, deploy__compensate: skipped, tell: succeeded }
  attempts: { build: 2 }
  order: [build, deploy, smoke, tell]
  skipped_because: { gate: "input.env == 'prod'" }
  events: [step.retrying, run.concluding]
  holds: ["steps.build.attempts == 2"]
  within: 3h`);
    expect(found).toEqual([]);
    expect(virtualMs).toBe(10_000 + 7_200_000);
  });

  test("tells everything that is not", async () => {
    const found = await problems(`expect:
  status: failed
  output: { tag: v9 }
  steps: { gate: succeeded, nobody: failed }
  attempts: { build: 3 }
  order: [smoke, build]
  skipped_because: { deploy: x }
  events: [step.quarantined]
  cost: 1
  holds: ["steps.build.attempts > 7", "steps.nobody.x == 1"]`);
    expect(found.join("\n")).toMatchInlineSnapshot(`
      "status is succeeded, not failed
      step \`gate\` is skipped, not succeeded: its condition is false: input.env == 'prod'
      there is no step \`nobody\`
      step \`build\` had 1 attempts, not 3
      step \`deploy\` was not skipped
      output.tag is "v1", not "v9"
      the order was build, smoke, not smoke, build
      no event \`step.quarantined\` happened
      it cost $0, not $1
      it does not hold that steps.build.attempts > 7 (steps.build.attempts is 1)
      steps.nobody.x == 1 cannot be evaluated: There is no step \`nobody\` whose result could be read here."
    `);
  });

  test("of a run that waits answers as it says, under what was shown", async () => {
    const asked = "input: { env: prod }\nanswers: { gate: { output: { decision: approved }, after: 2h } }";
    const { problems: found, virtualMs } = await one(`${asked}\nexpect: { steps: { gate: succeeded }, events: [step.waiting] }`);
    expect([found, virtualMs]).toEqual([[], 7_200_000]);
  });

  test("of a run that nobody answers says that it waits", async () => {
    expect(await problems("input: { env: prod }")).toEqual([expect.stringContaining("did not come to an end")]);
  });

  test("goes through failures, losses, time-outs and cancels", async () => {
    expect(
      await problems(
        "mocks: { smoke: { error: { class: permanent, code: RED } } }\nexpect: { status: failed, steps: { deploy__compensate: succeeded } }",
      ),
    ).toEqual([]);
    expect(await problems("mocks: { deploy: { delay: 11m } }\nexpect: { status: failed, events: [step.timed_out] }")).toEqual([]);
    expect(
      await problems("mocks: { build: [{ lost: true }, { output: { tag: x } }] }\nexpect: { events: [attempt.lost], output: { tag: x } }"),
    ).toEqual([]);
    expect(
      await problems(
        "mocks: { smoke: { delay: 1h } }\ncancel_after: 1m\nexpect: { status: canceled, steps: { deploy__compensate: succeeded } }",
      ),
    ).toEqual([]);
  });

  test("whose step has no mock says which", async () => {
    writeFileSync(join(folder, "flow.troupe.yaml"), WORKFLOW);
    const { cases } = await run("cases: [{ name: bare }]");
    expect(cases[0]?.problems.join()).toContain("`build` has no mock");
  });

  test("mocks the items of a fan-out one by one", async () => {
    const fan = "name: flow\nsteps:\n  - { id: each, for_each: [1, 2], on_item_error: collect, run: x }\n";
    const { problems: found } = await one(
      'mocks: { "each[1]": { exit_code: 2 } }\nexpect: { steps: { "each[0]": succeeded, "each[1]": failed, each: succeeded } }',
      {},
      fan,
    );
    expect(found).toEqual([]);
  });

  test("mocks an item by its key, whatever characters that has", async () => {
    const fan =
      'name: flow\nsteps:\n  - { id: each, for_each: [src/a.ts, "b c"], key: "{{ item.value }}", on_item_error: collect, run: x }\n';
    const { problems: found } = await one(
      `mocks: { each: { output: 1 }, "each[src/a.ts]": { exit_code: 2 } }
expect: { steps: { "each[src/a.ts]": failed, "each[b c]": succeeded }, attempts: { "each[src/a.ts]": 1 } }`,
      {},
      fan,
    );
    expect(found).toEqual([]);
  });
});

describe("a test file", () => {
  test("that is wrong is told with its place", async () => {
    await expect(run("cases:\n  - name: a\n    expects: {}\n")).rejects.toMatchObject({
      errors: [{ message: expect.stringContaining("expects"), place: { line: 3 } }],
    });
    await expect(run("cases: []\n")).rejects.toMatchObject({ code: "DEF_INVALID" });
    await expect(run("workflow: nowhere.yaml\ncases: [{ name: a }]\n")).rejects.toMatchObject({ code: "FILE_UNREADABLE" });
  });

  test("tells which transitions its cases cover", async () => {
    const { coverage } = await run('mocks: { "*": { output: { tag: x } } }\ncases: [{ name: a }]\n');
    expect(coverage.covered).toContain("gate: is skipped");
    expect(coverage.missed).toEqual(expect.arrayContaining(["build: is retried", "deploy: runs out of time", "gate: succeeds"]));
  });

  test("becomes JUnit XML that holds whatever a case says", async () => {
    const result = await run("cases:\n  - { name: 'a <b> & \"c\"\\u0007', expect: { status: canceled } }\n".replace("\\u0007", ""));
    const xml = toJUnit([result]);
    expect(xml).toContain('name="a &lt;b&gt; &amp; &quot;c&quot;"');
    expect(xml).toContain('tests="1" failures="1"');
  });
});

describe("simulation", () => {
  const risky = `name: flow
steps:
  - { id: charge, run: x }
  - { id: ship, needs: [charge], run: x }
  - { id: refund, needs: [ship], join: all_done, when: "steps.ship.status == 'failed'", run: x }
`;

  test("finds the faults that break a promise, and leaves only those that are needed", async () => {
    const asked =
      "simulate: { seeds: 300, faults: [permanent], holds: [\"steps.charge.status != 'succeeded' OR steps.ship.status == 'succeeded' OR steps.refund.status == 'succeeded'\"] }";
    const { simulated } = await one(asked, {}, risky);
    expect(simulated?.broken?.faults.toSorted()).toEqual(["refund/1 permanent", "ship/1 permanent"]);
  });

  test("is the same again under the same seed", async () => {
    const again = async (): Promise<unknown> => (await one("simulate: { seeds: 40 }", {}, risky)).simulated;
    expect(await again()).toEqual(await again());
  });

  test("passes what no fault breaks", async () => {
    const { simulated, problems: found } = await one("simulate: { seeds: 100, status: [succeeded, failed, canceled, quarantined] }");
    expect(found).toEqual([]);
    expect(simulated?.runs).toBe(100);
    expect(Object.values(simulated?.states ?? {}).reduce((sum, count) => sum + count, 0)).toBe(100);
  });
});

test("delays that are drawn are the same whenever a case is run", async () => {
  const workflow = WORKFLOW.replace(", jitter: none", "");
  const body = "mocks: { build: [{ exit_code: 1 }, { output: { tag: v2 } }] }\nexpect: { status: succeeded }";
  const [first, second] = [await one(body, {}, workflow), await one(body, {}, workflow)];
  expect(first.virtualMs).toBeGreaterThan(0);
  expect(second.virtualMs).toBe(first.virtualMs);
});

test("what names no step, and an input that does not fit, fail their own case and no other", async () => {
  const workflow = `name: flow\ninput: { n: integer }\nsteps:\n  - { id: build, run: make }\n`;
  const cases = [
    "mocks: { build: { output: {} } }",
    "cases:",
    "  - { name: good, input: { n: 1 } }",
    "  - { name: typo, input: { n: 1 }, mocks: { biuld: { output: {} }, 'build[1]': { output: {} } }, answers: { ask: { output: 1 } } }",
    "  - { name: bad, input: { n: x } }",
  ];
  const found = await run(cases.join("\n"), {}, workflow);
  expect(found.cases.map(({ problems: told }) => told)).toEqual([
    [],
    ["mocks: there is no step `biuld`; did you mean `build`?", "answers: there is no step `ask`"],
    ["the input does not fit: input.n: Value 'x' is not of type integer"],
  ]);
});

test("a mock with a misspelt member is refused, alone as in a list", async () => {
  const text = (mocks: string): string => `cases:\n  - { name: it, mocks: ${mocks} }\n`;
  const refused = (error: unknown): readonly string[] =>
    error instanceof DefinitionErrors ? error.errors.map(({ message }) => message) : [];
  const of = async (mocks: string): Promise<readonly string[]> => refused(await run(text(mocks)).catch((error: unknown) => error));
  expect(await of("{ build: { exit_cod: 1 } }")).toEqual([expect.stringContaining("`exit_cod`")]);
  expect(await of("{ build: [{ output: 1 }, { exit_cod: 1 }] }")).toEqual([expect.stringContaining("`exit_cod`")]);
  expect(await of("{ build: { error: { clas: timeout } } }")).toEqual([expect.stringContaining("`clas`")]);
  expect(await of("{ build: { delay: soon } }")).toEqual([expect.stringContaining("Value 'soon'")]);
  expect(await of("{ build: { delay: 1h30m } }")).toEqual([]);
});
