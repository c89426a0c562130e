/** A real Jaeger takes the runs of real engines and gives them back by its query API: every transition is there. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { EventView } from "../../src/main/index.ts";
import { runCommand, startCommand } from "../support/command.ts";
import { findJaeger, type JaegerSpan, startJaeger, tag } from "./jaeger-server.ts";

function createFolder(workflow: string): string {
  const cwd = mkdtempSync(join(tmpdir(), "troupe-jaeger-run-"));
  onTestFinished(() => {
    writeFileSync(join(cwd, "go"), "");
    rmSync(cwd, { recursive: true, force: true, maxRetries: 5 });
  });
  writeFileSync(join(cwd, "it.troupe.yaml"), workflow);
  return cwd;
}

async function eventsOf(cwd: string): Promise<readonly EventView[]> {
  return JSON.parse((await runCommand(["events", "-o", "json"], { cwd })).stdout) as readonly EventView[]; // The command says so.
}

function expectEveryTransition(spans: readonly JaegerSpan[], events: readonly EventView[]): void {
  const told = spans.flatMap(({ spanID, logs }) =>
    logs.map(({ timestamp, fields }) => {
      const field = (name: string) => fields.find(({ key }) => key === name)?.value;
      return [Number(field("troupe.seq")), field("event"), field("troupe.from") ?? "", field("troupe.to"), timestamp / 1_000, spanID];
    }),
  );
  const written = events.map(({ seq, type, from = "", to, at, spanId }) => [seq, type, from, to, Date.parse(at), spanId]);
  expect(told.sort(([one], [other]) => Number(one) - Number(other))).toEqual(written);
}

const named = (spans: readonly JaegerSpan[], name: string): JaegerSpan | undefined =>
  spans.find(({ operationName }) => operationName === name);
const parentOf = ({ references }: JaegerSpan): string | undefined => references.find(({ refType }) => refType === "CHILD_OF")?.spanID;

test("every transition of a run is in Jaeger, in a tree of run, steps, attempts and processes", async (context) => {
  const jaeger = await startJaeger(findJaeger(context));
  const cwd = createFolder(`name: it
steps:
  - { id: ok, run: echo fine }
  - { id: flaky, run: "if [ -e again ]; then exit 0; fi; touch again; exit 3", retry: { max: 1, base: 10ms } }
  - { id: never, needs: [ok], when: 1 == 2, run: exit 1 }
  - { id: broken, needs: [ok], run: exit 7 }
`);
  expect((await runCommand(["run", "it.troupe.yaml"], { cwd, env: { OTEL_EXPORTER_OTLP_ENDPOINT: jaeger.endpoint } })).code).toBe(1);
  const events = await eventsOf(cwd);
  const spans = await jaeger.trace(events[0]?.traceId ?? "", "troupe.run it");
  expectEveryTransition(spans, events);
  const root = named(spans, "troupe.run it");
  for (const id of ["ok", "flaky", "never", "broken"]) expect(parentOf(named(spans, `troupe.step ${id}`) as JaegerSpan)).toBe(root?.spanID);
  expect(spans.filter(({ operationName }) => operationName === "troupe.attempt")).toHaveLength(4);
  expect([tag(root as JaegerSpan, "error"), tag(root as JaegerSpan, "cicd.pipeline.result")]).toEqual([true, "failure"]);
  expect(spans.flatMap(({ warnings }) => warnings ?? [])).toEqual([]);
});

test("a run that was killed and resumed is one trace in Jaeger, and nothing is there twice", async (context) => {
  const jaeger = await startJaeger(findJaeger(context));
  const cwd = createFolder(`name: it
steps:
  - { id: first, run: echo one }
  - { id: second, needs: [first], run: "until [ -e go ]; do sleep 0.05; done" }
`);
  // Sent at once, so that the resumed engine sends again what Jaeger has already.
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: jaeger.endpoint, OTEL_BSP_SCHEDULE_DELAY: "1" };
  const running = startCommand(["run", "it.troupe.yaml"], { cwd, env });
  await running.shows("second started");
  const [created] = await eventsOf(cwd);
  await jaeger.trace(created?.traceId ?? "", "troupe.step first");
  running.child.kill("SIGKILL");
  await running.ended;
  writeFileSync(join(cwd, "go"), "");
  expect((await runCommand(["resume"], { cwd, env })).code).toBe(0);
  const spans = await jaeger.trace(created?.traceId ?? "", "troupe.run it");
  expect(new Set(spans.map(({ spanID }) => spanID)).size).toBe(spans.length);
  expectEveryTransition(spans, await eventsOf(cwd));
});
