import { once } from "node:events";
import { request } from "node:http";
import { createServer } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import type { ExpositionFormat } from "./exposition.ts";
import { openMetricsServer } from "./metrics-server.ts";

interface Reply {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: string;
}

async function ask(
  port: number,
  path: string,
  { method = "GET", headers = {} }: { method?: string; headers?: Record<string, string> } = {},
): Promise<Reply> {
  const asked = request({ port, host: "127.0.0.1", path, method, agent: false, headers: { host: `127.0.0.1:${port}`, ...headers } });
  asked.end();
  const [response] = await once(asked, "response");
  let body = "";
  for await (const chunk of response) body += chunk;
  return { status: response.statusCode, headers: response.headers, body };
}

async function open(
  text: (format: ExpositionFormat) => Promise<string> = async (format) => `${format}\n`,
  elapsedMs = () => performance.now(),
) {
  const server = await openMetricsServer({ port: 0, text, elapsedMs });
  onTestFinished(() => server[Symbol.asyncDispose]());
  return server;
}

describe("the metrics server", () => {
  test("answers in the format that is asked for", async () => {
    const { port } = await open();
    const plain = await ask(port, "/metrics");
    const openmetrics = await ask(port, "/metrics", { headers: { accept: "application/openmetrics-text;version=1.0.0" } });
    expect([plain.status, plain.body, plain.headers["content-type"]]).toEqual([
      200,
      "prometheus\n",
      "text/plain; version=0.0.4; charset=utf-8",
    ]);
    expect([openmetrics.body, openmetrics.headers["content-type"]]).toEqual([
      "openmetrics\n",
      "application/openmetrics-text; version=1.0.0; charset=utf-8",
    ]);
    expect((await ask(port, "/healthz")).body).toBe("ok\n");
    expect((await ask(port, "/metrics", { method: "HEAD" })).body).toBe("");
  });

  test.each([
    "evil.test",
    "evil.test:PORT",
    "127.0.0.1",
    "127.0.0.1:1",
    "127.0.0.1:PORT.evil.test",
    "127.0.0.1.evil.test:PORT",
    "[::1]:PORT",
  ])("S-23: a request for the host %j gets nothing", async (host) => {
    const { port } = await open();
    for (const path of ["/metrics", "/healthz", "/else"]) {
      const reply = await ask(port, path, { headers: { host: host.replace("PORT", String(port)) } });
      expect([reply.status, reply.body]).toEqual([403, "This server answers only to its own name.\n"]);
    }
  });

  test.each(["127.0.0.1", "localhost", "LOCALHOST", "host.docker.internal"])("it answers to the name %s", async (name) => {
    const { port } = await open();
    expect((await ask(port, "/metrics", { headers: { host: `${name}:${port}` } })).status).toBe(200);
  });

  test.each(["POST", "PUT", "DELETE", "OPTIONS", "PATCH"])("%s is refused, and no other origin may read", async (method) => {
    const { port } = await open();
    const { status, headers } = await ask(port, "/metrics", { method, headers: { origin: "http://evil.test" } });
    expect([status, headers.allow, headers["access-control-allow-origin"]]).toEqual([405, "GET, HEAD", undefined]);
  });

  test("any other path is not there", async () => {
    const { port } = await open();
    for (const path of ["/", "/metrics/", "/Metrics", "/%6detrics", "//metrics", "/../metrics"])
      expect((await ask(port, path)).status).toBe(404);
    expect((await ask(port, "/metrics?name=x")).status).toBe(200);
  });

  test("F-45: asking a hundred times in a moment costs one reading", async () => {
    let readings = 0;
    let nowMs = 0;
    const { port } = await open(
      async () => {
        readings += 1;
        return `${readings}\n`;
      },
      () => nowMs,
    );
    const replies = await Promise.all(Array.from({ length: 20 }, () => ask(port, "/metrics")));
    expect(new Set(replies.map(({ body }) => body))).toEqual(new Set(["1\n"]));
    nowMs = 1_000;
    expect((await ask(port, "/metrics")).body).toBe("2\n");
  });

  test("metrics that cannot be read are a failure of this reply only, without its reason", async () => {
    const { port } = await open(() => Promise.reject(new Error("secret")));
    const { status, body } = await ask(port, "/metrics");
    expect([status, body]).toEqual([500, "The metrics could not be read.\n"]);
    expect((await ask(port, "/healthz")).status).toBe(200);
  });

  test("a port that is taken is told with a way out", async () => {
    const holder = createServer().listen(0, "127.0.0.1");
    onTestFinished(() => void holder.close());
    await once(holder, "listening");
    const { port } = holder.address() as { port: number }; // It listens on a port.
    await expect(openMetricsServer({ port, text: async () => "", elapsedMs: () => 0 })).rejects.toMatchObject({
      code: "METRICS_PORT_UNUSABLE",
      message: `Metrics cannot be served on port ${port}: another program uses it.`,
      fix: expect.stringContaining("--metrics-port"),
    });
  });

  test("closing it ends connections that are kept alive", async () => {
    const server = await openMetricsServer({ port: 0, text: async () => "", elapsedMs: () => 0 });
    const asked = request({ port: server.port, host: "127.0.0.1", path: "/healthz", agent: false, headers: { connection: "keep-alive" } });
    asked.end();
    const [response] = await once(asked, "response");
    response.resume();
    await server[Symbol.asyncDispose]();
    await expect(ask(server.port, "/healthz")).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });
});
