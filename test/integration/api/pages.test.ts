/** What a browser is given: the dashboard's files, the reference, and answers that it need not fetch twice. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { folderOfFile, json, type OpenApi, openApi } from "../../support/api-bench.ts";
import { rawRequest } from "../../support/raw-request.ts";

let api: OpenApi;
const root = folderOfFile(() => api);
const pages = join(root, "web");
const INDEX = "<!doctype html><title>Troupe</title>";
beforeAll(async () => {
  mkdirSync(join(pages, "assets"), { recursive: true });
  writeFileSync(join(pages, "index.html"), INDEX);
  writeFileSync(join(pages, "favicon.svg"), "<svg/>");
  writeFileSync(join(pages, "assets", "main-B1x2.js"), "export {};");
  writeFileSync(join(pages, "assets", "main-B1x2.css"), "a {}");
  writeFileSync(join(root, "secret"), "secret");
  api = await openApi(join(root, "state"), { pages });
});

const HTML = { accept: "text/html,application/xhtml+xml,*/*;q=0.8" };
const LINK = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };
const get = (path: string, headers: Readonly<Record<string, string>> = {}) => rawRequest(api.url, { path, headers });

describe("the dashboard", () => {
  test("is files without data, for everybody, under a policy that lets nothing else in (S-22, S-39)", async () => {
    const types = {
      "/": /^text\/html/,
      "/favicon.svg": /^image\/svg/,
      "/assets/main-B1x2.js": /javascript/,
      "/assets/main-B1x2.css": /^text\/css/,
    };
    for (const [path, type] of Object.entries(types)) {
      const { status, headers } = await get(path);
      expect([path, status, headers["content-type"]]).toEqual([path, 200, expect.stringMatching(type)]);
      const policy = String(headers["content-security-policy"]);
      expect(policy).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self';/);
      expect(policy).not.toMatch(/unsafe|\*|http/);
      expect(headers).toMatchObject({ "x-content-type-options": "nosniff", "referrer-policy": "no-referrer" });
    }
  });

  test("is kept by browsers where a name stands for its content, and asked for anew where not", async () => {
    expect((await get("/assets/main-B1x2.js")).headers["cache-control"]).toBe("public, max-age=31536000, immutable");
    const { headers } = await get("/");
    expect(headers["cache-control"]).toBe("no-cache");
    expect((await get("/", { "if-none-match": String(headers.etag) })).status).toBe(304);
  });

  test("has its own addresses, which a person opens and a program does not", async () => {
    for (const path of ["/runs", "/runs/run_1", "/login", "/workflows/nightly/graph", "/a.b"]) {
      expect([path, await get(path, HTML)]).toEqual([path, expect.objectContaining({ status: 200, body: INDEX })]);
      expect([path, (await get(path)).status]).toEqual([path, 404]);
    }
    for (const path of ["/api/v1/nothing", "/api/v1", "/api/"]) expect([path, (await get(path, HTML)).status]).toEqual([path, 404]);
    expect((await rawRequest(api.url, { method: "POST", path: "/runs", headers: HTML })).status).toBe(404);
  });

  test("is where a link of another site may lead, and nothing else is", async () => {
    for (const path of ["/", "/runs/run_1"]) expect([path, (await get(path, { ...HTML, ...LINK })).status]).toEqual([path, 200]);
    for (const path of ["/healthz", "/openapi.json", "/api/v1/runs", "/docs/json", "/metrics"])
      expect([path, (await get(path, { ...HTML, ...LINK })).status]).toEqual([path, 403]);
    expect((await get("/", { ...HTML, ...LINK, "sec-fetch-dest": "iframe" })).status).toBe(403);
  });

  test.each([
    "/../secret",
    "/%2e%2e/secret",
    "/..%2fsecret",
    "/assets/../../secret",
    "/assets/..%2f..%2fsecret",
    "/..\\secret",
    "/%00",
    "//etc/passwd",
    "/index.html/..",
  ])("has no way out by %s (S-15)", async (path) => {
    const { status, body } = await get(path);
    expect([status, body.includes("secret") && !body.includes("problem") && !body.includes("API_")]).toEqual([
      expect.toBeOneOf([400, 404]),
      false,
    ]);
  });

  test("that was not built says how it is", async () => {
    for (const missing of [{}, { pages: join(root, "nowhere") }]) {
      await using other = await openApi(join(root, `unbuilt-${Object.keys(missing).length}`), missing);
      const response = await other.call("", "GET", "/", { headers: HTML });
      expect([response.status, await response.json()]).toEqual([
        404,
        expect.objectContaining({ code: "API_NO_DASHBOARD", fix: expect.stringContaining("npm run build") }),
      ]);
    }
  });
});

describe("the reference", () => {
  test("comes from this machine, under a policy of its own; what it shows needs a key", async () => {
    const page = await get("/docs", HTML);
    expect(page.status).toBe(200);
    expect(page.headers["content-security-policy"]).toMatch(/^default-src 'none'; script-src 'self';/);
    const named = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address = ""]) => address);
    expect(named.length).toBeGreaterThan(3);
    for (const address of named) {
      expect(address).toMatch(/^(\.|\/docs)\//);
      expect([address, (await get(new URL(address, `${api.url}/docs`).pathname)).status]).toEqual([address, 200]);
    }
    for (const path of ["/docs/json", "/docs/yaml", "/openapi.json"]) {
      expect([path, (await get(path)).status]).toEqual([path, 401]);
      expect((await api.call(api.token("viewer"), "GET", path)).status).toBe(200);
    }
  });
});

describe("an answer", () => {
  test("that is still the same is not sent again, and one that has changed is", async () => {
    const read = (tag: string) => api.call(api.token("viewer"), "GET", "/api/v1/runs", { headers: { "if-none-match": tag } });
    const first = await read("");
    const tag = first.headers.get("etag") ?? "";
    expect(first.headers.get("cache-control")).toBe("private, no-cache");
    const again = await read(tag);
    expect([again.status, await again.text()]).toEqual([304, ""]);
    const text = "name: hello\nsteps:\n  - { id: a, type: template, template: hello }\n";
    const sent = await api.call(api.token("admin"), "POST", "/api/v1/runs", json({ definition: text }, { "if-none-match": "*" }));
    expect(sent.status).toBe(202);
    expect((await read(tag)).status).toBe(200);
  });

  test("of one caller is no other caller's, whatever a cache in between thinks", async () => {
    const { headers } = await api.call(api.token("viewer"), "GET", "/api/v1/runs");
    expect(headers.get("vary")).toBe("authorization, cookie");
  });
});

test("metrics are for the tenant whose process it is (S-31, S-42)", async () => {
  const read = (token: string) => api.call(token, "GET", "/metrics");
  expect((await read("")).status).toBe(401);
  const answered = await read(api.token("viewer"));
  expect([answered.status, await answered.text()]).toEqual([200, "troupe_up 1\n"]);
  expect([answered.headers.get("cache-control"), answered.headers.get("x-content-type-options")]).toEqual(["no-store", "nosniff"]);
  expect((await read(api.token("admin", "other"))).status).toBe(403);
});
