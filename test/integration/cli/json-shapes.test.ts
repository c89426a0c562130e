/** The shapes of `docs/cli.md`, "JSON": what programs rely on. A member more is allowed, one less is not. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { defaultMaxWorkers } from "../../../src/main/default-workers.ts";
import { createFolder, type Folder } from "./in-process.ts";

const WORKFLOW = `name: shapes
input: { name: { type: string, default: you }, n: { type: integer, default: 1 } }
output: { text: "{{ steps.greet.output }}" }
steps:
  - { id: greet, run: "printf 'hello %s' {{ input.name }}", stdout: text }
  - { id: never, when: input.n > 5, run: "echo {{ steps.greet.output }}" }
`;

let folder: Folder;
let file: string;

beforeAll(() => {
  folder = createFolder();
  file = join(folder.path, "shapes.troupe.yaml");
  writeFileSync(file, WORKFLOW);
});
afterAll(() => folder[Symbol.dispose]());

const RUN = {
  id: expect.stringMatching(/^run_[0-9a-f]{32}$/),
  workflow: "shapes",
  definitionHash: expect.stringMatching(/^[0-9a-f]{64}$/),
  state: "succeeded",
  input: { name: "Ada", n: 1 },
  output: { text: "hello Ada" },
  error: null,
  startedAt: expect.any(Number),
  endedAt: expect.any(Number),
  durationMs: expect.any(Number),
  costUsd: 0,
  waitingFor: null,
};

const STEP = {
  id: "greet",
  itemKey: null,
  state: "succeeded",
  attempts: 1,
  output: "hello Ada",
  error: null,
  skippedBecause: null,
  cached: false,
  tool: null,
  startedAt: expect.any(Number),
  endedAt: expect.any(Number),
  durationMs: expect.any(Number),
  workMs: expect.any(Number),
  costUsd: 0,
};

const EVENT = {
  seq: expect.any(Number),
  id: expect.stringMatching(/^run_[0-9a-f]{32}:\d+$/),
  type: expect.stringMatching(/^(run|step|attempt)\.\w+$/),
  at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
  tenant: "default",
  runId: expect.any(String),
  to: expect.any(String),
  data: expect.any(Object),
  traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
  spanId: expect.stringMatching(/^[0-9a-f]{16}$/),
};

const lines = (text: string): unknown[] =>
  text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));

describe("before a run", () => {
  test("validate", async () => {
    const good = await folder.run(["validate", file, "-o", "json"]);
    const said = JSON.parse(good.out);
    expect(said.ok).toBe(true);
    expect(said.findings.every(({ severity }: { severity: string }) => severity === "note")).toBe(true);
    const bad = join(folder.path, "bad.troupe.yaml");
    writeFileSync(bad, "name: bad\nsteps: [{ id: greet, run: echo, needs: [publication] }]\n");
    const { ok, findings } = JSON.parse((await folder.run(["validate", bad, "-o", "json"])).out);
    expect(ok).toBe(false);
    expect(findings[0]).toEqual({
      code: "DEF_UNKNOWN_STEP",
      severity: "error",
      message: expect.any(String),
      path: "steps[0].needs[0]",
      file: bad,
      line: 2,
      column: expect.any(Number),
      fix: expect.any(String),
    });
  });

  test("validate tells a file that cannot be read as a finding, and checks the others all the same", async () => {
    const missing = join(folder.path, "nowhere.troupe.yaml");
    const bad = join(folder.path, "worse.troupe.yaml");
    writeFileSync(bad, "name: bad\nsteps: []\n");
    const answer = await folder.run(["validate", missing, bad, "-o", "json"]);
    expect([answer.code, answer.err]).toEqual([2, ""]);
    const { ok, findings } = JSON.parse(answer.out);
    expect(ok).toBe(false);
    expect(findings[0]).toEqual({
      code: "FILE_UNREADABLE",
      severity: "error",
      message: expect.stringContaining("it does not exist"),
      path: "",
      file: missing,
      line: 1,
      column: 1,
      fix: null,
    });
    expect(findings.slice(1).every(({ file: of }: { file: string }) => of === bad)).toBe(true);
  });

  test("plan", async () => {
    const plan = JSON.parse((await folder.run(["plan", file, "-o", "json"])).out);
    expect(Object.keys(plan)).toEqual(
      "workflow steps edges waves criticalPath totalMs criticalPathMs workers makespanMs speedup speedupLimit later bounds".split(" "),
    );
    expect(plan.steps[1]).toEqual({ id: "never", needs: ["greet"], wave: 2, critical: true, slackMs: 0, estimateMs: 1_000 });
    expect(plan.edges[0]).toMatchObject({ from: "greet", to: "never", because: [{ field: "run" }] });
    expect(plan.bounds).toMatchObject({ durationMs: null, attempts: 2, costUsd: expect.anything() });
  });

  test("schema", async () => {
    expect(JSON.parse((await folder.run(["schema"])).out)).toMatchObject({
      $schema: "http://json-schema.org/draft-07/schema#",
      type: "object",
    });
  });
});

describe("a run", () => {
  beforeAll(async () => {
    const answer = await folder.run(["run", file, "-i", "name=Ada", "-o", "json"]);
    expect(answer.code).toBe(0);
    expect(JSON.parse(answer.out)).toMatchObject({
      ...RUN,
      steps: [STEP, { id: "never", state: "skipped", attempts: 0, skippedBecause: expect.stringContaining("input.n > 5") }],
    });
  });

  test("show is what run answered, and --at is the past", async () => {
    expect(JSON.parse((await folder.run(["show", "-o", "json"])).out)).toMatchObject({
      ...RUN,
      steps: [STEP, { id: "never" }],
      forecast: null,
    });
    expect(JSON.parse((await folder.run(["show", "@latest", "--at", "2", "-o", "json"])).out)).toMatchObject({
      state: "running",
      steps: [{ state: "pending" }, {}],
    });
    expect((await folder.run(["show", "@latest", "--at", "999"])).err).toContain("(SEQ_NOT_FOUND)");
  });

  test("events are numbered without a gap, and have older names", async () => {
    const events = lines((await folder.run(["events", "-o", "jsonl"])).out);
    expect(events).toEqual(events.map((_, index) => expect.objectContaining({ ...EVENT, seq: index + 1 })));
    const older = lines((await folder.run(["events", "--names", "execution", "-o", "jsonl"])).out);
    expect(older.map((event) => (event as { type: string }).type)).toEqual([
      "EXECUTION_STARTED",
      "STEP_STARTED",
      "STEP_COMPLETED",
      "EXECUTION_COMPLETED",
    ]);
    expect(lines((await folder.run(["events", "--after", "3", "-o", "jsonl"])).out)).toHaveLength(events.length - 3);
    expect(JSON.parse((await folder.run(["events", "-o", "json"])).out)).toEqual(events);
  });

  test("run -o jsonl is the run's events", async () => {
    const { code, out } = await folder.run(["run", file, "-o", "jsonl"]);
    expect(code).toBe(0);
    expect(lines(out).at(-1)).toMatchObject({ ...EVENT, type: "run.succeeded" });
  });

  test("list, why, diff, logs, recover, quarantine", async () => {
    const list = JSON.parse((await folder.run(["list", "-o", "json"])).out);
    expect(list[0]).toMatchObject({ id: RUN.id, workflow: "shapes", state: "succeeded", progress: { done: 2, total: 2, percent: 100 } });
    expect(lines((await folder.run(["list", "-o", "jsonl", "-n", "1"])).out)).toEqual([list[0]]);
    const why = JSON.parse((await folder.run(["why", "@latest", "never", "-o", "json"])).out);
    expect(why).toMatchObject([
      {
        actor: "never",
        state: "skipped",
        waitsFor: { kind: "nothing" },
        condition: { text: "input.n > 5", value: false },
        enabled: [],
        transitions: [],
        attempts: [],
        handback: null,
        queue: null,
        lastLines: [],
        commands: [],
      },
    ]);
    const diff = JSON.parse((await folder.run(["diff", list[1].id, list[0].id, "-o", "json"])).out);
    expect(diff).toMatchObject({
      sameDefinition: true,
      sameInput: false,
      state: ["succeeded", "succeeded"],
      steps: [
        { id: "greet", output: ["hello Ada", "hello you"] },
        { id: "never", isChanged: false },
      ],
    });
    expect(lines((await folder.run(["logs", "-o", "jsonl"])).out)).toEqual([
      { step: "greet", attempt: 1, stream: "stdout", line: "hello you" },
    ]);
    expect(JSON.parse((await folder.run(["recover", "list", "-o", "json"])).out)).toEqual([]);
    expect(JSON.parse((await folder.run(["quarantine", "list", "-o", "json"])).out)).toEqual([]);
  });

  test("fork and retry are linked runs", async () => {
    const { code, out } = await folder.run(["fork", "@latest", "--from", "never", "-o", "json"]);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      parent: { relation: "fork", from: "never" },
      steps: [
        { id: "greet", cached: true },
        { id: "never", state: "skipped" },
      ],
    });
    expect((await folder.run(["run", file, "--from", "never"])).out).toContain("fork of run_");
  });

  test("verify, doctor, backup, prune", async () => {
    const heads = join(folder.path, "heads.json");
    expect(JSON.parse((await folder.run(["verify", "-o", "json", "--head", heads])).out)).toMatchObject({
      ok: true,
      chains: { breaks: [] },
    });
    expect((await folder.run(["verify", "--head", heads])).out).toContain(`compared with ${heads}`);
    const doctor = JSON.parse((await folder.run(["doctor", "-o", "json", "--rebuild"])).out);
    expect(doctor.ok).toBe(true);
    expect(doctor.settings).toContainEqual({ name: "durability", value: "full", origin: "default" });
    expect(doctor.settings).toContainEqual({ name: "max_workers", value: String(defaultMaxWorkers()), origin: "default" });
    const copy = join(folder.path, "copy.db");
    expect(JSON.parse((await folder.run(["backup", copy, "-o", "json"])).out)).toEqual({ file: copy });
    expect((await folder.run(["backup", copy])).err).toContain("it exists already");
    expect(JSON.parse((await folder.run(["prune", "--older-than", "0s", "--keep", "1", "-o", "json"])).out)).toMatchObject({
      runs: expect.any(Number),
      keep: 1,
    });
    expect(JSON.parse((await folder.run(["list", "-o", "json"])).out)).toHaveLength(1);
  });
});

describe("expressions, one a line", () => {
  test("eval", async () => {
    const stdin =
      '{"expr":"input.a + 1","input":{"a":2}}\n{"expr":"steps.x.output","scope":{"steps":{"x":{"output":[1]}}}}\n{"expr":"1 +"}\n[]\n';
    expect(lines((await folder.run(["eval", "--jsonl"], { stdin })).out)).toEqual([
      { value: 3 },
      { value: [1] },
      { error: { code: "DEF_UNFINISHED", message: expect.any(String), line: 1, column: expect.any(Number) } },
      { error: { code: "CLI_USAGE", message: expect.any(String), line: null, column: null } },
    ]);
  });

  test("render", async () => {
    const stdin =
      '{"template":"{% for x in list %}{{ x }};{% endfor %}","scope":{"list":[1,2]}}\n{"template":"{{ nothing }}","scope":{}}\n';
    expect(lines((await folder.run(["render", "--jsonl"], { stdin })).out)).toEqual([{ text: "1;2;" }, expect.anything()]);
  });
});
