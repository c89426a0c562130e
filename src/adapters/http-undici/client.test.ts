import { createServer, type RequestListener } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from "node:net";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { afterAll, describe, expect, test } from "vitest";
import { freePort } from "../../../test/support/free-port.ts";
import { selfSigned } from "../../../test/support/self-signed.ts";
import type { HttpAnswer, HttpRequest } from "../../ports/http.ts";
import { createHttpClient } from "./client.ts";
import type { Resolve } from "./connect.ts";

const open: Server[] = [];
const sockets = new Set<Socket>();
afterAll(() => {
  for (const socket of sockets) socket.destroy();
  for (const server of open) server.close();
});

async function listen(server: Server): Promise<number> {
  open.push(server);
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined).on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port; // It listens on a port.
}

const http = (handle: RequestListener): Promise<number> => listen(createServer(handle));
/** A server that says what no HTTP server would. */
const raw = (handle: (socket: Socket) => void): Promise<number> => listen(createTcpServer(handle));

const client = createHttpClient();
const text = (answer: HttpAnswer): string => (answer.kind === "response" ? new TextDecoder().decode(answer.body) : JSON.stringify(answer));

function request(url: string, differs: Partial<HttpRequest> = {}): HttpRequest {
  return {
    method: "GET",
    url,
    headers: {},
    body: null,
    network: "private",
    hosts: null,
    redirects: { max: 0, otherOrigins: false },
    maxBytes: 10_000,
    timeLimitMs: 5_000,
    ...differs,
  };
}

const call = (url: string, differs: Partial<HttpRequest> = {}, on = client): Promise<HttpAnswer> =>
  on.call(request(url, differs), new AbortController().signal);

describe("an answer", () => {
  test("comes whole, with headers in lower case and without cookies", async () => {
    const port = await http((incoming, answer) => {
      answer.writeHead(201, { "X-Way": incoming.method, "Set-Cookie": ["a=1", "b=2"], Via: ["one", "two"] });
      incoming.pipe(answer);
    });
    const answer = await call(`http://127.0.0.1:${port}/path?q=1`, { method: "POST", body: "héllo" });
    expect(answer).toMatchObject({ kind: "response", status: 201, headers: { "x-way": "POST", via: "one, two" } });
    expect(answer).not.toHaveProperty("headers.set-cookie");
    expect(text(answer)).toBe("héllo");
  });

  test.each([
    ["gzip", gzipSync("packed")],
    ["br", brotliCompressSync("packed")],
    ["br, gzip", gzipSync(brotliCompressSync("packed"))],
    ["identity", Buffer.from("packed")],
  ])("encoded as %s is decoded", async (encoding, body) => {
    const port = await http((_, answer) => answer.writeHead(200, { "content-encoding": encoding }).end(body));
    expect(text(await call(`http://127.0.0.1:${port}`))).toBe("packed");
  });

  test("to HEAD, and one without content, is not decoded", async () => {
    const port = await http(({ method }, answer) => answer.writeHead(method === "HEAD" ? 200 : 204, { "content-encoding": "gzip" }).end());
    expect(await call(`http://127.0.0.1:${port}`, { method: "HEAD" })).toMatchObject({ status: 200 });
    expect(await call(`http://127.0.0.1:${port}`)).toMatchObject({ status: 204 });
  });

  test("that is a redirect is the answer where none may be followed", async () => {
    const port = await http((_, answer) => answer.writeHead(302, { location: "/other" }).end("moved"));
    expect(await call(`http://127.0.0.1:${port}`)).toMatchObject({ kind: "response", status: 302, headers: { location: "/other" } });
  });

  test("may be waited for longer than a timer of the platform can", async () => {
    const port = await http((_, answer) => answer.end("soon"));
    expect(text(await call(`http://127.0.0.1:${port}`, { timeLimitMs: 400 * 86_400_000 }))).toBe("soon");
  });

  test("leaves no connection behind (H1)", async () => {
    let ended = 0;
    const port = await http((incoming, answer) => {
      incoming.socket.on("close", () => ended++);
      answer.end("x");
    });
    await call(`http://127.0.0.1:${port}`);
    await call(`http://127.0.0.1:${port}`);
    await expect.poll(() => ended).toBe(2);
  });
});

describe("what goes wrong (F-46, F-47)", () => {
  const said = (line: string) => (socket: Socket) => void socket.once("data", () => socket.end(line));
  const cases: readonly [string, string, boolean, () => Promise<number>, Partial<HttpRequest>?][] = [
    ["a closed port", "CONNECTION_REFUSED", false, freePort],
    ["a reset before the answer", "CONNECTION_LOST", true, () => raw((socket) => socket.once("data", () => socket.resetAndDestroy()))],
    ["a server that hangs up on the request", "CONNECTION_LOST", true, () => raw((socket) => socket.once("data", () => socket.end()))],
    ["garbage", "RESPONSE_MALFORMED", true, () => raw(said("garbage\r\n\r\n"))],
    ["a body that ends early", "RESPONSE_INCOMPLETE", true, () => raw(said("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"))],
    [
      "a chunked body that ends early",
      "RESPONSE_INCOMPLETE",
      true,
      () => raw(said("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab")),
    ],
    [
      "a packed body that ends early",
      "RESPONSE_INCOMPLETE",
      true,
      () => raw(said("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 99\r\n\r\nabc")),
    ],
    ["headers without end", "RESPONSE_TOO_LARGE", true, () => raw(said(`HTTP/1.1 200 OK\r\nA: ${"x".repeat(100_000)}`))],
    ["a body over the limit", "RESPONSE_TOO_LARGE", true, () => http((_, answer) => answer.end("x".repeat(20_000)))],
    [
      "a gzip bomb",
      "RESPONSE_TOO_LARGE",
      true,
      () => http((_, answer) => answer.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(Buffer.alloc(50_000_000)))),
    ],
    [
      "a body that is not what it says",
      "RESPONSE_ENCODING",
      true,
      () => http((_, answer) => answer.writeHead(200, { "content-encoding": "gzip" }).end("plain")),
    ],
    [
      "an unknown encoding",
      "RESPONSE_ENCODING",
      true,
      () => http((_, answer) => answer.writeHead(200, { "content-encoding": "compress" }).end("plain")),
    ],
    [
      "many encodings",
      "RESPONSE_ENCODING",
      true,
      () => http((_, answer) => answer.writeHead(200, { "content-encoding": "gzip, gzip, gzip" }).end("x")),
    ],
    ["silence", "RESPONSE_TIMEOUT", true, () => raw(() => undefined), { timeLimitMs: 150 }],
    [
      "headers that trickle",
      "RESPONSE_TIMEOUT",
      true,
      () =>
        raw((socket) => {
          socket.write("HTTP/1.1 200 OK\r\nA: ");
          setInterval(() => socket.write("x"), 20).unref();
        }),
      { timeLimitMs: 150 },
    ],
    [
      "a body that trickles",
      "RESPONSE_STALLED",
      true,
      () =>
        http((_, answer) => {
          answer.writeHead(200);
          setInterval(() => answer.write("x"), 20).unref();
        }),
      { timeLimitMs: 200 },
    ],
  ];
  test.each(cases)("%s is %s", async (_name, code, mayHaveArrived, server, differs) => {
    const port = await server();
    const answer = await call(`http://127.0.0.1:${port}/secret-path`, differs);
    expect(answer).toMatchObject({ kind: "failed", code, mayHaveArrived });
    expect(JSON.stringify(answer)).not.toContain("secret-path");
  });

  test("a name that does not exist, and one whose servers do not answer, are told apart", async () => {
    const failing = (code: string) => createHttpClient({ resolve: (_, done) => done(Object.assign(new Error(code), { code }), []) });
    expect(await call("http://nowhere.test/", {}, failing("ENOTFOUND"))).toMatchObject({ code: "NAME_NOT_FOUND", mayHaveArrived: false });
    expect(await call("http://nowhere.test/", {}, failing("EAI_AGAIN"))).toMatchObject({ code: "NAME_LOOKUP_FAILED" });
    const empty = createHttpClient({ resolve: (_, done) => done(null, []) });
    expect(await call("http://nowhere.test/", {}, empty)).toMatchObject({ code: "NAME_NOT_FOUND" });
  });

  test("a look-up that takes for ever ends at the limit, with nothing sent", async () => {
    const deaf = createHttpClient({ resolve: () => undefined });
    expect(await call("http://slow.test/", { timeLimitMs: 100 }, deaf)).toMatchObject({ code: "CONNECT_TIMEOUT", mayHaveArrived: false });
  });

  test("a stop is no failure, and tells whether the request had left", async () => {
    const port = await raw((socket) => void socket.once("data", () => stopping.abort("cancel")));
    const stopping = new AbortController();
    expect(await client.call(request(`http://127.0.0.1:${port}`), stopping.signal)).toEqual({ kind: "stopped", mayHaveArrived: true });
    expect(await client.call(request(`http://127.0.0.1:${port}`), AbortSignal.abort("cancel"))).toEqual({
      kind: "stopped",
      mayHaveArrived: false,
    });
  });

  test.each([
    ["no url", "URL_INVALID"],
    ["ftp://example.org/", "URL_INVALID"],
    ["file:///etc/passwd", "URL_INVALID"],
    ["http://user:word@example.org/", "URL_INVALID"],
    [`http://example.org/${"x".repeat(20_000)}`, "URL_INVALID"],
  ])("%s is refused before anything is done", async (url, code) => {
    expect(await call(url)).toMatchObject({ kind: "failed", code, mayHaveArrived: false });
  });
});

describe("encryption", () => {
  const mine = selfSigned("localhost");
  const https = (made = mine, name = "localhost") =>
    listen(createHttpsServer(made, (_, answer) => answer.end("sealed"))).then((port) => `https://${name}:${port}/`);

  test("is trusted where its certificate is", async () => {
    expect(text(await call(await https(), {}, createHttpClient({ ca: [mine.cert] })))).toBe("sealed");
  });

  test("with a certificate of its own making is refused, with nothing sent", async () => {
    expect(await call(await https())).toMatchObject({ code: "TLS_UNTRUSTED", mayHaveArrived: false });
  });

  test("with a certificate for another name, or one out of date, is refused", async () => {
    const other = selfSigned("other.test");
    expect(await call(await https(other), {}, createHttpClient({ ca: [other.cert] }))).toMatchObject({ code: "TLS_UNTRUSTED" });
    const old = selfSigned("localhost", { fromDays: -9, toDays: -2 });
    expect(await call(await https(old), {}, createHttpClient({ ca: [old.cert] }))).toMatchObject({ code: "TLS_UNTRUSTED" });
  });

  test("spoken to a server without it fails as such", async () => {
    const port = await http((_, answer) => answer.end());
    expect(await call(`https://127.0.0.1:${port}/`)).toMatchObject({ code: "TLS_FAILED", mayHaveArrived: false });
    const mute = await raw((socket) => void socket.once("data", () => socket.end()));
    expect(await call(`https://127.0.0.1:${mute}/`)).toMatchObject({ code: "TLS_FAILED", mayHaveArrived: false });
  });
});

describe("redirects", () => {
  /** Sends to wherever the query says, and shows what came. */
  const mirror = () =>
    http((incoming, answer) => {
      const url = new URL(incoming.url ?? "", "http://x");
      const to = url.searchParams.get("to");
      const status = Number(url.searchParams.get("status") ?? 302);
      if (to !== null) return void answer.writeHead(status, { location: to }).end();
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.on("end", () =>
        answer.end(JSON.stringify({ method: incoming.method, headers: incoming.headers, body: Buffer.concat(chunks).toString() })),
      );
    });
  const credentials = { authorization: "Bearer s3cret", "x-api-key": "s3cret", accept: "text/plain", "content-type": "text/plain" };
  const to = (port: number, place: string, status = 302) => `http://127.0.0.1:${port}/?status=${status}&to=${encodeURIComponent(place)}`;

  test.each([
    [301, "POST", "GET", ""],
    [302, "POST", "GET", ""],
    [303, "PUT", "GET", ""],
    [307, "POST", "POST", "b"],
    [308, "PUT", "PUT", "b"],
    [301, "PUT", "PUT", "b"],
  ])("%i turns %s into %s on the same origin, with credentials", async (status, method, becomes, body) => {
    const port = await mirror();
    const options = { method, body: "b", headers: credentials, redirects: { max: 3, otherOrigins: false } };
    const seen = JSON.parse(text(await call(to(port, "/end", status), options)));
    expect(seen).toMatchObject({ method: becomes, body, headers: { authorization: "Bearer s3cret" } });
    expect("content-type" in seen.headers).toBe(body !== "");
  });

  test("to another origin need the author's word, and take no credential along (S-20)", async () => {
    const [here, there] = [await mirror(), await mirror()];
    const url = to(here, `http://127.0.0.1:${there}/end`);
    expect(await call(url, { redirects: { max: 3, otherOrigins: false } })).toMatchObject({
      code: "REDIRECT_REFUSED",
      mayHaveArrived: true,
    });
    const seen = JSON.parse(text(await call(url, { headers: credentials, redirects: { max: 3, otherOrigins: true } })));
    expect(seen.headers).not.toHaveProperty("authorization");
    expect(seen.headers).not.toHaveProperty("x-api-key");
    expect(seen.headers.accept).toBe("text/plain");
  });

  test("never take a body to another origin", async () => {
    const [here, there] = [await mirror(), await mirror()];
    const answer = await call(to(here, `http://127.0.0.1:${there}/end`, 307), {
      method: "POST",
      body: "s3cret",
      redirects: { max: 3, otherOrigins: true },
    });
    expect(answer).toMatchObject({ code: "REDIRECT_REFUSED" });
  });

  test("end at their limit", async () => {
    const port = await http((_, answer) => answer.writeHead(302, { location: "/" }).end());
    expect(await call(`http://127.0.0.1:${port}/`, { redirects: { max: 3, otherOrigins: false } })).toMatchObject({
      code: "REDIRECT_LIMIT",
      status: 302,
    });
  });

  test("meet the same guards as the first request (H2)", async () => {
    const port = await mirror();
    const options = { redirects: { max: 5, otherOrigins: true } };
    for (const place of ["ftp://example.org/", "http://u:p@127.0.0.1/", "http://"])
      expect(await call(to(port, place), options)).toMatchObject({ kind: "failed", mayHaveArrived: true });
    for (const place of ["http://169.254.169.254/latest/meta-data/", "http://[fe80::1]/", "http://0/"])
      expect(await call(to(port, place), options)).toMatchObject({ code: "ADDRESS_REFUSED", mayHaveArrived: true });
    const chain = to(port, to(port, "http://169.254.169.254/"));
    expect(await call(chain, options)).toMatchObject({ code: "ADDRESS_REFUSED" });
    expect(await call(to(port, "http://localhost:1/"), { ...options, hosts: [`127.0.0.1:${port}`] })).toMatchObject({
      code: "HOST_REFUSED",
    });
  });
});

describe("addresses (S-19)", () => {
  const counting = () => {
    let connections = 0;
    return { port: raw(() => void connections++), count: () => connections };
  };
  const LOOPBACK = ["127.0.0.1", "127.1", "127.0.1", "0x7f.1", "0x7f000001", "2130706433", "017700000001", "0177.0.0.1", "127.0.0.1."];
  const LOOPBACK6 = ["[::1]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:7f00:1]"];
  const WIDE = ["127.255.255.254", "10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "[fc00::1]", "[fdff::1]"];
  const LINK = ["169.254.169.254", "169.254.43518", "2852039166", "0xa9fea9fe", "0xa9.0xfe.0xa9.0xfe", "025177524776", "[fe80::a9fe:a9fe]"];
  const METADATA = ["[::ffff:a9fe:a9fe]", "[::ffff:169.254.169.254]", "100.100.100.200", "168.63.129.16", "[fd00:ec2::254]"];
  const SPECIAL = ["0.0.0.0", "0", "[::]", "255.255.255.255", "224.0.0.1", "[ff02::1]", "240.0.0.1", "192.0.2.1", "198.18.0.1"];
  const TUNNELS = [
    "[64:ff9b::7f00:1]",
    "[64:ff9b::a9fe:a9fe]",
    "[2002:7f00:1::]",
    "[2002:a9fe:a9fe::1]",
    "[2001:0:7f00:1::]",
    "[2001:db8::1]",
  ];
  const FULLWIDTH = ["１２７.０.０.１", "127。0。0。1", "①②⑦.⓪.⓪.①"];

  test.each([...LOOPBACK, ...LOOPBACK6, ...WIDE, ...FULLWIDTH, ...LINK, ...METADATA, ...SPECIAL, ...TUNNELS])(
    "%s is not reached from a public call",
    async (host) => {
      const { port, count } = counting();
      const answer = await call(`http://${host}:${await port}/`, { network: "public", timeLimitMs: 2_000 });
      expect(answer).toMatchObject({ kind: "failed", code: "ADDRESS_REFUSED", mayHaveArrived: false });
      expect(count()).toBe(0);
    },
  );

  test.each([...LINK, ...METADATA, ...SPECIAL, ...TUNNELS])("%s is not reached from a private call either", async (host) => {
    expect(await call(`http://${host}:1/`, { timeLimitMs: 2_000 })).toMatchObject({ code: "ADDRESS_REFUSED" });
  });

  test.each(["127.0.0.1", "127.1", "2130706433", "localhost"])(
    "%s is reached where the author asked for private networks",
    async (host) => {
      const port = await http((_, answer) => answer.end("here"));
      expect(text(await call(`http://${host}:${port}/`))).toBe("here");
    },
  );

  test("names are judged by all their addresses", async () => {
    const resolve: Resolve = (_, done) =>
      done(null, [
        { address: "93.184.216.34", family: 4 },
        { address: "127.0.0.1", family: 4 },
      ]);
    const answer = await call("http://mixed.test/", { network: "public" }, createHttpClient({ resolve }));
    expect(answer).toMatchObject({ code: "ADDRESS_REFUSED", mayHaveArrived: false });
  });

  test("a name that changes its address is asked once, and that address is connected to", async () => {
    const port = await http((_, answer) => answer.end("here"));
    let asked = 0;
    const resolve: Resolve = (_, done) => done(null, [{ address: asked++ === 0 ? "127.0.0.1" : "169.254.169.254", family: 4 }]);
    const flipping = createHttpClient({ resolve });
    expect(text(await call(`http://flip.test:${port}/`, {}, flipping))).toBe("here");
    expect(asked).toBe(1);
    expect(await call(`http://flip.test:${port}/`, {}, flipping)).toMatchObject({ code: "ADDRESS_REFUSED" });
  });

  test("localhost by its name is not public", async () => {
    expect(await call("http://localhost:1/", { network: "public" })).toMatchObject({ code: "ADDRESS_REFUSED" });
  });
});

describe("the author's list of hosts", () => {
  test.each([
    ["api.test", "http://api.test/", true],
    ["api.test", "http://api.test:8080/", true],
    ["api.test:443", "https://api.test/", true],
    ["api.test:443", "http://api.test/", false],
    ["API.test", "http://api.TEST/", true],
    ["*.test", "http://a.b.test/", true],
    ["*.test", "http://test/", false],
    ["*.test", "http://eviltest/", false],
    ["api.test", "http://api.test.evil.org/", false],
    ["api.test", "http://evil.org/?api.test", false],
    ["api.test", "http://api.test@evil.org/", false],
    ["*.", "http://anything./", false],
    ["", "http://anything/", false],
    ["[::1]:80", "http://[::1]/", true],
  ])("%j and %s: %s", async (pattern, url, isListed) => {
    const nowhere = createHttpClient({ resolve: (_, done) => done(Object.assign(new Error("no"), { code: "ENOTFOUND" }), []) });
    const answer = await call(url, { hosts: [pattern], timeLimitMs: 2_000 }, nowhere);
    expect(answer.kind === "failed" && answer.code !== "HOST_REFUSED" && answer.code !== "URL_INVALID").toBe(isListed);
  });
});
