/**
 * The loopback server of the inspector: a page of three files that holds no data, and the WebSocket behind which the data is.
 *
 * IS1 It listens on 127.0.0.1 only, and answers nobody who calls it by another name (S-22, S-23).
 * IS2 Nothing of it keeps the process alive: neither the server, nor a connection, nor a timer.
 * IS3 Every connection has an error handler and a bound on what it may send and on how long it may take to say who it is (S-29).
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import { RequestError } from "../../src/core/errors.ts";
import { isOwnHost, isOwnOrigin } from "./access.ts";
import { PROTOCOL, PROTOCOL_STATELY } from "./message.ts";
import { PAGE } from "./page.generated.ts";

/** No message of a client is longer. */
const MESSAGE_MAX_BYTES = 4_096;
const SOCKETS_MAX = 100;
const HEADERS_MS = 5_000;
const SOCKET_PATH = "/inspect";

export interface Arrival {
  readonly socket: WebSocket;
  readonly protocol: string;
  /** From the `Authorization` of a client that is no browser; null for the page, which says its secret in its first message. */
  readonly bearer: string | null;
}

export interface PageServer extends Disposable {
  readonly port: number;
}

export interface PageServerOptions {
  readonly port: number;
  /** Asked before a connection of a client that is no browser is made (IA3). */
  readonly knows: (bearer: string) => string | null;
  readonly arrived: (arrival: Arrival) => void;
}

/** @throws RequestError INSPECTOR_PORT_UNUSABLE */
export async function openPageServer({ port: wanted, knows, arrived }: PageServerOptions): Promise<PageServer> {
  const server = createServer({ headersTimeout: HEADERS_MS, requestTimeout: HEADERS_MS, maxHeaderSize: 8_192 });
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MESSAGE_MAX_BYTES,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has(PROTOCOL) ? PROTOCOL : offered.has(PROTOCOL_STATELY) ? PROTOCOL_STATELY : false),
  });
  server.maxConnections = SOCKETS_MAX;
  server.on("connection", (socket) => socket.unref());
  server.on("clientError", (_, socket) => socket.destroy());
  const port = await listen(server, wanted);
  server.on("request", (request, response) => answer(request, response, port));
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on("error", () => socket.destroy());
    const verdict = judge(request, port, knows);
    if (typeof verdict === "number") {
      socket.end(`HTTP/1.1 ${verdict} ${verdict === 401 ? "Unauthorized" : "Forbidden"}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (client) => {
      client.on("error", () => client.terminate());
      arrived({ socket: client, protocol: client.protocol, bearer: verdict.bearer });
    });
  });
  return {
    port,
    [Symbol.dispose]() {
      for (const client of sockets.clients) client.terminate();
      server.close();
      server.closeAllConnections();
    },
  };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const refuse = (cause: NodeJS.ErrnoException): void => {
      const problem = cause.code === "EADDRINUSE" ? "another program uses it" : cause.message;
      reject(new RequestError("INSPECTOR_PORT_UNUSABLE", { port, problem }, { cause }));
    };
    server.once("error", refuse);
    server.listen(port, "127.0.0.1", () => {
      server.off("error", refuse);
      server.on("error", () => {}); // A failed accept harms one connection.
      server.unref();
      resolve((server.address() as AddressInfo).port); // It listens on a port, not on a pipe.
    });
  });
}

/** A status that refuses, or who comes. */
function judge(
  request: IncomingMessage,
  port: number,
  knows: (bearer: string) => string | null,
): number | { readonly bearer: string | null } {
  const { host, origin, authorization } = request.headers;
  if (request.url !== SOCKET_PATH || host === undefined || !isOwnHost(host, port)) return 403;
  if (origin !== undefined) return isOwnOrigin(origin, host) ? { bearer: null } : 403;
  const bearer = knows(/^Bearer (\S+)$/.exec(authorization ?? "")?.[1] ?? "");
  return bearer === null ? 401 : { bearer };
}

const FILES: Readonly<Record<string, { readonly type: string; readonly text: string }>> = {
  "/": { type: "text/html; charset=utf-8", text: PAGE.html },
  "/inspector.css": { type: "text/css; charset=utf-8", text: PAGE.css },
  "/inspector.js": { type: "text/javascript; charset=utf-8", text: PAGE.js },
};

function answer({ method, url, headers: { host } }: IncomingMessage, response: ServerResponse, port: number): void {
  response.setHeader("Connection", "close");
  const file = FILES[url ?? ""];
  if (host === undefined || !isOwnHost(host, port)) response.writeHead(421).end();
  else if (method !== "GET" && method !== "HEAD") response.writeHead(405).end();
  else if (file === undefined) response.writeHead(404).end();
  else {
    response.writeHead(200, { ...headersFor(host), "Content-Type": file.type });
    response.end(method === "HEAD" ? undefined : file.text);
  }
}

/** Nothing comes from elsewhere, nothing is written inline, nobody frames the page, and it connects to this server only. */
function headersFor(host: string): Readonly<Record<string, string>> {
  const policy = `default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src ws://${host}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
  return {
    "Content-Security-Policy": policy,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    // Stately's window has to know who opened it; nobody else may hold on to this page.
    "Cross-Origin-Opener-Policy": "same-origin-allow-popups",
    "Cache-Control": "no-store",
  };
}
