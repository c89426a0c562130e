/** Who gets in, and what for (S-22 to S-28, S-31, S-33, S-49). */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mayDo, type Right } from "../../../src/api/access.ts";
import { ROLES } from "../../../src/contract/role.ts";
import { createKey, listKeys, revokeKey } from "../../../src/main/api-keys.ts";
import { folderOfFile, json, type OpenApi, openApi } from "../../support/api-bench.ts";

let foreign = "";
let api: OpenApi;
const state = folderOfFile(() => api);
const HELLO = "name: hello\nsteps:\n  - { id: a, type: template, template: hello }\n";

beforeAll(async () => {
  api = await openApi(state);
  const response = await api.call(api.token("admin", "other"), "POST", "/api/v1/runs", json({ definition: HELLO }));
  foreign = ((await response.json()) as { id: string }).id;
});

const guarded = () => api.routes.filter(({ right }) => right !== "nobody");
/** Of things of the other tenant. */
const pathOf = (url: string): string => {
  const path = url
    .replace(":run", foreign)
    .replace(":step", "a")
    .replace(":name", "theirs")
    .replace(":tool", "codex")
    .replace(":schedule", "n%2F1")
    .replace(":hook", "hk_x");
  return url.endsWith("/diff") ? `${path}?with=${foreign}` : path;
};
/** A body that the route's schema takes. */
function bodyFor(url: string): Omit<RequestInit, "method"> {
  const bodies: Readonly<Record<string, unknown>> = {
    "/api/v1/runs": { workflow: "theirs" },
    "/api/v1/runs/:run/fork": { from: "a" },
    "/api/v1/runs/:run/release": { step: "a" },
    "/api/v1/runs/:run/skip": { step: "a" },
    "/api/v1/runs/:run/fail": { step: "a" },
    "/api/v1/runs/:run/override": { step: "a", output: 1 },
    "/api/v1/validate": { source: HELLO },
    "/api/v1/workflows/:name": { source: HELLO.replace("hello", "theirs") },
    "/api/v1/approvals/:run": { decision: "approved", digest: "0".repeat(64) },
  };
  return json(bodies[url] ?? {});
}

describe("a request", () => {
  test("without a key, or with one that nobody gave out, is let in nowhere but where nothing is told (S-22)", async () => {
    expect(guarded().length).toBeGreaterThan(12);
    for (const token of ["", "tr_nobody", `${api.token("admin")}x`])
      for (const { method, url } of guarded()) {
        const response = await api.call(token, method, pathOf(url), method === "POST" || method === "PUT" ? bodyFor(url) : {});
        expect([method, url, response.status, response.headers.get("www-authenticate")]).toEqual([method, url, 401, "Bearer"]);
      }
    expect((await api.call("", "GET", "/healthz")).status).toBe(200);
  });

  test("may do what the role of its key may do, on every route, and nothing else (S-27)", async () => {
    for (const role of ROLES)
      for (const { method, url, right } of guarded().filter((route) => route.right !== "signature")) {
        const tenant = url === "/metrics" ? "default" : "other"; // It is about the whole process.
        const hasBody = method === "POST" || method === "PUT";
        const { status } = await api.call(api.token(role, tenant), method, pathOf(url), hasBody ? bodyFor(url) : {});
        expect([role, method, url, status === 403]).toEqual([role, method, url, !mayDo({ role }, right as Right)]);
      }
  });

  test("finds nothing of another tenant, by whichever route (S-31)", async () => {
    expect(
      (await api.call(api.token("admin", "other"), "PUT", "/api/v1/workflows/theirs", bodyFor("/api/v1/workflows/:name"))).status,
    ).toBe(201);
    // The name of an event is nobody's: it starts what the caller's own tenant deployed.
    const named = guarded().filter(
      ({ method, url }) => method !== "PUT" && /:(run|name|tool|schedule)/.test(url) && !url.includes("/events/:name"),
    );
    expect(named.length).toBeGreaterThan(24);
    for (const { method, url } of named) {
      const { status } = await api.call(api.token("admin"), method, pathOf(url), method === "POST" || method === "PUT" ? bodyFor(url) : {});
      expect([method, url, status]).toEqual([method, url, 404]);
    }
    const list = await (await api.call(api.token("admin"), "GET", "/api/v1/runs")).json();
    expect(list).toEqual({ runs: [], next: null });
    expect(await (await api.call(api.token("admin"), "GET", "/api/v1/approvals")).json()).toEqual([]);
  });

  test("by a path that only looks like one is not let in (S-27)", async () => {
    const near = [
      "//api/v1/runs",
      "/api/v1/runs/",
      "/API/V1/RUNS",
      "/api/v1/runs;x",
      "/api/v1/%72uns/..",
      "/api/v1/runs%2f",
      "/api/v1/runs/healthz",
    ];
    for (const path of near) expect([path, await rawStatus(path, {})]).toEqual([path, expect.toBeOneOf([400, 401, 404])]);
  });

  test("by a method that a route does not have is told which it has", async () => {
    const response = await api.call(api.token("admin"), "PUT", "/api/v1/runs");
    expect([response.status, response.headers.get("allow")]).toEqual([405, expect.stringContaining("POST")]);
  });
});

describe("a caller is refused", () => {
  test.each([
    ["evil.test", 421],
    ["127.0.0.1", 421],
    ["127.0.0.1:1", 421],
    ["localhost.evil.test", 421],
    ["troupe.example.org", 200],
    ["", 421],
  ])("that calls the host %j (S-23): %i", async (host, status) => {
    expect(await rawStatus("/healthz", { host })).toBe(status);
  });

  test("from a page of another origin (S-25, S-26)", async () => {
    const { port } = new URL(api.url);
    const own = [`http://127.0.0.1:${port}`, `http://localhost:${port}`, "https://troupe.example.org"];
    const others = [
      "null",
      "http://evil.test",
      "http://localhost.evil",
      "http://localhost",
      "file://",
      `ftp://127.0.0.1:${port}`,
      "http://127.0.0.1.evil:80",
    ];
    for (const origin of own) expect([origin, await rawStatus("/healthz", { origin })]).toEqual([origin, 200]);
    for (const origin of others) expect([origin, await rawStatus("/healthz", { origin })]).toEqual([origin, 403]);
    for (const site of ["cross-site", "same-site"]) expect(await rawStatus("/healthz", { "sec-fetch-site": site })).toBe(403);
    const response = await api.call(api.token("admin"), "GET", "/api/v1/runs");
    expect([...response.headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
  });

  test.each(["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/xml", "application/jsonx"])(
    "with a body of the type %s (S-18, S-25)",
    async (type) => {
      const response = await api.call(api.token("admin"), "POST", "/api/v1/runs", { body: "{}", headers: { "content-type": type } });
      expect([response.status, response.headers.get("content-type")]).toEqual([415, expect.stringContaining("application/problem+json")]);
    },
  );

  test("with names that nobody knows, and is told where (S-33)", async () => {
    const response = await api.call(api.token("admin"), "POST", "/api/v1/runs", json({ definition: HELLO, tenant: "other" }));
    expect([response.status, await response.json()]).toEqual([
      400,
      expect.objectContaining({ code: "API_REQUEST", detail: expect.stringContaining("`tenant`") }),
    ]);
  });

  test("with a body that is too large", async () => {
    const response = await api.call(api.token("admin"), "POST", "/api/v1/runs", json({ definition: "x".repeat(3_000_000) }));
    expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([413, "API_BODY_LARGE"]);
  });
});

test("what goes wrong inside is told by a number only (S-49)", async () => {
  const { createServer } = await import("../../../src/api/server.ts");
  const warnings: string[] = [];
  const fail = (): never => {
    throw new Error("SELECT secret FROM /etc/passwd");
  };
  const service = new Proxy({}, { get: () => fail }) as never;
  const caller = { name: "ann", role: "admin", tenant: "default" } as never;
  await using server = await createServer({
    service,
    triggers: service,
    reader: service,
    workflows: service,
    plant: service,
    findCaller: () => caller,
    feed: service,
    inspect: null,
    sessions: service,
    scrape: null,
    tenant: "default",
    pages: null,
    allowedHosts: [],
    version: "0",
    warn: (text) => void warnings.push(text),
  });
  const url = await server.listen({ host: "127.0.0.1", port: 0 });
  const response = await fetch(`${url}/api/v1/runs`, { headers: { authorization: "Bearer x" } });
  const body = await response.text();
  expect([response.status, JSON.parse(body).code]).toEqual([500, "INV_UNCAUGHT"]);
  expect(body).not.toMatch(/SELECT|passwd|\bat /);
  expect(warnings).toEqual([expect.stringContaining(JSON.parse(body).requestId)]);
});

describe("keys", () => {
  const directory = mkdtempSync(join(tmpdir(), "troupe-keys-"));
  afterAll(() => rmSync(directory, { recursive: true }));
  const file = join(state, "keys.json");

  test("are kept as digests, for their owner only (S-28)", () => {
    const { token, key } = createKey(directory, { name: "ci", role: "operator", tenant: "default" });
    const text = readFileSync(join(directory, "keys.json"), "utf8");
    expect(token).toMatch(/^tr_[\w-]{43}$/);
    expect(text).not.toContain(token);
    expect(statSync(join(directory, "keys.json")).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(directory, ".gitignore"), "utf8")).toBe("*\n");
    expect(listKeys(directory)).toEqual([key]);
  });

  test("count at once, and no more once they are revoked", async () => {
    const { token, key } = createKey(state, { name: "ci", role: "viewer", tenant: "default" });
    const status = async () => (await api.call(token, "GET", "/api/v1/runs")).status;
    expect(await status()).toBe(200);
    expect([revokeKey(state, key.id), revokeKey(state, key.id)]).toEqual([true, false]);
    expect(await status()).toBe(401);
  });

  test("of a damaged file let nobody in", async () => {
    const { token } = createKey(state, { name: "ci", role: "viewer", tenant: "default" });
    writeFileSync(file, "{");
    expect((await api.call(token, "GET", "/api/v1/runs")).status).toBe(401);
    expect(api.warnings).toEqual([expect.stringContaining("keys.json")]);
    rmSync(file);
  });
});

/** Sends what `fetch` would not. */
function rawStatus(path: string, headers: Readonly<Record<string, string>>): Promise<number | undefined> {
  const { port } = new URL(api.url);
  return new Promise((resolve, reject) => {
    request({ host: "127.0.0.1", port, path, headers, setHost: headers.host === undefined }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on("error", reject)
      .end();
  });
}
