import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import type { RunView } from "../../../src/main/index.ts";
import { type RunningCommand, runCommand, startCommand } from "../../support/command.ts";
import { type OtlpReceiver, openReceiver, type ReceivedSpan } from "../../support/otlp-receiver.ts";

let cwd: string;
let receiver: OtlpReceiver;
let env: Readonly<Record<string, string>>;

beforeEach(async () => {
  cwd = mkdtempSync(join(tmpdir(), "troupe-tracing-"));
  onTestFinished(() => {
    writeFileSync(join(cwd, "go"), "");
    rmSync(cwd, { recursive: true, force: true });
  });
  receiver = await openReceiver();
  env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url };
});

/** `first` has ended and `second` waits for the file `go` when the engine is killed. */
async function startAndKill(second: string): Promise<void> {
  writeFileSync(
    join(cwd, "killed.troupe.yaml"),
    `name: killed
steps:
  - { id: first, run: echo one }
  - { id: second, needs: [first], ${second}, run: "until [ -e go ]; do sleep 0.05; done" }
  - { id: third, needs: [second], run: echo three }
`,
  );
  const running: RunningCommand = startCommand(["run", "killed.troupe.yaml"], { cwd, env });
  await running.shows("second started");
  running.child.kill("SIGKILL");
  expect((await running.ended).signal).toBe("SIGKILL");
}

/** `second` may end as soon as the resumed run shows this, or at once. */
async function resume(until = ""): Promise<RunView> {
  const running = startCommand(["resume"], { cwd, env });
  if (until !== "") await running.shows(until);
  writeFileSync(join(cwd, "go"), "");
  expect((await running.ended).code).toBe(0);
  return JSON.parse((await runCommand(["show", "-o", "json"], { cwd })).stdout) as RunView; // The command says so.
}

/** What a backend keeps: one span for each id. */
function kept(spans: readonly ReceivedSpan[]): readonly ReceivedSpan[] {
  return [...new Map(spans.map((span) => [span.spanId, span])).values()];
}

const attemptsOf = (spans: readonly ReceivedSpan[], step: string): readonly ReceivedSpan[] =>
  spans.filter(({ name, attributes }) => name === "troupe.attempt" && attributes["troupe.step.id"] === step);

test("a run that was killed and resumed is one whole trace, and the command that outlived its engine one span", async () => {
  await startAndKill("on_engine_crash: reattach");
  const view = await resume();
  const spans = kept(receiver.spans());
  expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1);
  expect(spans.map(({ name }) => name).sort()).toEqual([
    ...["process.exec", "process.exec", "process.exec"],
    ...["troupe.attempt", "troupe.attempt", "troupe.attempt"],
    "troupe.run killed",
    ...["troupe.step first", "troupe.step second", "troupe.step third"],
  ]);
  const root = spans.find(({ name }) => name === "troupe.run killed");
  expect([root?.startedAt, root?.endedAt, root?.parentSpanId]).toEqual([view.createdAt, view.endedAt, ""]);
  const [attempt, ...others] = attemptsOf(spans, "second");
  expect(others).toEqual([]);
  expect(attempt?.events.map(({ name }) => name)).toEqual(["attempt.orphaned"]);
  expect(attempt?.isError).toBe(false);
});

test("what is sent twice is the same, byte by byte", async () => {
  await startAndKill("on_engine_crash: reattach");
  // A person looks at the run between: another process that sends what has ended so far.
  await resume();
  expect((await runCommand(["trace", "--json", "-o", "jsonl"], { cwd })).stdout).toContain("killed");
  const copies = Map.groupBy(receiver.spans(), ({ spanId }) => spanId);
  for (const [, [one, ...more]] of copies) for (const other of more) expect(other).toEqual(one);
});

test("the attempt after the crash points to the one that was lost", async () => {
  await startAndKill("on_engine_crash: retry");
  await resume("second started (attempt 2)");
  const spans = kept(receiver.spans());
  const [lost, again, ...others] = attemptsOf(spans, "second").toSorted((one, other) => one.startedAt - other.startedAt);
  expect(others).toEqual([]);
  expect(lost).toMatchObject({ isError: true, attributes: { "troupe.attempt.outcome": "lost", "error.type": "LOST" } });
  expect(again).toMatchObject({ isError: false, attributes: { "troupe.attempt.number": 2 } });
  expect(again?.links).toEqual([{ traceId: lost?.traceId, spanId: lost?.spanId, attributes: { "troupe.link": "lost" } }]);
  expect(spans.find(({ name }) => name === "troupe.step second")?.isError).toBe(false);
});
