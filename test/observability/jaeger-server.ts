/**
 * A real Jaeger 2 in memory, on ports of its own, with nothing written to disk.
 *
 * With Go it can be built from its module, in a quarter of an hour on two cores (`go install` refuses it, for its `replace` directives):
 *
 *     go mod download -json github.com/jaegertracing/jaeger@v1.76.0     # prints `Dir`; this version has Jaeger 2 in cmd/jaeger
 *     cp -r DIR jaeger && chmod -R u+w jaeger && cd jaeger && GOFLAGS=-mod=mod go build -o ~/bin/jaeger ./cmd/jaeger
 */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, type TestContext } from "vitest";
import { eventually } from "../support/eventually.ts";
import { freePort } from "../support/free-port.ts";

/** A span in the words of Jaeger's query API; times in microseconds. */
export interface JaegerSpan {
  readonly spanID: string;
  readonly operationName: string;
  readonly references: readonly { readonly refType: string; readonly traceID: string; readonly spanID: string }[];
  readonly startTime: number;
  readonly duration: number;
  readonly tags: readonly JaegerTag[];
  readonly logs: readonly { readonly timestamp: number; readonly fields: readonly JaegerTag[] }[];
  readonly warnings: readonly string[] | null;
}

interface JaegerTag {
  readonly key: string;
  readonly value: string | number | boolean;
}

export interface JaegerServer {
  /** Where OTLP over HTTP is taken. */
  readonly endpoint: string;
  /** A trace once it is there with a span of this name. */
  trace(traceId: string, withName: string): Promise<readonly JaegerSpan[]>;
}

/** `JAEGER_BIN`, or `jaeger` in PATH. Tests are left out aloud where neither is Jaeger 2. */
export function findJaeger(context: TestContext): string {
  const command = process.env.JAEGER_BIN ?? "jaeger";
  if (spawnSync(command, ["version"]).status === 0) return command;
  console.warn("SKIPPED: there is no Jaeger 2 (put `jaeger` into PATH, or name it in JAEGER_BIN)");
  return context.skip("needs jaeger");
}

export async function startJaeger(command: string): Promise<JaegerServer> {
  const directory = mkdtempSync(join(tmpdir(), "troupe-jaeger-"));
  const [otlp, query, grpc, health, telemetry] = await Promise.all([freePort(), freePort(), freePort(), freePort(), freePort()]);
  const config = join(directory, "config.yaml");
  // As in observability/jaeger/config.yaml, but for the addresses.
  writeFileSync(
    config,
    `service:
  extensions: [jaeger_storage, jaeger_query, healthcheckv2]
  pipelines:
    traces: { receivers: [otlp], processors: [batch], exporters: [jaeger_storage_exporter] }
  telemetry:
    metrics: { readers: [{ pull: { exporter: { prometheus: { host: 127.0.0.1, port: ${telemetry} } } } }] }
extensions:
  healthcheckv2: { use_v2: true, http: { endpoint: "127.0.0.1:${health}" } }
  jaeger_query: { storage: { traces: memory }, http: { endpoint: "127.0.0.1:${query}" }, grpc: { endpoint: "127.0.0.1:${grpc}" } }
  jaeger_storage: { backends: { memory: { memory: { max_traces: 1000 } } } }
receivers:
  otlp: { protocols: { http: { endpoint: "127.0.0.1:${otlp}" } } }
processors:
  batch: { timeout: 100ms }
exporters:
  jaeger_storage_exporter: { trace_storage: memory }
`,
  );
  const child = spawn(command, ["--config", config], { cwd: directory, stdio: ["ignore", "ignore", "pipe"] });
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => (errors += chunk));
  onTestFinished(async () => {
    child.kill("SIGKILL");
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  });
  const api = `http://127.0.0.1:${query}/api`;
  await eventually(async () => {
    if (child.exitCode !== null) throw new Error(`Jaeger has ended:\n${errors}`);
    expect((await fetch(`${api}/services`)).status).toBe(200);
  }, 30_000);
  return {
    endpoint: `http://127.0.0.1:${otlp}`,
    trace: (traceId, withName) =>
      eventually(async () => {
        const response = await fetch(`${api}/traces/${traceId}`);
        expect(response.status).toBe(200);
        const { data } = (await response.json()) as { readonly data: readonly { readonly spans: readonly JaegerSpan[] }[] }; // The API's own shape.
        const spans = data[0]?.spans ?? [];
        expect(spans.map(({ operationName }) => operationName)).toContain(withName);
        return spans;
      }, 20_000),
  };
}

export function tag({ tags }: Pick<JaegerSpan, "tags">, name: string): string | number | boolean | undefined {
  return tags.find(({ key }) => key === name)?.value;
}
