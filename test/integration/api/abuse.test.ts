/** What no client of ours sends: paths, verbs, hosts and origins that only look right (S-23, S-26, S-27), and bodies made to harm (F-41). */
import { createConnection } from "node:net";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { beforeAll, describe, expect, test } from "vitest";
import { folderOfFile, json, type OpenApi, openApi } from "../../support/api-bench.ts";
import { rawRequest } from "../../support/raw-request.ts";
import { connectSocket } from "../../support/socket-client.ts";

let api: OpenApi;
const root = folderOfFile(() => api);
beforeAll(async () => {
  api = await openApi(join(root, "state"));
});

const RUN = `run_${"0".repeat(32)}`;
const pathOf = (url: string): string =>
  url
    .replace(":run", RUN)
    .replace(/:(\w+)/g, "x")
    .replace("*", "x");
const bearer = (token = api.token("admin")) => ({ authorization: `Bearer ${token}` });
const status = async (path: string, headers: Readonly<Record<string, string>> = {}, method = "GET") =>
  (await rawRequest(api.url, { path, headers, method })).status;

describe("without a key", () => {
  test("no verb gets anything of any route (S-27)", async () => {
    const verbs = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "LOCK"];
    for (const url of new Set(api.routes.filter(({ right }) => right !== "nobody").map((route) => route.url)))
      for (const verb of verbs) {
        const found = await status(pathOf(url), { "content-type": "application/json" }, verb);
        expect([verb, url, found]).toEqual([verb, url, expect.toBeOneOf([400, 401, 404, 405])]);
      }
  });

  test("no path that only resembles a route's gets anything (S-27)", async () => {
    const tails = [
      "/configs",
      ";x",
      ";/healthz",
      "/",
      "//",
      "/.",
      "/..;/",
      "/%2e%2e/healthz",
      "%2e",
      "%2f",
      "%00",
      "%20",
      ".json",
      "/healthz",
      "?/healthz",
      "%3b",
    ];
    const heads = ["//", "/./", "/healthz/..", "/docs/..", "/%61pi/../", "\\"];
    for (const { url } of api.routes.filter(({ method, right }) => method === "GET" && right !== "nobody")) {
      const path = pathOf(url);
      const others = [
        ...tails.map((tail) => `${path}${tail}`),
        ...heads.map((head) => `${head}${path}`),
        path.toUpperCase(),
        path.replace("/", "/%2f"),
      ];
      for (const other of others) expect([other, await status(other)]).toEqual([other, expect.toBeOneOf([400, 401, 404, 405])]);
    }
  });
});

test("a verb that a route does not have is told so, and does nothing", async () => {
  const byUrl = Map.groupBy(api.routes, ({ url }) => url);
  for (const [url, methods] of byUrl) {
    if (url.includes("*")) continue;
    for (const verb of ["GET", "POST", "PUT", "PATCH", "DELETE"]) {
      if (methods.some(({ method }) => method === verb)) continue;
      expect([verb, url, await status(pathOf(url), bearer(), verb)]).toEqual([verb, url, expect.toBeOneOf([404, 405])]);
    }
  }
});

describe("a page of another origin or by another name", () => {
  const ORIGINS = [
    "null",
    "",
    "http://evil.test",
    "https://evil.test",
    "http://localhost",
    "http://localhost:1",
    "http://localhost.evil",
    "http://localhost.evil:7171",
    "http://evil-localhost",
    "http://127.0.0.1",
    "http://127.0.0.1:1",
    "http://127.0.0.1.evil",
    "http://127.0.0.2",
    "http://0.0.0.0",
    "http://[::]",
    "http://[::1]",
    "http://0x7f000001",
    "http://2130706433:1",
    "http://troupe.example.org.evil",
    "http://eviltroupe.example.org",
    "http://example.org",
    "https://troupe.example.org:8443",
    "http://troupe.example.org@evil.test",
    "file://",
    "data:",
    "about:blank",
    "ftp://troupe.example.org",
    "chrome-extension://troupe",
    "moz-extension://troupe",
    "app://troupe.example.org",
    "javascript:alert(1)",
    "*",
  ];

  test(`gets nothing, by HTTP, by SSE or by WebSocket: ${ORIGINS.length} origins (S-24, S-26)`, async () => {
    for (const origin of ORIGINS) {
      const headers = { ...bearer(), origin };
      expect([origin, await status("/api/v1/runs", headers)]).toEqual([origin, 403]);
      expect([origin, await status(`/api/v1/runs/${RUN}/events`, { ...headers, accept: "text/event-stream" })]).toEqual([origin, 403]);
      expect([origin, await connectSocket(`${api.url}/api/v1/stream`, { headers })]).toEqual([origin, 403]);
    }
  });

  test("gets nothing, by whichever host it calls us (S-23)", async () => {
    const { port } = new URL(api.url);
    const hosts = [
      "evil.test",
      `evil.test:${port}`,
      "127.0.0.1",
      "127.0.0.1:1",
      `127.0.0.1.evil:${port}`,
      `127.0.0.2:${port}`,
      `localhost.:${port}`,
      `a@127.0.0.1:${port}`,
      "troupe.example.org:1",
    ];
    for (const host of hosts) {
      for (const path of ["/", "/healthz", "/docs", "/api/v1/runs", "/nowhere"])
        expect([host, path, await status(path, { ...bearer(), host })]).toEqual([host, path, expect.toBeOneOf([400, 421])]);
      expect([host, await status(`/api/v1/runs/${RUN}/events`, { ...bearer(), host, accept: "text/event-stream" })]).toEqual([
        host,
        expect.toBeOneOf([400, 421]),
      ]);
      expect([host, await connectSocket(`${api.url}/api/v1/stream`, { headers: { ...bearer(), host } })]).toEqual([
        host,
        expect.toBeOneOf([400, 421]),
      ]);
    }
  });

  test("may read no answer: there is no CORS, not even for a preflight (S-26)", async () => {
    const { headers } = await rawRequest(api.url, {
      method: "OPTIONS",
      path: "/api/v1/runs",
      headers: { origin: "http://evil.test", "access-control-request-method": "POST" },
    });
    expect(Object.keys(headers).filter((name) => name.startsWith("access-control"))).toEqual([]);
  });
});

/** Says this, and hears until the server ends it. */
async function raw(...parts: readonly (string | Buffer)[]): Promise<string> {
  const socket = createConnection(Number(new URL(api.url).port), "127.0.0.1");
  let heard = "";
  socket.on("data", (chunk) => {
    heard += chunk;
  });
  socket.on("error", () => {}); // It was cut off while it was still speaking.
  const closed = new Promise((resolve) => socket.on("close", resolve));
  for (const part of parts) socket.write(part);
  await closed;
  return heard;
}
const head = (...lines: readonly string[]): string =>
  [
    `POST /api/v1/runs HTTP/1.1`,
    `Host: 127.0.0.1:${new URL(api.url).port}`,
    `Authorization: Bearer ${api.token("admin")}`,
    "Content-Type: application/json",
    ...lines,
    "",
    "",
  ].join("\r\n");
const isWell = async () => expect([await status("/healthz"), api.warnings]).toEqual([200, []]);

describe("a request that is made to harm is refused, and the server goes on (F-41)", () => {
  test("a body of 100 MiB, announced or not", async () => {
    const announced = await raw(head(`Content-Length: ${100 * 2 ** 20}`, "Connection: close"));
    expect(announced).toMatch(/^HTTP\/1.1 413 /);
    const chunk = Buffer.alloc(2 ** 20, "x");
    const chunks = Array.from({ length: 100 }, () => [`${chunk.length.toString(16)}\r\n`, chunk, "\r\n"]).flat();
    const before = process.memoryUsage().arrayBuffers;
    expect(await raw(head("Transfer-Encoding: chunked", "Connection: close"), '1\r\n"\r\n', ...chunks)).toMatch(/^(HTTP\/1.1 413 |$)/);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(120 * 2 ** 20);
    await isWell();
  });

  test("ten thousand headers, or one that is longer than all", async () => {
    const many = Array.from({ length: 10_000 }, (_, index) => `X-${index}: y`);
    // What is written into a connection that was ended may take the answer with it.
    expect(await raw(head(...many))).toMatch(/^(HTTP\/1.1 431 |$)/);
    expect(await raw(head(`X: ${"y".repeat(20_000)}`))).toMatch(/^HTTP\/1.1 431 /);
    await isWell();
  });

  test("headers that never end", async () => {
    const began = performance.now();
    const heard = await raw(`GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:${new URL(api.url).port}\r\nX: `);
    expect(heard).toMatch(/^(HTTP\/1.1 408 |$)/);
    expect(performance.now() - began).toBeLessThan(12_000);
    await isWell();
  });

  test("a small body that would be a large one, were it unpacked", async () => {
    const bomb = gzipSync(Buffer.alloc(50 * 2 ** 20, " "));
    for (const encoding of ["gzip", "deflate", "br"]) {
      const response = await api.call(api.token("admin"), "POST", "/api/v1/runs", {
        body: bomb,
        headers: { "content-type": "application/json", "content-encoding": encoding },
      });
      expect(response.status).toBe(400);
    }
    await isWell();
  });

  test.each<[string, string | Buffer]>([
    ["bytes that are no UTF-8", Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])],
    ["an overlong encoding", Buffer.concat([Buffer.from('{"definition":"'), Buffer.from([0xc0, 0xaf]), Buffer.from('"}')])],
    ["a name twice", '{"workflow":"a","workflow":"b"}'],
    ["a name twice in two spellings", '{"workflow":"a","\\u0077orkflow":"b"}'],
    ["a prototype", '{"workflow":"a","__proto__":{"polluted":true}}'],
    ["a prototype further in", '{"workflow":"a","input":{"x":{"__proto__":{"polluted":true}}}}'],
    ["a constructor's prototype", '{"workflow":"a","input":{"constructor":{"prototype":{"polluted":true}}}}'],
    ["ten thousand lists within each other", "[".repeat(10_000)],
    ["half of a value", '{"workflow":'],
    ["nothing", ""],
  ])("%s", async (_, body) => {
    const response = await api.call(api.token("admin"), "POST", "/api/v1/runs", { body, headers: { "content-type": "application/json" } });
    expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([400, "API_REQUEST"]);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    await isWell();
  });

  test("a traceparent or baggage that is none starts a run all the same, and goes nowhere (S-41)", async () => {
    for (const headers of [
      { traceparent: "00-x" },
      { traceparent: "0".repeat(200), tracestate: "=".repeat(512) },
      { "uber-trace-id": "%", baggage: "x=y" },
    ]) {
      const text = "name: hello\nsteps:\n  - { id: a, type: template, template: hello }\n";
      const response = await api.call(
        api.token("admin"),
        "POST",
        "/api/v1/runs",
        json({ definition: text }, headers as Record<string, string>),
      );
      expect([headers, response.status]).toEqual([headers, 202]);
    }
    const big = await api.call(api.token("admin"), "POST", "/api/v1/runs", json({ workflow: "x" }, { tracestate: "x".repeat(513) }));
    expect(big.status).toBe(400);
  });
});
