import { describe, expect, test } from "vitest";
import { readTracingSettings } from "./tracing-settings.ts";

const ENDPOINT = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://localhost:4318" };

describe("nobody is asked for traces", () => {
  test.each([
    {},
    { OTEL_EXPORTER_OTLP_ENDPOINT: "" },
    { ...ENDPOINT, OTEL_TRACES_EXPORTER: "none" },
    { ...ENDPOINT, OTEL_TRACES_EXPORTER: "zipkin" },
    { ...ENDPOINT, OTEL_SDK_DISABLED: "true" },
    { OTEL_TRACES_EXPORTER: "otlp", OTEL_SDK_DISABLED: "TRUE" },
    { OTEL_SERVICE_NAME: "ci" },
  ])("with %j", (env) => {
    expect(readTracingSettings(env)).toBeNull();
  });
});

test.each([
  [ENDPOINT, { exporter: "otlp", protocol: "http/json", endpoint: "http://localhost:4318" }],
  [
    { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://a/v1/traces", ...ENDPOINT },
    { exporter: "otlp", endpoint: "http://a/v1/traces" },
  ],
  [{ ...ENDPOINT, OTEL_SDK_DISABLED: "1" }, { exporter: "otlp" }],
  [{ OTEL_TRACES_EXPORTER: "otlp" }, { exporter: "otlp", endpoint: "the default endpoint" }],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: "https://me:s3cr3t@a.example/otlp?key=s3cr3t" }, { endpoint: "https://a.example/otlp" }],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: "nonsense" }, { endpoint: "an endpoint that is no URL" }],
  [{ OTEL_TRACES_EXPORTER: "console" }, { exporter: "console" }],
  [{ OTEL_TRACES_EXPORTER: "zipkin, otlp" }, { exporter: "otlp" }],
  [{ ...ENDPOINT, OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf" }, { protocol: "http/protobuf" }],
  [{ ...ENDPOINT, OTEL_EXPORTER_OTLP_PROTOCOL: "grpc", OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: "http/json" }, { protocol: "http/json" }],
  [{ ...ENDPOINT, OTEL_EXPORTER_OTLP_PROTOCOL: "carrier pigeon" }, { protocol: "http/json" }],
  [ENDPOINT, { queueMax: 2_048, limitsEvents: false }],
  [
    { ...ENDPOINT, OTEL_BSP_MAX_QUEUE_SIZE: "64", OTEL_SPAN_EVENT_COUNT_LIMIT: "8" },
    { queueMax: 64, limitsEvents: true },
  ],
  [{ ...ENDPOINT, OTEL_BSP_MAX_QUEUE_SIZE: "-1" }, { queueMax: 2_048 }],
])("%j asks for them", (env, settings) => {
  expect(readTracingSettings(env)).toMatchObject(settings);
});
