/** A collector of our own: a plain HTTP server that decodes OTLP/JSON by the protocol's text, with nothing of any SDK. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

export type Values = Readonly<Record<string, string | number | boolean>>;

export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for the root of its trace. */
  readonly parentSpanId: string;
  readonly name: string;
  readonly kind: number;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly endedAt: number;
  readonly attributes: Values;
  readonly events: readonly { readonly name: string; readonly at: number; readonly attributes: Values }[];
  readonly links: readonly { readonly traceId: string; readonly spanId: string; readonly attributes: Values }[];
  readonly isError: boolean;
  readonly message: string;
  readonly resource: Values;
  readonly scope: string;
}

/** How it answers: `refuse` with 500, `hang up` without a word, `say nothing` for ever, or with a `flood` of bytes. */
export type Manners = "take" | "refuse" | "hang up" | "say nothing" | "flood";

export interface OtlpReceiver {
  readonly url: string;
  /** Everything that came, as it was sent. */
  readonly bodies: readonly string[];
  readonly requests: readonly { readonly path: string; readonly type: string; readonly headers: IncomingMessage["headers"] }[];
  /** In the order of arrival, repetitions too. */
  spans(): readonly ReceivedSpan[];
  /** Resolves when a span of this name has come. */
  sees(name: string): Promise<void>;
}

export async function openReceiver(manners: Manners = "take"): Promise<OtlpReceiver> {
  const bodies: string[] = [];
  const requests: { path: string; type: string; headers: IncomingMessage["headers"] }[] = [];
  const waiting: (() => void)[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const type = request.headers["content-type"] ?? "";
      requests.push({ path: request.url ?? "", type, headers: request.headers });
      bodies.push(Buffer.concat(chunks).toString("utf8"));
      for (const look of waiting.splice(0)) look();
      answer(manners, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo; // It listens on a port.
  const spans = (): readonly ReceivedSpan[] => bodies.filter((body) => body.startsWith("{")).flatMap(parseOtlp);
  return {
    url: `http://127.0.0.1:${port}`,
    bodies,
    requests,
    spans,
    async sees(name) {
      while (!spans().some((span) => span.name === name)) await new Promise<void>((resolve) => waiting.push(resolve));
    },
  };
}

function answer(manners: Manners, response: ServerResponse): void {
  if (manners === "take") response.setHeader("content-type", "application/json").end("{}");
  else if (manners === "refuse") response.writeHead(500).end("no");
  else if (manners === "hang up") response.destroy();
  else if (manners === "flood") flood(response);
}

/** Answers without an end, as fast as it is read. */
function flood(response: ServerResponse): void {
  const chunk = Buffer.alloc(1024 * 1024, "x");
  const more = (): void => {
    while (response.write(chunk)) if (response.destroyed) return;
  };
  response.on("drain", more);
  response.on("error", () => {});
  more();
}

interface Otlp {
  readonly resourceSpans: readonly {
    readonly resource?: { readonly attributes?: readonly KeyValue[] };
    readonly scopeSpans: readonly { readonly scope?: { readonly name?: string }; readonly spans: readonly OtlpSpan[] }[];
  }[];
}

interface KeyValue {
  readonly key: string;
  readonly value: {
    readonly stringValue?: string;
    readonly intValue?: string | number;
    readonly doubleValue?: number;
    readonly boolValue?: boolean;
  };
}

interface OtlpSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes?: readonly KeyValue[];
  readonly events?: readonly { readonly name: string; readonly timeUnixNano: string; readonly attributes?: readonly KeyValue[] }[];
  readonly links?: readonly { readonly traceId: string; readonly spanId: string; readonly attributes?: readonly KeyValue[] }[];
  readonly status?: { readonly code?: number; readonly message?: string };
}

/** Spans of one `ExportTraceServiceRequest`. */
export function parseOtlp(body: string): readonly ReceivedSpan[] {
  const { resourceSpans } = JSON.parse(body) as Otlp; // Whatever does not fit fails the test that reads it.
  return resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ scope, spans }) =>
      spans.map((span) => ({
        traceId: span.traceId,
        spanId: span.spanId,
        parentSpanId: span.parentSpanId ?? "",
        name: span.name,
        kind: span.kind,
        startedAt: toMs(span.startTimeUnixNano),
        endedAt: toMs(span.endTimeUnixNano),
        attributes: toValues(span.attributes),
        events: (span.events ?? []).map(({ name, timeUnixNano, attributes }) => ({
          name,
          at: toMs(timeUnixNano),
          attributes: toValues(attributes),
        })),
        links: (span.links ?? []).map(({ traceId, spanId, attributes }) => ({ traceId, spanId, attributes: toValues(attributes) })),
        isError: span.status?.code === 2,
        message: span.status?.message ?? "",
        resource: toValues(resource?.attributes),
        scope: scope?.name ?? "",
      })),
    ),
  );
}

function toMs(nanos: string): number {
  return Number(BigInt(nanos) / 1_000_000n);
}

function toValues(list: readonly KeyValue[] = []): Values {
  return Object.fromEntries(
    list.map(({ key, value: { stringValue, intValue, doubleValue, boolValue } }) => [
      key,
      stringValue ?? (intValue === undefined ? undefined : Number(intValue)) ?? doubleValue ?? boolValue ?? "",
    ]),
  );
}
