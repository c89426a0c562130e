/**
 * `/metrics` and `/healthz` on the loopback address.
 *
 * MS1 Nothing here keeps the process alive or harms a run (I-38): every handle is unreferenced, errors end their own connection.
 * MS2 Only this machine asks, by a name of this machine: a web page that had its own name point here gets nothing (S-23).
 * MS3 Asking often costs no more than asking now and then: an answer is used again for a moment (F-45).
 */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { RequestError, toError } from "../../src/core/errors.ts";
import { chooseFormat } from "./accept.ts";
import { CONTENT_TYPES, type ExpositionFormat } from "./exposition.ts";

const ADDRESS = "127.0.0.1";
/** `host.docker.internal` is what containers call this machine. No web page can be served under any of these names from elsewhere. */
const HOST_NAMES: readonly string[] = [ADDRESS, "localhost", "host.docker.internal"];

const ANSWER_REUSED_MS = 250;
const CONNECTIONS_MAX = 64;
const REQUEST_TIMEOUT_MS = 5_000;
const HEADER_BYTES_MAX = 8_192;

export interface MetricsServerOptions {
  /** 0 for any that is free. */
  readonly port: number;
  readonly text: (format: ExpositionFormat) => Promise<string>;
  /** Milliseconds of a clock that never goes back. */
  readonly elapsedMs: () => number;
}

export interface MetricsServer extends AsyncDisposable {
  readonly port: number;
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** @throws RequestError METRICS_PORT_UNUSABLE */
export async function openMetricsServer({ port, text, elapsedMs }: MetricsServerOptions): Promise<MetricsServer> {
  const reuse = createReuse(text, elapsedMs);
  const server = createServer(
    { requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: REQUEST_TIMEOUT_MS, maxHeaderSize: HEADER_BYTES_MAX },
    (request, response) => {
      answer(request, portOf(server), reuse).then(
        (found) => send(response, found, request.method === "HEAD"),
        () => send(response, plain(500, "The metrics could not be read.\n"), false),
      );
    },
  );
  server.maxConnections = CONNECTIONS_MAX;
  server.on("connection", (socket) => socket.unref());
  await listen(server, port);
  server.unref();
  // After the start, an error concerns one connection at most.
  server.on("error", () => {});
  return {
    port: portOf(server),
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function listen(server: Server, port: number): Promise<void> {
  try {
    server.listen(port, ADDRESS);
    await once(server, "listening");
  } catch (thrown) {
    throw unusable(port, toError(thrown));
  }
}

function unusable(port: number, cause: NodeJS.ErrnoException): RequestError {
  const problem = cause.code === "EADDRINUSE" ? "another program uses it" : cause.message;
  return new RequestError("METRICS_PORT_UNUSABLE", { port, problem }, { cause });
}

async function answer(request: IncomingMessage, port: number, text: MetricsServerOptions["text"]): Promise<Answer> {
  const { method = "", url = "", headers } = request;
  if (!isOwnHost(headers.host, port)) return plain(403, "This server answers only to its own name.\n");
  if (method !== "GET" && method !== "HEAD") return { ...plain(405, "GET only.\n"), headers: { allow: "GET, HEAD" } };
  const [path] = url.split("?");
  if (path === "/healthz") return plain(200, "ok\n");
  if (path !== "/metrics") return plain(404, "There are /metrics and /healthz.\n");
  const format = chooseFormat(headers.accept);
  return { status: 200, type: CONTENT_TYPES[format], body: await text(format), headers: { vary: "accept" } };
}

function isOwnHost(host: string | undefined, port: number): boolean {
  return HOST_NAMES.some((name) => host?.toLowerCase() === `${name}:${port}`);
}

function plain(status: number, body: string): Answer {
  return { status, type: "text/plain; charset=utf-8", body };
}

function send(response: ServerResponse, { status, type, body, headers = {} }: Answer, isHead: boolean): void {
  response.writeHead(status, {
    "content-type": type,
    "content-length": Buffer.byteLength(body),
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    ...headers,
  });
  response.end(isHead ? undefined : body);
}

/** MS3. */
export function createReuse(text: MetricsServerOptions["text"], elapsedMs: () => number): MetricsServerOptions["text"] {
  const kept = new Map<ExpositionFormat, { readonly untilMs: number; readonly text: Promise<string> }>();
  return (format) => {
    const now = elapsedMs();
    const known = kept.get(format);
    if (known !== undefined && now < known.untilMs) return known.text;
    const fresh = text(format);
    kept.set(format, { untilMs: now + ANSWER_REUSED_MS, text: fresh });
    return fresh;
  };
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port; // It listens on a port, not on a pipe.
}
