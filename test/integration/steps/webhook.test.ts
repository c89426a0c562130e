import { createHmac } from "node:crypto";
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { afterAll, describe, expect, test } from "vitest";
import { createSystemClock } from "../../../src/adapters/clock-system/clock.ts";
import { createHttpClient } from "../../../src/adapters/http-undici/client.ts";
import type { RunId } from "../../../src/core/ids.ts";
import type { Json } from "../../../src/core/json.ts";
import { validateData } from "../../../src/definition/data-schema.ts";
import type { Field } from "../../../src/plan/field.ts";
import type { Execution } from "../../../src/ports/attempt.ts";
import { createWebhookStep } from "../../../src/steps/webhook/execute.ts";
import { type ContextDiffers, literal, makeContext, makeStep, map, text } from "../../support/attempts.ts";
import { freePort } from "../../support/free-port.ts";

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const seen: Seen[] = [];
/** What the server says next; the path is the test's own. */
const answers = new Map<string, (answer: ServerResponse) => void>();
const server = createServer((incoming, answer) => {
  const chunks: Buffer[] = [];
  incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
  incoming.on("end", () => {
    const { method = "", url = "", headers } = incoming;
    seen.push({ method, url, headers, body: Buffer.concat(chunks).toString() });
    const say = answers.get(new URL(url, "http://x").pathname);
    if (say !== undefined) say(answer);
    else answer.writeHead(200, { "content-type": "application/json" }).end('{"ok":true}');
  });
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // It listens on a port.
afterAll(() => server.close());

const step = createWebhookStep({
  http: createHttpClient(),
  clock: createSystemClock(),
  callbacks: { addressOf: (run, id) => ({ url: `https://troupe.test/callbacks/${run}.${id}`, digest: "d1" }) },
  validate: (schema, data, root) => validateData(schema, data, { root }).errors,
});

let calls = 0;
const here = (say?: (answer: ServerResponse) => void): string => {
  const path = `/${++calls}`;
  if (say !== undefined) answers.set(path, say);
  return path;
};

async function call(config: Record<string, Field>, differs: ContextDiffers & { once?: boolean } = {}): Promise<Execution> {
  const { once = false, ...rest } = differs;
  const made = makeStep("webhook", { network: literal("private"), ...config }, once ? { sideEffect: "once" } : {});
  return step.execute(makeContext(made, rest));
}

const get = (path: string, more: Record<string, Field> = {}, differs: ContextDiffers & { once?: boolean } = {}): Promise<Execution> =>
  call({ url: text(`${origin}${path}`), ...more }, differs);

describe("a request", () => {
  test("has method, query, headers, body and the same idempotency key in all attempts (I-7)", async () => {
    const path = here();
    const config = {
      method: literal("PUT"),
      query: map({ tag: literal(["a b", "c"]), none: literal(null), id: text("{{ input.id }}") }),
      headers: map({ "X-Number": literal(5), Accept: text("text/plain") }),
      json: map({ name: text("{{ input.name }}") }),
    };
    for (const attempt of [1, 2]) await get(path, config, { input: { id: 7, name: 'a"b' }, attempt, idempotencyKey: "run_1/it" });
    const [first, second] = seen.slice(-2);
    expect(first).toMatchObject({
      method: "PUT",
      url: `${path}?tag=a+b&tag=c&id=7`,
      headers: { "x-number": "5", accept: "text/plain", "content-type": "application/json", "idempotency-key": "run_1/it" },
      body: '{"name":"a\\"b"}',
    });
    expect(second?.headers["idempotency-key"]).toBe("run_1/it");
    expect(first?.headers.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    expect(first?.headers).not.toHaveProperty("baggage");
  });

  test("may be a form or a text", async () => {
    await get(here(), { form: map({ a: text("x&y"), b: literal([1, 2]) }) });
    expect(seen.at(-1)).toMatchObject({
      method: "POST",
      body: "a=x%26y&b=1&b=2",
      headers: { "content-type": "application/x-www-form-urlencoded" },
    });
    await get(here(), { body: text("plain") });
    expect(seen.at(-1)).toMatchObject({ body: "plain", headers: { "content-type": "text/plain; charset=utf-8" } });
  });

  test.each([
    [{ bearer: "t0ken" }, { authorization: "Bearer t0ken" }],
    [{ basic: { user: "me", password: "wörd" } }, { authorization: `Basic ${Buffer.from("me:wörd").toString("base64")}` }],
    [{ header: { name: "X-Api-Key", value: "k" } }, { "x-api-key": "k" }],
  ])("carries credentials %j", async (auth, headers) => {
    await get(here(), { auth: literal(auth) });
    expect(seen.at(-1)?.headers).toMatchObject(headers);
  });

  test("is signed over its very bytes", async () => {
    await get(here(), { json: literal({ a: 1 }), sign: literal({ secret: "a key of some length" }) }, { idempotencyKey: "run_1/it" });
    const { headers, body } = seen.at(-1) as Seen; // One has just come.
    const content = `run_1/it.${headers["webhook-timestamp"]}.${body}`;
    expect(headers["webhook-id"]).toBe("run_1/it");
    expect(headers["webhook-signature"]).toBe(`v1,${createHmac("sha256", "a key of some length").update(content).digest("base64")}`);
  });

  test("is not made with a header that would begin another one", async () => {
    const before = seen.length;
    const headers = map({ "X-Name": text("{{ input.name }}") });
    await expect(get(here(), { headers }, { input: { name: "a\r\nX-Admin: 1" } })).rejects.toMatchObject({ code: "HEADER_VALUE" });
    expect(seen).toHaveLength(before);
  });
});

describe("an answer", () => {
  test("is the output, its JSON read", async () => {
    expect(await get(here())).toMatchObject({
      kind: "succeeded",
      output: { status: 200, headers: { "content-type": "application/json" }, json: { ok: true }, durationMs: expect.any(Number) },
    });
  });

  test.each([
    ["text/plain; charset=latin1", Buffer.from([0xfc]), undefined, { body: "ü" }],
    ["text/plain; charset=nonsense", Buffer.from("x"), undefined, { body: "x" }],
    ["application/problem+json", Buffer.from("[1]"), undefined, { json: [1] }],
    ["text/plain", Buffer.from("[1]"), "json", { json: [1] }],
    ["application/json", Buffer.from("[1]"), "text", { body: "[1]" }],
    ["application/json", Buffer.from(""), undefined, { body: "" }],
    ["application/json", Buffer.from("{"), "none", {}],
  ])("of type %s, %j, read as %s, gives %j", async (type, body, format, content) => {
    const path = here((answer) => answer.writeHead(200, { "content-type": type }).end(body));
    const expected = format === undefined ? {} : { expect: literal({ format }) };
    const answer = await get(path, expected);
    const { status: _s, headers: _h, durationMs: _d, ...rest } = (answer as { output: Record<string, Json> }).output; // It succeeded.
    expect(rest).toEqual(content);
  });

  const unusable: readonly [string, string, Json, string][] = [
    ["no JSON", "{", {}, "RESPONSE_NOT_JSON"],
    ["JSON with a prototype", '{"a":{"__proto__":1}}', {}, "RESPONSE_NOT_JSON"],
    ["a number that is none", "[1e999]", {}, "RESPONSE_NOT_JSON"],
    ["JSON too deep", "[".repeat(50_000) + "]".repeat(50_000), {}, "RESPONSE_NOT_JSON"],
    ["JSON against its schema", '{"n":"x"}', { schema: { properties: { n: { type: "number" } } } }, "RESPONSE_SCHEMA"],
  ];
  test.each(unusable)("with %s is a failure, and lost where it may not be repeated", async (_name, body, expectation, code) => {
    const path = here((answer) => answer.writeHead(200, { "content-type": "application/json" }).end(body));
    const config = { expect: literal(expectation) };
    expect(await get(path, config)).toMatchObject({ kind: "failed", failure: { class: "validation", code, status: 200 } });
    expect(await get(path, config, { once: true })).toMatchObject({ kind: "lost" });
  });
});

describe("a status (D5)", () => {
  test.each([
    [200, null, "validation", { status: 201 }],
    [301, null, "permanent", undefined],
    [400, null, "permanent", undefined],
    [401, null, "permanent", undefined],
    [403, null, "permanent", undefined],
    [404, null, "permanent", undefined],
    [408, null, "transient", undefined],
    [409, null, "conflict", undefined],
    [422, null, "validation", undefined],
    [425, null, "transient", undefined],
    [429, null, "transient", undefined],
    [500, null, "transient", undefined],
    [501, null, "permanent", undefined],
    [502, null, "transient", undefined],
    [503, null, "transient", undefined],
    [504, null, "transient", undefined],
    [599, null, "transient", undefined],
  ])("%i is a failure of class %s%s", async (status, _, failureClass, expectation) => {
    const path = here((answer) => answer.writeHead(status, { "content-type": "application/json" }).end('{"code":"E1"}'));
    const answer = await get(path, expectation === undefined ? {} : { expect: literal(expectation) });
    expect(answer).toMatchObject({
      kind: "failed",
      failure: { class: failureClass, code: `HTTP_${status}`, status, detail: '{"code":"E1"}', extra: { body: { code: "E1" } } },
    });
  });

  test.each([
    [404, 404],
    [404, ["4xx"]],
    [204, ["200-204"]],
    [302, [200, "300-399"]],
  ])("%i succeeds where %j is expected", async (status, expected) => {
    const path = here((answer) => answer.writeHead(status).end());
    expect(await get(path, { expect: literal({ status: expected }) })).toMatchObject({ kind: "succeeded", output: { status } });
  });

  test("tells when to come again", async () => {
    const waiting = (value: string) => get(here((answer) => answer.writeHead(503, { "retry-after": value }).end()));
    expect(await waiting("7")).toMatchObject({ failure: { retryAfterMs: 7_000 } });
    const dated = (await waiting(new Date(Date.now() + 30_000).toUTCString())) as Execution & { kind: "failed" }; // As the status says.
    expect(dated.failure.retryAfterMs).toBeGreaterThan(25_000);
    expect(dated.failure.retryAfterMs).toBeLessThanOrEqual(30_000);
    expect(await waiting("99999999999")).toMatchObject({ failure: { retryAfterMs: 24 * 3_600_000 } });
    for (const nonsense of ["soon", "-5", "1.5"]) expect(await waiting(nonsense)).not.toHaveProperty("failure.retryAfterMs");
  });
});

describe("what goes wrong on the way (F-47)", () => {
  const cut = createTcpServer((socket) => void socket.on("error", () => undefined).once("data", () => socket.destroy()));
  afterAll(() => void cut.close());
  const lost = new Promise<string>((resolve) => {
    cut.listen(0, "127.0.0.1", () => resolve(`http://127.0.0.1:${(cut.address() as AddressInfo).port}/`)); // It listens on a port.
  });

  test("before anything was sent may always be repeated", async () => {
    const config = { url: text(`http://127.0.0.1:${await freePort()}/`), json: literal({}) };
    for (const once of [false, true])
      expect(await call(config, { once })).toMatchObject({ kind: "failed", failure: { class: "transient", code: "CONNECTION_REFUSED" } });
  });

  test("after it was sent is unknown, which stays unknown where nothing may be repeated (I-17)", async () => {
    const config = { url: text(await lost), json: literal({}) };
    expect(await call(config)).toMatchObject({ kind: "failed", failure: { class: "transient", code: "CONNECTION_LOST" } });
    expect(await call(config, { once: true })).toMatchObject({ kind: "lost", reason: expect.stringContaining("nobody knows") });
  });

  test("a stop in the middle is one, and unknown where nothing may be repeated", async () => {
    const stopped = async (once: boolean): Promise<Execution> => {
      const stopping = new AbortController();
      return get(
        here(() => stopping.abort("timeout")),
        { json: literal({}) },
        { once, signal: stopping.signal },
      );
    };
    expect(await stopped(false)).toEqual({ kind: "stopped" });
    expect(await stopped(true)).toMatchObject({ kind: "lost" });
  });

  test("private addresses need the author's word (S-19)", async () => {
    const answer = await call({ url: text(`${origin}/x`), network: literal("public") });
    expect(answer).toMatchObject({
      kind: "failed",
      failure: { class: "policy", code: "ADDRESS_REFUSED", hint: expect.stringContaining("network: private") },
    });
  });

  test("the service is blamed for what is its own", async () => {
    const blames = async (config: Record<string, Field>): Promise<boolean | undefined> => step.blames?.(await call(config));
    expect(await blames({ url: text(`http://127.0.0.1:${await freePort()}/`) })).toBe(true);
    expect(await blames({ url: text(`${origin}${here((answer) => answer.writeHead(500).end())}`) })).toBe(true);
    expect(await blames({ url: text(`${origin}${here((answer) => answer.writeHead(404).end())}`) })).toBe(false);
    expect(await blames({ url: text(`${origin}/x`), network: literal("public") })).toBe(false);
    expect(step.target?.(makeContext(makeStep("webhook", { url: text("https://a.test:8443/path?q") })))).toBe(
      "webhook:https://a.test:8443",
    );
  });
});

describe("a callback", () => {
  test("is asked for in header, body and query, and waited for", async () => {
    const path = here();
    const callback = literal({ header: "X-Reply-To", field: "reply_to", query: "cb", expires: "2h" });
    const before = Date.now();
    const answer = await get(path, { json: literal({ a: 1 }), callback });
    const request = seen.at(-1) as Seen; // One has just come.
    const url = request.headers["x-reply-to"];
    expect(url).toMatch(/^https:\/\/troupe\.test\/callbacks\/run_/);
    expect(JSON.parse(request.body)).toEqual({ a: 1, reply_to: url });
    expect(new URL(request.url, origin).searchParams.get("cb")).toBe(url);
    expect(answer).toMatchObject({
      kind: "parked",
      until: {
        parking: { kind: "callback", token: "d1", response: { status: 200, json: { ok: true } } },
        onDue: { kind: "failed", failure: { class: "timeout", code: "CALLBACK_EXPIRED" } },
      },
    });
    const { dueAt } = (answer as Execution & { kind: "parked" }).until; // As just seen.
    expect(dueAt).toBeGreaterThanOrEqual(before + 7_200_000);
  });

  test("has an address that no answer brings into the journal", async () => {
    const repeat = (status: number) => {
      const path = here((answer) => {
        answer
          .writeHead(status, { "content-type": "application/json" })
          .end(JSON.stringify({ url: seen.at(-1)?.headers["troupe-callback-url"] }));
      });
      return get(path, { callback: literal({}) }, { runId: "run_1" as RunId });
    };
    for (const status of [200, 500]) expect(JSON.stringify(await repeat(status))).not.toContain("run_1.it");
  });

  test("is not waited for when the call failed", async () => {
    const path = here((answer) => answer.writeHead(500).end());
    expect(await get(path, { callback: literal({}) })).toMatchObject({ kind: "failed" });
  });
});
