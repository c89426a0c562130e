/** Events over a WebSocket: who is let in (S-24), what is told, and what a client cannot do to the others (S-29). */
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createConnection } from "node:net";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { RunView } from "../../../src/contract/run-view.ts";
import { ALL_RUNS, STREAM_CLOSE, type StreamMessage } from "../../../src/contract/stream-message.ts";
import { callerOfKey, createKey, revokeKey } from "../../../src/main/api-keys.ts";
import { folderOfFile, json, type OpenApi, openApi } from "../../support/api-bench.ts";
import { eventually } from "../../support/eventually.ts";
import { connectSocket, type SocketClient } from "../../support/socket-client.ts";

let api: OpenApi;
const root = folderOfFile(() => api);
const state = join(root, "state");
const HELLO = "name: hello\nsteps:\n  - { id: a, type: template, template: hello }\n";
const holding = (go: string): string =>
  `name: held\nsteps:\n  - { id: a, run: "until [ -e ${go} ]; do sleep 0.02; done" }\n  - { id: b, needs: a, run: 'true' }\n`;
beforeAll(async () => {
  api = await openApi(state);
});

type Client = SocketClient<StreamMessage>;
type Told = Extract<StreamMessage, { type: "event" }>;

const origin = () => `http://127.0.0.1:${new URL(api.url).port}`;
const connect = (options: Parameters<typeof connectSocket>[1] = {}) => connectSocket<StreamMessage>(`${api.url}/api/v1/stream`, options);
const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
async function enter(token = api.token("viewer")): Promise<Client> {
  const client = await connect(bearer(token));
  if (typeof client === "number") throw new Error(`refused: ${client}`);
  await client.first(({ type }) => type === "ready");
  return client;
}
async function start(text: string, tenant = "default"): Promise<string> {
  const response = await api.call(api.token("admin", tenant), "POST", "/api/v1/runs", json({ definition: text }));
  return ((await response.json()) as RunView).id;
}
const told = (client: Client, run?: string): readonly Told[] =>
  client.heard.filter((message): message is Told => message.type === "event" && (run === undefined || message.run === run));
const seqsOf = (client: Client, run: string): readonly number[] => told(client, run).map(({ event }) => event.seq);
const rested = (client: Client, run: string) => client.first((message) => message.type === "rest" && message.run === run);

describe("a WebSocket is opened", () => {
  test.each<[string, boolean, "none" | "key" | "cookie" | "wrong", number | "open" | "ready"]>([
    ["a program", false, "none", 401],
    ["a program", false, "wrong", 401],
    ["a program", false, "cookie", 401],
    ["a program", false, "key", "ready"],
    ["our own page", true, "none", "open"],
    ["our own page", true, "cookie", "open"],
    ["our own page", true, "wrong", 401],
    ["our own page", true, "key", "ready"],
  ])("by %s (origin: %s) with credential %s: %s (S-24)", async (_, hasOrigin, credential, expected) => {
    const opened = api.sessions.open({ key: api.token("admin") });
    const headers = {
      none: {},
      key: { authorization: `Bearer ${api.token("viewer")}` },
      wrong: { authorization: "Bearer tr_wrong" },
      cookie: { cookie: `troupe_${new URL(api.url).port}=${opened?.token}` },
    }[credential];
    const client = await connect({ headers, ...(hasOrigin && { origin: origin() }) });
    if (typeof expected === "number") return expect(client).toBe(expected);
    const { first, say, closed, heard } = client as Client;
    if (expected === "ready") return expect(await first(() => true)).toEqual({ type: "ready" });
    // It hears nothing before it says who it is, and a cookie does not say it.
    say({ type: "subscribe", run: ALL_RUNS });
    expect([(await closed)[0], heard]).toEqual([STREAM_CLOSE.refused, []]);
  });

  test.each([
    "null",
    "http://evil.test",
    "http://127.0.0.1:1",
    "http://localhost.evil",
    "http://127.0.0.1.evil",
    "file://",
    "chrome-extension://abc",
    "ws://127.0.0.1",
  ])("by no page of %s, whatever it knows (S-24, S-26)", async (foreign) => {
    for (const headers of [{}, { authorization: `Bearer ${api.token("admin")}` }])
      expect(await connect({ origin: foreign, headers })).toBe(403);
  });

  test("for our own host only (S-23)", async () => {
    for (const host of ["evil.test", "127.0.0.1:1"])
      expect(await connect({ headers: { host, authorization: `Bearer ${api.token("admin")}` } })).toBe(421);
  });

  test("or its connection is ended: nobody who is refused holds a socket (S-29)", async () => {
    const { port } = new URL(api.url);
    for (const path of ["/api/v1/stream", "/api/v1/runs", "/nowhere", "/healthz"]) {
      const socket = createConnection(Number(port), "127.0.0.1");
      let answer = "";
      socket.on("data", (chunk) => {
        answer += chunk;
      });
      socket.write(
        `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n`,
      );
      await once(socket, "close");
      expect([path, answer.slice(0, 12)]).toEqual([path, expect.not.stringContaining("200 ok")]);
    }
  });

  test("by a ticket that a page has asked for, once", async () => {
    const opened = api.sessions.open({ ticket: api.sessions.newTicket(callerOfKey({ name: "ann", role: "viewer", tenant: "default" })) });
    const cookie = `troupe_${new URL(api.url).port}=${opened?.token}`;
    const view = (await (await api.call("", "GET", "/api/v1/session", { headers: { cookie } })).json()) as { csrf: string };
    const ask = (headers: Readonly<Record<string, string>>) => api.call("", "POST", "/api/v1/session/stream-ticket", { headers });
    expect((await ask({ cookie })).status).toBe(403);
    const { ticket: token } = (await (await ask({ cookie, "x-troupe-csrf": view.csrf })).json()) as { ticket: string };
    const clients = await Promise.all([1, 2].map(() => connect({ origin: origin() }) as Promise<Client>));
    const [one, two] = clients as [Client, Client];
    one.say({ type: "authenticate", token });
    await one.first(({ type }) => type === "ready");
    two.say({ type: "authenticate", token });
    expect((await two.closed)[0]).toBe(STREAM_CLOSE.refused);
  });

  test("and nothing else answers there", async () => {
    const response = await api.call(api.token("viewer"), "GET", "/api/v1/stream");
    expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([426, "API_UPGRADE"]);
    expect(await connectSocket(`${api.url}/api/v1/runs`, bearer(api.token("viewer")))).not.toBe(101);
  });
});

describe("a subscription", () => {
  test("tells every event of a run once, in order, and that it is at rest", async () => {
    const client = await enter();
    const run = await start(HELLO);
    client.say({ type: "subscribe", run });
    await rested(client, run);
    const events = told(client, run);
    expect(events.map(({ event }) => event.seq)).toEqual(events.map((_, index) => index + 1));
    expect(events.at(-1)?.event.type).toBe("run.succeeded");
    expect(events.every(({ position }, index) => index === 0 || position > (events[index - 1]?.position ?? 0))).toBe(true);
  });

  test("of many runs over one connection mixes none of them up, and one may be ended without the others", async () => {
    const client = await enter();
    const go = join(root, "go-many");
    const runs = await Promise.all(Array.from({ length: 5 }, () => start(holding(go))));
    for (const run of runs) client.say({ type: "subscribe", run });
    const [left = "", ...stayed] = runs;
    await eventually(
      () => expect(runs.every((run) => told(client, run).some(({ event }) => event.type === "step.started"))).toBe(true),
      10_000,
    );
    client.say({ type: "unsubscribe", run: left });
    // Messages are obeyed in order: the answer to this one says that the one before was.
    client.say({ type: "subscribe", run: stayed[0] });
    await client.first(({ type }) => type === "error");
    writeFileSync(go, "");
    for (const run of stayed) await rested(client, run);
    for (const run of stayed) expect(seqsOf(client, run)).toEqual(seqsOf(client, run).map((_, index) => index + 1));
    expect(told(client, left).some(({ event }) => event.type === "run.succeeded")).toBe(false);
  });

  test("goes on from any event on, over a restart of the server (I-6)", async () => {
    const go = join(root, "go-restarted");
    const run = await start(holding(go));
    const first = await enter();
    first.say({ type: "subscribe", run });
    await first.first((message) => message.type === "event" && message.event.type === "step.started");
    await api[Symbol.asyncDispose]();
    expect((await first.closed)[0]).toBe(STREAM_CLOSE.ended);
    api = await openApi(state);
    const second = await enter();
    second.say({ type: "subscribe", run, after: seqsOf(first, run).at(-1) });
    writeFileSync(go, "");
    await rested(second, run);
    const all = [...seqsOf(first, run), ...seqsOf(second, run)];
    expect(all).toEqual(all.map((_, index) => index + 1));
  });

  test("of all runs is of those of the tenant, in one order, from any place on (S-31)", async () => {
    const client = await enter();
    client.say({ type: "subscribe", run: ALL_RUNS });
    // Answered at once, so what is asked after it comes after it.
    client.say({ type: "subscribe", run: ALL_RUNS });
    await client.first(({ type }) => type === "error");
    const own = [await start(HELLO), await start(HELLO)];
    const foreign = await start(HELLO, "other");
    own.push(await start(HELLO));
    const isEnd = (run: string) => (message: StreamMessage) =>
      message.type === "event" && message.run === run && message.event.to === "succeeded" && message.event.stepId === undefined;
    for (const run of own) await client.first(isEnd(run));
    const other = await enter(api.token("viewer", "other"));
    other.say({ type: "subscribe", run: ALL_RUNS, after: 0 });
    await other.first(isEnd(foreign));
    expect(told(client).some(({ run }) => run === foreign)).toBe(false);
    expect(told(other).every(({ run, event }) => run === foreign && event.tenant === "other")).toBe(true);
    const positions = told(client).map(({ position }) => position);
    expect(positions).toEqual(positions.toSorted((one, two) => one - two));
    const again = await enter();
    again.say({ type: "subscribe", run: ALL_RUNS, after: positions[4] });
    await again.first(isEnd(own.at(-1) ?? ""));
    expect(told(again).map(({ position }) => position)).toEqual(positions.slice(5));
  });

  test("of another tenant's run, or of none, is refused alike (S-31)", async () => {
    const client = await enter();
    const foreign = await start(HELLO, "other");
    for (const run of [foreign, `run_${"0".repeat(32)}`]) {
      client.say({ type: "subscribe", run });
      expect(await client.first((message) => message.type === "error" && message.run === run)).toMatchObject({ code: "RUN_NOT_FOUND" });
    }
    expect(told(client)).toEqual([]);
  });
});

describe("a client", () => {
  test.each([
    "{",
    "null",
    '{"type":"shout"}',
    '{"type":"subscribe","run":"../x"}',
    '{"type":"authenticate","token":"x"}',
    Buffer.from([1, 2, 3]),
  ])("that says %s is sent away, and the server goes on (S-29)", async (message) => {
    const client = await enter();
    client.socket.send(message);
    expect((await client.closed)[0]).toBe(STREAM_CLOSE.badMessage);
    await enter();
    expect(api.warnings).toEqual([]);
  });

  test("that says too much at once is cut off", async () => {
    const client = await enter();
    client.say(`{"type":"${"x".repeat(20_000)}"}`);
    expect((await client.closed)[0]).toBe(1009);
    const many = await enter();
    for (let count = 0; count < 3_100; count++) many.say({ type: "unsubscribe", run: ALL_RUNS });
    expect((await many.closed)[0]).toBe(STREAM_CLOSE.tooMany);
  });

  test("that sends no frames but bytes ends its own connection (S-29)", async () => {
    const client = await enter();
    const { _socket: raw } = client.socket as unknown as { _socket: NodeJS.WritableStream }; // Below what ws lets anybody say.
    raw.write(Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff]));
    await client.closed;
    await enter();
  });

  test("has a bounded number of subscriptions", async () => {
    const client = await enter();
    const go = join(root, "go-bounded");
    const run = await start(holding(go));
    const ids = Array.from({ length: 201 }, (_, index) => `run_${index.toString(16).padStart(32, "0")}`);
    client.say({ type: "subscribe", run: ALL_RUNS });
    client.say({ type: "subscribe", run });
    for (const id of ids) client.say({ type: "subscribe", run: id });
    await client.first((message) => message.type === "error" && message.run === ids.at(-1));
    // Those that are refused take no place.
    expect(client.heard.filter((message) => message.type === "error" && message.code === "API_RATE")).toEqual([]);
    writeFileSync(go, "");
    await rested(client, run);
  });

  test("whose key is revoked is let in no more", async () => {
    const { token, key } = createKey(state, { name: "ann", role: "viewer", tenant: "default" });
    await enter(token);
    revokeKey(state, key.id);
    expect(await connect(bearer(token))).toBe(401);
  });

  test("is counted while it is there", async () => {
    await eventually(() => expect(api.streams()).toEqual({ sse: 0, websocket: 0 }));
    const clients = [await enter(), await enter()];
    expect(api.streams().websocket).toBe(2);
    for (const { socket } of clients) socket.terminate();
    await eventually(() => expect(api.streams().websocket).toBe(0));
  });
});
