import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { createTroupe, type EventView, type RunView } from "../../../src/main/index.ts";
import { type CommandEnd, runCommand } from "../../support/command.ts";
import { type OtlpReceiver, openReceiver, parseOtlp, type ReceivedSpan } from "../../support/otlp-receiver.ts";

const TREE = `name: tree
labels: { team: blue }
steps:
  - { id: ok, run: echo fine }
  - id: flaky
    run: if [ -e again ]; then exit 0; fi; touch again; exit 3
    retry: { max: 1, base: 10ms, jitter: none }
  - { id: never, needs: [ok], when: 1 == 2, run: exit 1 }
  - { id: late, run: sleep 30, timeout: { after: 300ms, grace: 100ms, then: skip } }
  - { id: broken, needs: [ok], run: exit 7 }
  - { id: after, needs: [broken], run: exit 0 }
`;

let cwd: string;
let receiver: OtlpReceiver;

beforeEach(async () => {
  cwd = mkdtempSync(join(tmpdir(), "troupe-tracing-"));
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }));
  writeFileSync(join(cwd, "tree.troupe.yaml"), TREE);
  writeFileSync(join(cwd, "small.troupe.yaml"), "name: small\nsteps:\n  - { id: only, run: echo hi }\n");
  receiver = await openReceiver();
});

function troupe(
  words: readonly string[],
  env: Readonly<Record<string, string>> = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url },
): Promise<CommandEnd> {
  return runCommand(words, { cwd, env });
}

async function printed<TValue>(...words: readonly string[]): Promise<TValue> {
  return JSON.parse((await troupe([...words, "-o", "json"], {})).stdout) as TValue; // The command says so.
}

const named = (spans: readonly ReceivedSpan[], name: string): ReceivedSpan => {
  const found = spans.find((span) => span.name === name);
  if (found === undefined) throw new Error(`no span ${name} among ${spans.map((span) => span.name).join(", ")}`);
  return found;
};

describe("a run that goes well and wrong in every way", () => {
  let spans: readonly ReceivedSpan[];
  let view: RunView;

  beforeEach(async () => {
    expect((await troupe(["run", "tree.troupe.yaml"])).code).toBe(1);
    spans = receiver.spans();
    view = await printed<RunView>("show");
  });

  test("arrives as one trace whose tree is that of its steps, with times inside one another and every transition", async () => {
    expect(receiver.requests.map(({ path, type }) => [path, type])).toEqual([["/v1/traces", "application/json"]]);
    expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1);
    expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(spans.length);
    const byId = new Map(spans.map((span) => [span.spanId, span]));
    const [root, ...others] = spans.filter(({ parentSpanId }) => !byId.has(parentSpanId));
    expect([root?.name, root?.parentSpanId, others]).toEqual(["troupe.run tree", "", []]);
    for (const span of spans) {
      const parent = byId.get(span.parentSpanId);
      if (parent === undefined) continue;
      expect([span.name, span.startedAt >= parent.startedAt, span.endedAt <= parent.endedAt]).toEqual([span.name, true, true]);
    }
    const steps = spans.filter(({ parentSpanId }) => parentSpanId === root?.spanId);
    expect(steps.map(({ name }) => name).sort()).toEqual(view.steps.map(({ id }) => `troupe.step ${id}`).sort());
    for (const { id, attempts } of view.steps) {
      const below = spans.filter(({ parentSpanId }) => parentSpanId === named(spans, `troupe.step ${id}`).spanId);
      expect([id, below.map(({ name }) => name)]).toEqual([id, Array.from({ length: attempts }, () => "troupe.attempt")]);
      for (const attempt of below) {
        const processes = spans.filter(({ parentSpanId }) => parentSpanId === attempt.spanId);
        expect([id, processes.map(({ name }) => name)]).toEqual([id, ["process.exec"]]);
      }
    }
    const events = await printed<readonly EventView[]>("events");
    const told = spans.flatMap((span) => span.events.map((event) => ({ ...event, spanId: span.spanId, traceId: span.traceId })));
    const bySeq = told.sort((one, other) => Number(one.attributes["troupe.seq"]) - Number(other.attributes["troupe.seq"]));
    expect(bySeq.map(({ name, at, traceId, spanId }) => [name, at, traceId, spanId])).toEqual(
      events.map(({ type, at, traceId, spanId }) => [type, Date.parse(at), traceId, spanId]),
    );
  });

  test("tells how everything ended", () => {
    const ends = (name: string) => {
      const { isError, message, attributes } = named(spans, name);
      return [attributes["cicd.pipeline.task.run.result"] ?? attributes["cicd.pipeline.result"], isError, message];
    };
    expect(ends("troupe.step ok")).toEqual(["success", false, ""]);
    expect(ends("troupe.step flaky")).toEqual(["success", false, ""]);
    expect(ends("troupe.step never")).toEqual(["skip", false, ""]);
    expect(ends("troupe.step late")).toEqual(["skip", false, ""]);
    expect(ends("troupe.step broken")).toEqual(["failure", true, "Exit code 7."]);
    expect(ends("troupe.step after")).toEqual(["skip", false, ""]);
    expect(ends("troupe.run tree")).toEqual(["failure", true, "Exit code 7."]);
    expect(named(spans, "troupe.run tree").attributes).toMatchObject({ "cicd.pipeline.run.id": view.id, "troupe.label.team": "blue" });
    const attempts = spans.filter(({ name, attributes }) => name === "troupe.attempt" && attributes["troupe.step.id"] === "flaky");
    expect(attempts.map(({ isError, attributes }) => [attributes["troupe.attempt.outcome"], isError, attributes["error.type"]])).toEqual([
      ["failed", true, "EXIT_CODE"],
      ["succeeded", false, undefined],
    ]);
    const late = spans.find(({ name, attributes }) => name === "troupe.attempt" && attributes["troupe.step.id"] === "late");
    expect(late).toMatchObject({ isError: true, attributes: { "troupe.attempt.outcome": "timed_out", "error.type": "TIMEOUT" } });
    const exitCodes = spans.filter(({ name }) => name === "process.exec").map(({ attributes }) => attributes["process.exit.code"]);
    expect(exitCodes.sort()).toEqual([0, 0, 3, 7, undefined]);
  });

  test("`troupe trace --json` prints the same spans, and `troupe trace` a line for each step", async () => {
    const inOrder = (list: readonly ReceivedSpan[]) =>
      list
        .map(({ resource, ...span }) => [span, resource["service.name"]] as const)
        .sort(([one], [other]) => one.spanId.localeCompare(other.spanId));
    const { stdout } = await troupe(["trace", "--json"], {});
    expect(inOrder(parseOtlp(stdout))).toEqual(inOrder(spans));
    const waterfall = await troupe(["trace"], { COLUMNS: "80" });
    for (const { id } of view.steps) expect(waterfall.stdout).toMatch(new RegExp(`^[▸ ] . ${id} `, "m"));
    for (const line of waterfall.stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  });
});

describe("the environment decides", () => {
  test.each([
    [{ OTEL_SDK_DISABLED: "true" }],
    [{ OTEL_TRACES_EXPORTER: "none" }],
    [{ OTEL_TRACES_SAMPLER: "always_off" }],
    [{ OTEL_TRACES_SAMPLER: "parentbased_traceidratio", OTEL_TRACES_SAMPLER_ARG: "0" }],
    [{ TRACEPARENT: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00" }],
  ])("%j: nothing is sent", async (env) => {
    const { code, stderr } = await troupe(["run", "small.troupe.yaml"], { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...env });
    expect([code, receiver.requests]).toEqual([0, []]);
    expect(stderr).not.toContain("warning");
  });

  test("who sends, with which headers; and the command line is not told to anybody", async () => {
    await troupe(["run", "small.troupe.yaml"], {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_EXPORTER_OTLP_HEADERS: "authorization=Bearer%20c4n4ry",
      OTEL_SERVICE_NAME: "nightly",
      OTEL_RESOURCE_ATTRIBUTES: "deployment.environment.name=ci",
    });
    const [span] = receiver.spans();
    expect(span?.resource).toMatchObject({
      "service.name": "nightly",
      "deployment.environment.name": "ci",
      "telemetry.sdk.name": "opentelemetry",
    });
    expect(Object.keys(span?.resource ?? {}).filter((name) => name.startsWith("process."))).toEqual([]);
    expect(receiver.requests[0]?.headers.authorization).toBe("Bearer c4n4ry");
  });

  test("protobuf where it is asked for", async () => {
    await troupe(["run", "small.troupe.yaml"], { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf" });
    expect(receiver.requests.map(({ path, type }) => [path, type])).toEqual([["/v1/traces", "application/x-protobuf"]]);
    expect(receiver.bodies[0]).toContain("troupe.run small");
  });

  test("the console exporter writes to stderr, where it spoils no data", async () => {
    const { stdout, stderr } = await troupe(["run", "small.troupe.yaml", "-o", "json"], { OTEL_TRACES_EXPORTER: "console" });
    expect((JSON.parse(stdout) as RunView).state).toBe("succeeded");
    const lines = stderr.split("\n").filter((line) => line.startsWith("{"));
    expect(lines.map((line) => (JSON.parse(line) as { readonly name: string }).name)).toEqual([
      "process.exec",
      "troupe.attempt",
      "troupe.step only",
      "troupe.run small",
    ]);
  });

  test("the log of the SDK goes to stderr too", async () => {
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_LOG_LEVEL: "debug" };
    const { stdout, stderr } = await troupe(["run", "small.troupe.yaml", "-o", "json"], env);
    expect((JSON.parse(stdout) as RunView).state).toBe("succeeded");
    expect(stderr).toContain("opentelemetry: ");
  });

  test("a run that is started inside a trace appears below its caller's span, with the caller's state", async () => {
    await troupe(["run", "small.troupe.yaml"], {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      TRACEPARENT: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
      TRACESTATE: "vendor=1",
    });
    const spans = receiver.spans();
    expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set(["4bf92f3577b34da6a3ce929d0e0e4736"]));
    expect(named(spans, "troupe.run small").parentSpanId).toBe("00f067aa0ba902b7");
    expect(receiver.bodies[0]).toContain('"traceState":"vendor=1"');
  });

  test("nothing of OpenTelemetry is loaded unless it is asked for", async () => {
    const hooks = join(cwd, "hooks.mjs");
    writeFileSync(
      hooks,
      `import { registerHooks } from "node:module";
       import { writeSync } from "node:fs";
       registerHooks({ resolve(name, context, next) {
         const found = next(name, context);
         if (found.url.includes("opentelemetry")) writeSync(2, "loaded " + found.url + "\\n");
         return found;
       } });`,
    );
    const options = { cwd, node: ["--import", hooks] };
    const without = await runCommand(["run", "small.troupe.yaml"], options);
    expect([without.code, without.stderr.includes("loaded ")]).toEqual([0, false]);
    const disabled = await runCommand(["run", "small.troupe.yaml"], {
      ...options,
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_SDK_DISABLED: "true" },
    });
    expect([disabled.code, disabled.stderr.includes("loaded ")]).toEqual([0, false]);
    const asked = await runCommand(["run", "small.troupe.yaml"], { ...options, env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url } });
    expect([asked.code, asked.stderr.includes("loaded ")]).toEqual([0, true]);
  });
});

test("no secret is in anything that is sent, however a step fails (S-38)", async () => {
  const canary = "c4n4ry-7f3a";
  writeFileSync(
    join(cwd, "secret.troupe.yaml"),
    `name: secret
input: { token: { type: string } }
env: { TOKEN: "{{ input.token }}" }
steps:
  - { id: prints, run: 'echo "$TOKEN"; echo "$TOKEN" >&2', stdout: text }
  - { id: passes, needs: [prints], run: 'echo {{ steps.prints.output }} > /dev/null' }
  - { id: fails, needs: [passes], run: 'echo "bad token $TOKEN" >&2; exit 4' }
`,
  );
  const { code } = await troupe(["run", "secret.troupe.yaml", "-i", `token=${canary}`], {
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_EXPORTER_OTLP_HEADERS: `x-api-key=${canary}`,
    SOME_SECRET: canary,
  });
  expect(code).toBe(1);
  expect(named(receiver.spans(), "troupe.step fails").isError).toBe(true);
  for (const body of receiver.bodies) {
    expect(body).not.toContain(canary);
    expect(body).not.toContain(Buffer.from(canary).toString("base64").slice(0, -2));
  }
  const { stdout } = await troupe(["trace", "--json"], {});
  expect(stdout).not.toContain(canary);
});

test("a result that is far from usual is told within its step's span, the same that `troupe trace` and `troupe events` tell", async () => {
  const file = join(cwd, "sized.troupe.yaml");
  writeFileSync(
    file,
    `name: sized
input: { text: { type: string } }
steps:
  - { id: make, type: template, template: "{{ input.text }}" }
`,
  );
  {
    await using before = await createTroupe({ state: join(cwd, ".troupe") });
    for (let nth = 0; nth < 12; nth += 1) await (await before.run(file, { input: { text: "x".repeat(500 + nth) } })).result();
  }
  const { code } = await troupe(["run", "sized.troupe.yaml", "-i", `text=${"x".repeat(4_000)}`]);
  expect(code).toBe(0);
  const step = named(receiver.spans(), "troupe.step make");
  const anomalies = step.events.filter(({ name }) => name === "anomaly.detected");
  expect(anomalies).toHaveLength(1);
  const told = (await troupe(["events", "-o", "jsonl"], {})).stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as EventView)
    .find(({ type }) => type === "anomaly.detected");
  expect(told).toMatchObject({ data: { kind: "output_size", baseline: { samples: 12 } }, spanId: step.spanId });
  expect(anomalies[0]?.attributes).toMatchObject({
    "troupe.seq": told?.seq,
    "troupe.anomaly.kind": told?.data.kind,
    "troupe.anomaly.observed": told?.data.observed,
    "troupe.anomaly.score": told?.data.score,
    "troupe.anomaly.compare_with": told?.data.compareWith,
  });
  expect(named(parseOtlp((await troupe(["trace", "--json"], {})).stdout), "troupe.step make").events).toEqual(step.events);
});

test("retry and fork are traces of their own, linked to the run before", async () => {
  await troupe(["run", "tree.troupe.yaml"]);
  const first = named(receiver.spans(), "troupe.run tree");
  expect((await troupe(["retry"])).code).toBe(1);
  const second = receiver.spans().filter(({ name }) => name === "troupe.run tree")[1];
  expect(second?.traceId).not.toBe(first.traceId);
  expect(second?.links).toEqual([{ traceId: first.traceId, spanId: first.spanId, attributes: { "troupe.link": "retry" } }]);
});
