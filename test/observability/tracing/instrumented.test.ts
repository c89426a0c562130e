import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { builtLibrary } from "../../support/built.ts";
import { runCommand } from "../../support/command.ts";
import { type OtlpReceiver, openReceiver, type ReceivedSpan } from "../../support/otlp-receiver.ts";

import type { LibraryOrder } from "./library.child.ts";

let cwd: string;
let receiver: OtlpReceiver;

beforeEach(async () => {
  cwd = mkdtempSync(join(tmpdir(), "troupe-tracing-"));
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }));
  receiver = await openReceiver();
});

const named = (name: string): ReceivedSpan | undefined => receiver.spans().find((span) => span.name === name);

test("spans of an instrumented command appear below its attempt", async () => {
  writeFileSync(
    join(cwd, "child.troupe.yaml"),
    `name: child
steps:
  - id: traced
    type: shell
    args: ["${process.execPath}", "${resolve("test/observability/tracing/instrumented.child.ts")}"]
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: "${receiver.url}" }
`,
  );
  const { code, stderr } = await runCommand(["run", "child.troupe.yaml"], {
    cwd,
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, TRACESTATE: "" },
  });
  expect([code, stderr.includes("warning")]).toEqual([0, false]);
  const [attempt, work, detail] = [named("troupe.attempt"), named("child work"), named("child detail")];
  expect(work?.resource["service.name"]).toBe("child");
  expect([work?.traceId, work?.parentSpanId]).toEqual([attempt?.traceId, attempt?.spanId]);
  expect(detail?.parentSpanId).toBe(work?.spanId);
  expect((work?.startedAt ?? 0) >= (attempt?.startedAt ?? 1) && (work?.endedAt ?? 1) <= (attempt?.endedAt ?? 0)).toBe(true);
});

describe("a program that embeds Troupe", () => {
  interface Answer {
    readonly id: string;
    readonly state: string;
    readonly output: { readonly traceparent: string; readonly isWithin: boolean };
  }

  async function embed(kind: LibraryOrder["kind"]): Promise<Answer & { readonly stderr: string }> {
    writeFileSync(
      join(cwd, "functions.troupe.yaml"),
      `name: functions
output: { traceparent: "{{ steps.call.output.traceparent }}", isWithin: "{{ steps.call.output.isWithin }}" }
steps:
  - { id: call, call: traced }
`,
    );
    const order: LibraryOrder = { library: builtLibrary(), kind };
    const child = spawn(process.execPath, [resolve("test/observability/tracing/library.child.ts"), JSON.stringify(order)], {
      cwd,
      env: {
        PATH: process.env.PATH ?? "",
        HOME: cwd,
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
        OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
      },
    });
    onTestFinished(() => void child.kill("SIGKILL"));
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
    return { ...(JSON.parse(stdout) as Answer), stderr }; // Our own child says so.
  }

  test("sends traces where `telemetry` says so, and its functions run within their attempt", async () => {
    const { state, output, stderr } = await embed("traced");
    expect([state, stderr]).toEqual(["succeeded", ""]);
    const attempt = named("troupe.attempt");
    expect(output).toEqual({ traceparent: `00-${attempt?.traceId}-${attempt?.spanId}-01`, isWithin: true });
    const inside = named("inside the function");
    expect([inside?.traceId, inside?.parentSpanId, inside?.scope]).toEqual([attempt?.traceId, attempt?.spanId, "function"]);
  });

  test("sends nothing without it, whatever the environment says", async () => {
    const { state, output } = await embed("silent");
    expect([state, output.isWithin, receiver.requests]).toEqual(["succeeded", false, []]);
  });

  test("keeps an SDK of its own, and is told that runs are not traced beside it", async () => {
    const { state, stderr } = await embed("own sdk");
    expect([state, named("troupe.attempt")]).toEqual(["succeeded", undefined]);
    expect(stderr).toMatch(/^troupe: This program has an OpenTelemetry SDK of its own/);
  });
});
