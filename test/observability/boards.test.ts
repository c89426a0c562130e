/** A real Prometheus scrapes a real engine while it runs workflows of every fate: every panel of every board gets data. */
import { copyFileSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { RunId } from "../../src/core/ids.ts";
import { stepSpanId, traceIdOf } from "../../src/core/trace.ts";
import { runCommand, startCommand } from "../support/command.ts";
import { eventually } from "../support/eventually.ts";
import { need, promtool, startPrometheus } from "./prometheus-server.ts";

/** Panels that stay empty, and why. */
const EMPTY: Readonly<Record<string, string>> = {};

/** Runs until it is told to stop, or until the folder has gone: shell steps outlive an engine that a failed test leaves behind. */
const HOLD = workflow("hold", ["{ id: hold, run: 'while [ -e hold.troupe.yaml ]; do sleep 0.2; done' }"]);
const TROUBLE = workflow("trouble", [
  "{ id: busy, run: exit 75, optional: true, retry: { max: 2, strategy: fixed, base: 300ms, jitter: none, on: [], exit_codes: [75] } }",
  "{ id: late, run: sleep 5, timeout: { after: 300ms, then: fallback, value: { none: 1 }, grace: 100ms } }",
  "{ id: later, run: sleep 5, timeout: { after: 300ms, then: skip, grace: 100ms } }",
  "{ id: never, when: 1 == 2, run: echo no }",
  "{ id: broken, run: exit 3 }",
]);
const PERSON = workflow("person", [
  "{ id: ask, run: exit 75, retry: { max: 1, base: 100ms, on: [], exit_codes: [75], on_exhausted: quarantine } }",
]);

/** A result that is found again, a coding agent that costs, and a person who is asked. */
const REST = workflow("rest", [
  "{ id: cached, run: echo same, cache: true }",
  "{ id: agent, type: agent, agent: claude_code, prompt: Look }",
]);
const ASK = workflow("ask", ["{ id: gate, type: approval, prompt: 'Go on?' }"]);
/** Somebody is told of every failure, at an address that refuses. */
const NOTIFY =
  "notify:\n  - { name: hook, on: [run.failed], to: { webhook: { url: 'http://127.0.0.1:9/', secret: { env: TROUPE_NOTIFY_HOOK } } } }\n";
/** Speaks the protocol of the agent's command. */
const STAND_INS = resolve("test/support/agents/bin");

function workflow(name: string, steps: readonly string[]): string {
  return ["apiVersion: troupe/v1", `name: ${name}`, "steps:", ...steps.map((step) => `  - ${step}`), ""].join("\n");
}

interface Panel {
  readonly board: string;
  readonly title: string;
  readonly expr: string;
}

function panels(): Panel[] {
  return globSync("observability/grafana/dashboards/*.json").flatMap((file) => {
    const { uid, panels } = JSON.parse(readFileSync(file, "utf8")) as {
      uid: string;
      panels: { title: string; targets?: { expr?: string }[] }[];
    };
    return panels.flatMap(({ title, targets = [] }) =>
      targets.flatMap(({ expr }) => (expr === undefined ? [] : [{ board: uid, title, expr }])),
    );
  });
}

/** What Grafana would ask. */
function filledIn(expr: string): string {
  return expr.replaceAll("$__rate_interval", "10s").replaceAll("$__range", "60s").replaceAll("$workflow", ".*");
}

test("every panel of every board shows data of a running engine", async (context) => {
  need("prometheus", context);
  const cwd = mkdtempSync(join(tmpdir(), "troupe-boards-"));
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true, maxRetries: 5 }));
  for (const [name, text] of Object.entries({ hold: HOLD, trouble: TROUBLE, person: PERSON, rest: REST, ask: ASK }))
    writeFileSync(join(cwd, `${name}.troupe.yaml`), text);
  copyFileSync("examples/01-hello/hello.troupe.yaml", join(cwd, "hello.troupe.yaml"));

  writeFileSync(join(cwd, "troupe.config.yaml"), NOTIFY);
  // The message need not arrive: what has become of it counts.
  const env = { PATH: `${STAND_INS}:${process.env.PATH ?? ""}`, TROUPE_NOTIFY_HOOK: "bm90IGEgc2VjcmV0LCBidXQgbG9uZw==" };
  const owner = startCommand(["serve", "--port", "0", "--metrics-port", "0"], { cwd, env });
  const seen: string[] = [];
  owner.child.stderr?.on("data", (chunk: string) => seen.push(chunk));
  const address = await eventually(() => {
    const [, found] = /http:\/\/(127\.0\.0\.1:\d+)\/metrics/.exec(seen.join("")) ?? [];
    if (found === undefined) throw new Error(`no address: ${seen.join("")}`);
    return found;
  });
  const prometheus = await startPrometheus(address);
  expect(await runCommand(["run", "hold.troupe.yaml", "--detach"], { cwd })).toMatchObject({ code: 0 });

  // Other commands hand their runs to the engine that owns the state directory.
  for (let round = 0; round < 3; round += 1) {
    const names = ["hello", "trouble", "person", "rest", "ask"];
    const ended = await Promise.all(names.map((name) => runCommand(["run", `${name}.troupe.yaml`], { cwd })));
    expect(
      ended.map(({ code }) => code),
      ended.map(({ stderr }) => stderr).join(""),
    ).toEqual([0, 1, 5, 0, 3]);
    const asked = JSON.parse((await runCommand(["approvals", "-o", "json"], { cwd })).stdout) as { run: string }[];
    for (const { run } of asked) expect(await runCommand(["approve", run, "--yes"], { cwd })).toMatchObject({ code: 0 });
  }

  need("promtool", context);
  expect(promtool(["check", "metrics"], await (await fetch(`http://${address}/metrics`)).text())).toBe("0 ");

  const { data: targets } = await prometheus.get("targets");
  expect(targets).toMatchObject({ activeTargets: [{ health: "up", lastError: "" }] });

  const all = panels();
  expect(all.length).toBeGreaterThan(45);
  await eventually(async () => {
    const without: string[] = [];
    for (const { board, title, expr } of all) {
      const samples = await prometheus.history(filledIn(expr));
      const isShown = samples.some(({ values }) => values.some(([, value]) => Number.isFinite(Number(value))));
      if (isShown === title in EMPTY) without.push(`${board} / ${title}: ${expr}`);
    }
    expect(without).toEqual([]);
  }, 30_000);

  const { data: exemplars } = await prometheus.get("query_exemplars?query=troupe_step_duration_seconds_bucket&start=0&end=4000000000");
  const runs = JSON.parse((await runCommand(["list", "-o", "json"], { cwd })).stdout) as { id: string; workflow: string }[];
  const traces = new Map(runs.map(({ id }) => [traceIdOf({ runId: id as RunId, trace: null }), id]));
  const shown = (exemplars as { exemplars: { labels: { trace_id: string; span_id: string } }[] }[]).flatMap(({ exemplars: list }) => list);
  expect(shown.length).toBeGreaterThan(0);
  for (const { labels } of shown) {
    const runId = traces.get(labels.trace_id);
    expect(runId).toBeDefined();
    const steps = [
      "hold",
      "cached",
      "agent",
      "gate",
      "busy",
      "late",
      "later",
      "never",
      "broken",
      "ask",
      "greet",
      "count",
      "shout",
      "applaud",
      "report",
    ];
    expect(steps.map((step) => stepSpanId({ runId: runId as RunId }, step))).toContain(labels.span_id);
  }

  owner.child.kill("SIGINT");
  expect((await owner.ended).code).toBe(130);
  await eventually(async () => {
    const { data } = await prometheus.get("targets");
    expect(data).toMatchObject({ activeTargets: [{ health: "down" }] });
  });
});
