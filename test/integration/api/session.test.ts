/** Sessions of browsers: tickets, cookies, and what keeps other pages from using them (S-22, S-25, S-28). */
import { mkdtempSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { SessionView } from "../../../src/contract/session-view.ts";
import { callerOfKey, createKey, openKeyRing, revokeKey } from "../../../src/main/api-keys.ts";
import { openSessionDesk } from "../../../src/main/session-desk.ts";
import { folderOfFile, json, type OpenApi, openApi } from "../../support/api-bench.ts";
import { rawRequest } from "../../support/raw-request.ts";

let api: OpenApi;
const root = folderOfFile(() => api);
const state = join(root, "state");
const HELLO = "name: hello\nsteps:\n  - { id: a, type: template, template: hello }\n";
const OWNER = callerOfKey({ name: "owner", role: "admin", tenant: "default" });
beforeAll(async () => {
  api = await openApi(state);
});

interface Opened {
  readonly cookie: string;
  readonly view: SessionView;
  readonly attributes: string;
}

async function logIn(proof: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Opened> {
  const response = await api.call("", "POST", "/api/v1/session", json(proof, headers));
  expect(response.status).toBe(201);
  const set = response.headers.get("set-cookie") ?? "";
  return { cookie: set.split(";")[0] ?? "", view: (await response.json()) as SessionView, attributes: set.slice(set.indexOf(";")) };
}

const withTicket = () => logIn({ ticket: api.sessions.newTicket(OWNER) });
const statusOf = async (method: string, path: string, more: Omit<RequestInit, "method">) => (await api.call("", method, path, more)).status;
const codeOf = async (method: string, path: string, more: Omit<RequestInit, "method">) =>
  ((await (await api.call("", method, path, more)).json()) as { code?: string }).code;

describe("a login link", () => {
  test("opens a session once, and then it is worth nothing (S-28)", async () => {
    const ticket = api.sessions.newTicket(OWNER);
    const { view } = await logIn({ ticket });
    expect(view).toMatchObject({ name: "owner", role: "admin", tenant: "default", rights: ["read", "operate", "approve", "edit"] });
    expect([
      await statusOf("POST", "/api/v1/session", json({ ticket })),
      await codeOf("POST", "/api/v1/session", json({ ticket })),
    ]).toEqual([401, "API_LOGIN"]);
  });

  test("that is too old opens nothing", () => {
    let now = 1_000;
    const directory = mkdtempSync(join(root, "old-"));
    const keys = openKeyRing(directory, [], expect.unreachable);
    const desk = openSessionDesk({ directory, keys, warn: expect.unreachable, now: () => now });
    const ticket = desk.newTicket(OWNER);
    now += 10 * 60 * 1_000;
    expect(desk.open({ ticket })).toBeNull();
  });

  test("that nobody gave out, or that is no text at all, opens nothing", async () => {
    for (const body of [{ ticket: "x" }, { key: "tr_nobody" }]) expect(await statusOf("POST", "/api/v1/session", json(body))).toBe(401);
    const both = { ticket: api.sessions.newTicket(OWNER), key: api.token("viewer") };
    for (const body of [{}, { ticket: "" }, { ticket: 1 }, { ticket: ["x"] }, both, "x", null, [], { ticket: "x", tenant: "other" }])
      expect([body, await statusOf("POST", "/api/v1/session", json(body))]).toEqual([body, 400]);
  });
});

describe("a session", () => {
  test("is a cookie that no script reads and no other site sends (S-25)", async () => {
    const { attributes, cookie } = await withTicket();
    expect(cookie).toMatch(/^troupe_\d+=[\w-]{43}$/);
    expect(attributes).toMatch(/; HttpOnly/);
    expect(attributes).toMatch(/; SameSite=Strict/);
    expect(attributes).toMatch(/; Path=\//);
    expect(attributes).not.toMatch(/Secure|Domain/);
  });

  test.each([
    ["the proxy that was named, over TLS", { host: "troupe.example.org", origin: "https://troupe.example.org" }, true],
    ["the proxy that was named, which says that it was TLS", { host: "troupe.example.org", "x-forwarded-proto": "https" }, true],
    ["the proxy that was named, without TLS", { host: "troupe.example.org", origin: "http://troupe.example.org" }, false],
    ["somebody who only says that it was TLS", { "x-forwarded-proto": "https" }, false],
  ])("is for TLS alone where it came by %s: %s", async (_, headers, isSecure) => {
    const body = JSON.stringify({ ticket: api.sessions.newTicket(OWNER) });
    const { headers: answered } = await rawRequest(api.url, {
      method: "POST",
      path: "/api/v1/session",
      headers: { "content-type": "application/json", ...headers },
      body,
    });
    const [cookie = ""] = answered["set-cookie"] ?? [];
    expect([/; Secure/.test(cookie), cookie.startsWith("__Host-troupe=")]).toEqual([isSecure, isSecure]);
  });

  test("does what its caller may, and sees what its caller sees", async () => {
    const { cookie, view } = await logIn({ key: api.token("viewer", "other") });
    expect([view.role, view.tenant, view.rights]).toEqual(["viewer", "other", ["read"]]);
    expect(await statusOf("GET", "/api/v1/runs", { headers: { cookie } })).toBe(200);
    const more = json({ definition: HELLO }, { cookie, "x-troupe-csrf": view.csrf ?? "" });
    expect(await codeOf("POST", "/api/v1/runs", more)).toBe("API_RIGHT");
  });

  test("shows who is there, to a key as well; only a page is told what it has to send back", async () => {
    const { cookie, view } = await withTicket();
    expect(await (await api.call("", "GET", "/api/v1/session", { headers: { cookie } })).json()).toEqual(view);
    expect(await (await api.call(api.token("operator"), "GET", "/api/v1/session")).json()).toMatchObject({ role: "operator", csrf: null });
  });

  test("ends when it is ended, for its cookie only", async () => {
    const [first, second] = [await withTicket(), await withTicket()];
    const { cookie, view } = first;
    const headers = { cookie, "x-troupe-csrf": view.csrf ?? "" };
    const response = await api.call("", "DELETE", "/api/v1/session", { headers });
    expect([response.status, response.headers.get("set-cookie")]).toEqual([204, expect.stringMatching(/^troupe_\d+=; Max-Age=0/)]);
    expect(await statusOf("GET", "/api/v1/runs", { headers: { cookie } })).toBe(401);
    expect(await statusOf("GET", "/api/v1/runs", { headers: { cookie: second.cookie } })).toBe(200);
  });

  test("outlives the server, and ends with the key that opened it (S-28)", async () => {
    const { token, key } = createKey(state, { name: "ann", role: "operator", tenant: "default" });
    const [byLink, byKey] = [await withTicket(), await logIn({ key: token })];
    await api[Symbol.asyncDispose]();
    api = await openApi(state);
    // The port is another one, and so is the name of the cookie.
    const cookieOf = ({ cookie }: Opened) => `troupe_${new URL(api.url).port}=${cookie.split("=")[1]}`;
    const look = (one: Opened) => api.call("", "GET", "/api/v1/session", { headers: { cookie: cookieOf(one) } });
    for (const one of [byLink, byKey]) expect(await (await look(one)).json()).toEqual(one.view);
    revokeKey(state, key.id);
    expect([(await look(byLink)).status, (await look(byKey)).status]).toEqual([200, 401]);
  });

  test("is kept as a digest, for its owner only (S-28)", async () => {
    const { cookie } = await withTicket();
    const text = readFileSync(join(state, "sessions.json"), "utf8");
    expect(text).not.toContain(cookie.split("=")[1]);
    expect(statSync(join(state, "sessions.json")).mode & 0o777).toBe(0o600);
  });

  test("of a key is one of fifty at most, takes nobody else's place, and ends after a week", () => {
    let now = 1_000;
    const directory = mkdtempSync(join(root, "many-"));
    const { token: key } = createKey(directory, { name: "ann", role: "viewer", tenant: "default" });
    const keys = openKeyRing(directory, [], expect.unreachable);
    const desk = openSessionDesk({ directory, keys, warn: expect.unreachable, now: () => now });
    const owners = desk.open({ ticket: desk.newTicket(OWNER) })?.token ?? "";
    const tokens = Array.from({ length: 60 }, () => desk.open({ key })?.token ?? "");
    expect(tokens.map((token) => desk.find(token) !== null)).toEqual(tokens.map((_, index) => index >= 10));
    expect(desk.find(owners)).toEqual(OWNER);
    now += 7 * 24 * 60 * 60 * 1_000;
    expect(desk.find(tokens.at(-1) ?? "")).toBeNull();
  });

  test("of a damaged file is none, and the next login makes the file anew", async () => {
    const { cookie } = await withTicket();
    writeFileSync(join(state, "sessions.json"), '[{"digest":1}]');
    expect(await statusOf("GET", "/api/v1/runs", { headers: { cookie } })).toBe(401);
    expect(api.warnings).toEqual([expect.stringContaining("sessions.json")]);
    const again = await withTicket();
    expect(await statusOf("GET", "/api/v1/runs", { headers: { cookie: again.cookie } })).toBe(200);
  });
});

describe("a page of another origin", () => {
  test("can change nothing by the cookie that the browser sends along (S-25)", async () => {
    const { cookie, view } = await withTicket();
    const { port } = new URL(api.url);
    const own = `http://127.0.0.1:${port}`;
    const other = await withTicket();
    const csrf = view.csrf ?? "";
    const attempts: readonly (readonly [Readonly<Record<string, string>>, number])[] = [
      [{ origin: own, "x-troupe-csrf": csrf }, 202],
      [{ "x-troupe-csrf": csrf }, 202],
      [{ origin: own }, 403],
      [{}, 403],
      [{ origin: own, "x-troupe-csrf": "" }, 403],
      [{ origin: own, "x-troupe-csrf": `${csrf}x` }, 403],
      [{ origin: own, "x-troupe-csrf": csrf.slice(1) }, 403],
      [{ origin: own, "x-troupe-csrf": other.view.csrf ?? "" }, 403],
      [{ origin: own, "x-troupe-csrf": cookie.split("=")[1] ?? "" }, 403],
      // The value does not help a page that is elsewhere.
      [{ origin: "http://evil.test", "x-troupe-csrf": csrf }, 403],
      [{ origin: "null", "x-troupe-csrf": csrf }, 403],
      [{ origin: `http://127.0.0.1:${Number(port) + 1}`, "x-troupe-csrf": csrf }, 403],
      [{ origin: own, "sec-fetch-site": "same-site", "x-troupe-csrf": csrf }, 403],
      [{ origin: own, "sec-fetch-site": "cross-site", "x-troupe-csrf": csrf }, 403],
    ];
    for (const [headers, status] of attempts)
      expect([headers, await statusOf("POST", "/api/v1/runs", json({ definition: HELLO }, { cookie, ...headers }))]).toEqual([
        headers,
        status,
      ]);
  });

  test("cannot log a person in as somebody else", async () => {
    const ticket = api.sessions.newTicket(OWNER);
    for (const headers of [{ origin: "http://evil.test" }, { "sec-fetch-site": "cross-site" }])
      expect(await statusOf("POST", "/api/v1/session", json({ ticket }, headers))).toBe(403);
    const form = { body: `ticket=${ticket}`, headers: { "content-type": "application/x-www-form-urlencoded" } };
    expect(await statusOf("POST", "/api/v1/session", form)).toBe(415);
    await logIn({ ticket });
  });

  test("needs more than a cookie on every route that changes something", async () => {
    const { cookie } = await withTicket();
    const changing = api.routes.filter(
      ({ method, right }) => !["GET", "HEAD"].includes(method) && right !== "nobody" && right !== "signature",
    );
    expect(changing.length).toBeGreaterThan(8);
    for (const { method, url } of changing) {
      const path = url.replace(":run", `run_${"0".repeat(32)}`);
      expect([method, url, await codeOf(method, path, json({}, { cookie }))]).toEqual([method, url, "API_CSRF"]);
    }
  });

  test("a key that is shown counts, and a wrong one is not made good by a cookie", async () => {
    const { cookie } = await withTicket();
    expect((await api.call(api.token("admin"), "POST", "/api/v1/runs", json({ definition: HELLO }, { cookie }))).status).toBe(202);
    expect((await api.call("tr_wrong", "GET", "/api/v1/runs", { headers: { cookie } })).status).toBe(401);
  });
});

test("guessing is made to wait (S-28)", async () => {
  await using other = await openApi(join(root, "guessed"));
  const statuses: number[] = [];
  for (let count = 0; count < 40; count++)
    statuses.push((await other.call("", "POST", "/api/v1/session", json({ ticket: `guess-${count}` }))).status);
  expect(statuses.slice(0, 30)).toEqual(Array.from({ length: 30 }, () => 401));
  expect(statuses.slice(30)).toEqual(Array.from({ length: 10 }, () => 429));
});
