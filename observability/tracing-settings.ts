/** What `OTEL_*` asks for, as far as it decides whether and through what traces leave; the SDK reads the rest itself. */
export type TraceExporterName = "otlp" | "console";
export type OtlpProtocol = "http/json" | "http/protobuf" | "grpc";

export interface TracingSettings {
  readonly exporter: TraceExporterName;
  readonly protocol: OtlpProtocol;
  /** Where OTLP goes, for messages. */
  readonly endpoint: string;
  /** Spans that the SDK's queue holds. */
  readonly queueMax: number;
  /** Whether the number of a span's events was limited by somebody. */
  readonly limitsEvents: boolean;
  /** Of the engine's thread, that tracing may take; 1 for no limit. */
  readonly share: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

const EXPORTERS = ["otlp", "console"] as const;
const PROTOCOLS = ["http/json", "http/protobuf", "grpc"] as const;

/** OpenTelemetry's default of `OTEL_BSP_MAX_QUEUE_SIZE`. */
const QUEUE_MAX_DEFAULT = 2_048;
/** All watching together may cost a loaded engine five hundredths (performance goals). */
const PERCENT_DEFAULT = 2;

/** Null when nobody asked for traces: no exporter is named and no endpoint set, or they are turned off. */
export function readTracingSettings(env: Environment): TracingSettings | null {
  const endpoint = textOf(env, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") ?? textOf(env, "OTEL_EXPORTER_OTLP_ENDPOINT");
  const named = textOf(env, "OTEL_TRACES_EXPORTER")
    ?.split(",")
    .map((name) => name.trim());
  if (textOf(env, "OTEL_SDK_DISABLED")?.toLowerCase() === "true" || (named === undefined && endpoint === undefined)) return null;
  const exporter = named === undefined ? "otlp" : EXPORTERS.find((known) => named.includes(known));
  if (exporter === undefined) return null;
  const protocol = textOf(env, "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL") ?? textOf(env, "OTEL_EXPORTER_OTLP_PROTOCOL");
  return {
    exporter,
    protocol: PROTOCOLS.find((known) => known === protocol) ?? "http/json",
    endpoint: exporter === "otlp" ? shown(endpoint) : "the console",
    queueMax: positive(textOf(env, "OTEL_BSP_MAX_QUEUE_SIZE")) ?? QUEUE_MAX_DEFAULT,
    share: (positive(textOf(env, "TROUPE_TRACING_PERCENT")) ?? PERCENT_DEFAULT) / 100,
    limitsEvents: textOf(env, "OTEL_SPAN_EVENT_COUNT_LIMIT") !== undefined,
  };
}

/** An empty variable counts as unset (OpenTelemetry's environment specification). */
function textOf(env: Environment, name: string): string | undefined {
  const value = env[name]?.trim();
  return value === "" ? undefined : value;
}

/** Without what may be a secret: name and password, and a query. */
function shown(endpoint: string | undefined): string {
  if (endpoint === undefined) return "the default endpoint";
  const url = URL.parse(endpoint);
  return url === null ? "an endpoint that is no URL" : `${url.protocol}//${url.host}${url.pathname === "/" ? "" : url.pathname}`;
}

function positive(text: string | undefined): number | null {
  const value = Number(text);
  return Number.isInteger(value) && value > 0 ? value : null;
}
