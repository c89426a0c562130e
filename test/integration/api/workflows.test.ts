/** Deployed workflows through the API: put there, started, changed, removed (D14, S-33, S-47). */
import { beforeAll, describe, expect, test } from "vitest";
import { openStore } from "../../../src/adapters/store-sqlite/index.ts";
import type { PlanView } from "../../../src/contract/plan-view.ts";
import type { Role } from "../../../src/contract/role.ts";
import type { RunView } from "../../../src/contract/run-view.ts";
import type { RetryView, WorkflowPage, WorkflowView } from "../../../src/contract/workflow-view.ts";
import { folderOfFile, json, type OpenApi, openApi } from "../../support/api-bench.ts";
import { eventually } from "../../support/eventually.ts";

let api: OpenApi;
const state = folderOfFile(() => api);
beforeAll(async () => {
  api = await openApi(state);
});

const greeting = (name: string, word = "hello"): string =>
  `name: ${name}\ntitle: Says it\ninput: { to: { type: string, default: you } }\nsteps:\n  - { id: a, type: template, template: "${word} {{ input.to }}" }\n`;

interface Answer<TBody> {
  readonly status: number;
  readonly etag: string;
  readonly location: string | null;
  readonly body: TBody;
}

async function call<TBody = WorkflowView>(
  method: string,
  path: string,
  more: Omit<RequestInit, "method"> = {},
  [role, tenant]: readonly [Role, string] = ["admin", "default"],
): Promise<Answer<TBody>> {
  const response = await api.call(api.token(role, tenant), method, `/api/v1${path}`, more);
  const text = await response.text();
  const { headers, status } = response;
  return {
    status,
    etag: headers.get("etag") ?? "",
    location: headers.get("location"),
    body: (text === "" ? null : JSON.parse(text)) as TBody,
  };
}
const put = (name: string, source: string, headers: Readonly<Record<string, string>> = {}) =>
  call("PUT", `/workflows/${name}`, json({ source }, headers));
const start = (body: unknown, role: Role = "operator", tenant = "default") => call<RunView>("POST", "/runs", json(body), [role, tenant]);

async function outputOf(run: string): Promise<unknown> {
  let view: RunView | null = null;
  await eventually(async () => {
    view = (await call<RunView>("GET", `/runs/${run}`)).body;
    expect(view.state).toBe("succeeded");
  }, 15_000);
  return (view as RunView | null)?.steps[0]?.output;
}

describe("a workflow", () => {
  test("is deployed once, changed, and told with its history", async () => {
    const first = await put("greet", greeting("greet"));
    expect([first.status, first.location]).toEqual([201, "/api/v1/workflows/greet"]);
    expect(first.body).toMatchObject({
      name: "greet",
      title: "Says it",
      versions: 1,
      steps: 1,
      deployedBy: "admin of default",
      lastRun: null,
    });
    expect(first.body.inputSchema).toMatchObject({ properties: { to: { default: "you" } } });
    expect((await put("greet", greeting("greet"))).status).toBe(200);
    const second = await put("greet", greeting("greet", "good day"));
    expect([second.status, second.body.versions, second.body.history.map(({ version }) => version)]).toEqual([
      200,
      2,
      [second.body.version, first.body.version],
    ]);
    const shown = await call("GET", "/workflows/greet", {}, ["viewer", "default"]);
    expect([shown.body.source, shown.body.version]).toEqual([greeting("greet", "good day"), second.body.version]);
    expect((await call("GET", `/workflows/greet?version=${first.body.version}`)).body.source).toBe(greeting("greet"));
    expect(await call("GET", `/workflows/greet?version=${"0".repeat(64)}`)).toMatchObject({
      status: 404,
      body: { code: "WORKFLOW_VERSION_NOT_FOUND" },
    });
  });

  test("is started by its name by who may not say what is run (S-33)", async () => {
    const { body: one } = await put("by-name", greeting("by-name"));
    const { body: two } = await put("by-name", greeting("by-name", "bye"));
    const started = await start({ workflow: "by-name", input: { to: "me" } });
    expect([started.status, started.body.definitionHash]).toEqual([202, two.version]);
    expect(await outputOf(started.body.id)).toEqual({ text: "bye me" });
    const older = await start({ workflow: "by-name", version: one.version });
    expect(await outputOf(older.body.id)).toEqual({ text: "hello you" });
    expect((await start({ definition: greeting("by-name") })).status).toBe(403);
    expect((await start({ definition: greeting("by-name") }, "admin")).status).toBe(202);
    expect(await start({ workflow: "by-name", input: { to: 7 } })).toMatchObject({ status: 422, body: { code: "INPUT_INVALID" } });
    for (const neither of [{}, { workflow: "by-name", definition: "x" }, { definition: "x", version: one.version }])
      expect(await start(neither, "admin")).toMatchObject({ status: 400, body: { code: "API_REQUEST" } });
    expect(await start({ workflow: "nobody" })).toMatchObject({ status: 404, body: { code: "WORKFLOW_NOT_FOUND" } });
    expect(await start({ workflow: "by-name", version: "0".repeat(64) })).toMatchObject({ status: 404 });
    const { lastRun } = (await call("GET", "/workflows/by-name")).body;
    expect(lastRun?.id).toBeDefined();
  });

  test.each(["env", "tools", "isolation", "profile", "budget", "mocks", "tenant", "cache", "workspace", "file"])(
    "that is started by name takes no `%s` with it (S-33)",
    async (field) => {
      await put("strict", greeting("strict"));
      expect(await start({ workflow: "strict", [field]: "x" })).toMatchObject({ status: 400, body: { code: "API_REQUEST" } });
    },
  );

  test("that is wrong is refused with every mistake, and leaves the one before", async () => {
    await put("kept", greeting("kept"));
    const wrong = await put("kept", "name: kept\nsteps:\n  - { id: a, runn: 1 }\n  - { id: a, run: x }\n");
    expect([wrong.status, wrong.body]).toEqual([
      422,
      expect.objectContaining({ errors: expect.arrayContaining([expect.objectContaining({ line: 3 })]) }),
    ]);
    expect(await put("kept", greeting("another"))).toMatchObject({ status: 422, body: { code: "WORKFLOW_NAME" } });
    expect((await call("GET", "/workflows/kept")).body.source).toBe(greeting("kept"));
  });

  test.each([
    ["a prompt", "- { id: a, type: agent, prompt_file: /etc/passwd }"],
    ["a template", "- { id: a, type: template, template_file: ../../etc/passwd }"],
    ["a workflow", "- { id: a, type: workflow, workflow: ./other.troupe.yaml }"],
    ["steps", "- { include: ./other.troupe.yaml, as: x }"],
  ])("that names %s by a file of the server is refused (S-15, S-35)", async (_what, line) => {
    const { status, body } = await put("files", `name: files\nsteps:\n  ${line}\n`);
    expect([status, JSON.stringify(body)]).toEqual([422, expect.not.stringContaining("root:")]);
  });

  test("is changed by one of two who saw the same (DP3), and by nobody who expected another state", async () => {
    const { etag } = await put("shared", greeting("shared"));
    expect(etag).toMatch(/^"[^"]+"$/);
    const both = await Promise.all(["one", "two"].map((word) => put("shared", greeting("shared", word), { "if-match": etag })));
    expect(both.map(({ status }) => status).sort()).toEqual([200, 412]);
    expect(both.find(({ status }) => status === 412)?.body).toMatchObject({ code: "WORKFLOW_CHANGED" });
    expect((await put("shared", greeting("shared"), { "if-none-match": "*" })).status).toBe(412);
    expect((await put("fresh", greeting("fresh"), { "if-match": "*" })).status).toBe(412);
    expect((await put("fresh", greeting("fresh"), { "if-none-match": "*" })).status).toBe(201);
    expect(
      (await put("fresh", greeting("fresh", "x"), { "if-match": `W/"0-", ${(await call("GET", "/workflows/fresh")).etag}` })).status,
    ).toBe(200);
    for (const [name, value] of [
      ["if-match", "no-quotes"],
      ["if-none-match", '"1-"'],
    ] as const)
      expect((await put("fresh", greeting("fresh"), { [name]: value })).status).toBe(400);
    expect((await call("DELETE", "/workflows/shared", { headers: { "if-match": etag } })).status).toBe(412);
  });

  test("that is removed starts nothing more; its runs keep what they have (I-29)", async () => {
    await put("leaving", greeting("leaving"));
    const { body: run } = await start({ workflow: "leaving" });
    await outputOf(run.id);
    expect((await call("DELETE", "/workflows/leaving")).status).toBe(204);
    expect((await call("GET", "/workflows/leaving")).status).toBe(404);
    expect((await start({ workflow: "leaving" })).status).toBe(404);
    expect((await call("DELETE", "/workflows/leaving")).status).toBe(404);
    const kept = await call<{ source: string; document: unknown }>("GET", `/runs/${run.id}/definition`);
    expect(kept.body).toMatchObject({ source: greeting("leaving"), document: { name: "leaving" } });
    expect((await call("POST", `/runs/${run.id}/retry`, {}, ["operator", "default"])).status).toBe(202);
  });

  test("of one tenant is not there for another (S-31)", async () => {
    await put("mine", greeting("mine"));
    for (const [method, path] of [
      ["GET", "/workflows/mine"],
      ["GET", "/workflows/mine/graph"],
      ["GET", "/workflows/mine/plan"],
      ["GET", "/workflows/mine/retry"],
      ["DELETE", "/workflows/mine"],
    ] as const)
      expect([path, (await call(method, path, {}, ["admin", "other"])).status]).toEqual([path, 404]);
    expect((await start({ workflow: "mine" }, "operator", "other")).status).toBe(404);
    expect((await call<WorkflowPage>("GET", "/workflows", {}, ["admin", "other"])).body.workflows).toEqual([]);
    expect((await call("PUT", "/workflows/mine", json({ source: greeting("mine", "theirs") }), ["admin", "other"])).status).toBe(201);
    expect((await call("GET", "/workflows/mine")).body.source).toBe(greeting("mine"));
  });

  test("stands in a list by name, in pages", async () => {
    for (const name of ["page-b", "page-a", "page-c"]) await put(name, greeting(name));
    const names = async (query: string) => {
      const { workflows, next } = (await call<WorkflowPage>("GET", `/workflows${query}`)).body;
      return [workflows.map(({ name }) => name).filter((name) => name.startsWith("page-")), next] as const;
    };
    expect(await names("?cursor=page-&limit=2")).toEqual([["page-a", "page-b"], "page-b"]);
    expect((await names("?cursor=page-b"))[0]).toEqual(["page-c"]);
  });

  test("is noted with who deployed and who removed it, in the chain of the audit log (S-47)", async () => {
    await put("noted", greeting("noted"));
    await call("DELETE", "/workflows/noted");
    await using store = await openStore({ directory: state, durability: "full" });
    const notes = store.audits(0, 1_000).filter(({ data }) => data.name === "noted");
    expect(notes.map(({ what, actor }) => [what, actor])).toEqual([
      ["workflow.deployed", "admin of default"],
      ["workflow.removed", "admin of default"],
    ]);
    expect(store.verify().breaks).toEqual([]);
  });

  test("is there after the server was started anew", async () => {
    const { body } = await put("durable", greeting("durable"));
    await api[Symbol.asyncDispose]();
    api = await openApi(state);
    expect((await call("GET", "/workflows/durable")).body).toMatchObject({ version: body.version, source: greeting("durable") });
  });
});

describe("what is computed from a workflow", () => {
  const CHAIN = `name: chain
steps:
  - { id: a, run: "true", retry: { max: 3, base: 1s, strategy: linear, jitter: full } }
  - { id: b, needs: a, run: "true" }
  - { id: c, needs: a, run: "true" }
  - { id: d, needs: [b, c], run: "true" }
`;
  beforeAll(async () => {
    expect((await put("chain", CHAIN)).status).toBe(201);
  });

  test("is its graph, its plan and its retries", async () => {
    const graph = await call<{ nodes: { id: string; wave: number }[]; edges: unknown[] }>("GET", "/workflows/chain/graph");
    expect(graph.body.nodes.map(({ id, wave }) => [id, wave])).toEqual([
      ["a", 1],
      ["b", 2],
      ["c", 2],
      ["d", 3],
    ]);
    expect(graph.body.edges).toHaveLength(4);
    const { body: plan } = await call<PlanView>("GET", "/workflows/chain/plan?workers=1");
    expect([plan.workers, plan.waves.length, plan.makespanMs, plan.steps[0]?.p50Ms]).toEqual([1, 3, 4_000, null]);
    const { body: retry } = await call<readonly RetryView[]>("GET", "/workflows/chain/retry");
    expect(retry[0]).toMatchObject({ step: "a", maxAttempts: 4, strategy: "linear", delaysMs: [1_000, 2_000, 3_000] });
  });

  test("knows how long its steps took, of the own tenant's runs alone (S-31)", async () => {
    const { body: run } = await start({ workflow: "chain" });
    await eventually(async () => expect((await call<RunView>("GET", `/runs/${run.id}`)).body.state).toBe("succeeded"), 20_000);
    expect((await call<PlanView>("GET", "/workflows/chain/plan")).body.steps[0]?.p50Ms).toEqual(expect.any(Number));
    await call("PUT", "/workflows/chain", json({ source: CHAIN }), ["admin", "other"]);
    const theirs = await call<PlanView>("GET", "/workflows/chain/plan", {}, ["viewer", "other"]);
    expect(theirs.body.steps[0]?.p50Ms).toBeNull();
  });
});

describe("a text that is not deployed", () => {
  const check = (source: string, role: Role = "admin") =>
    call<{ ok: boolean; findings: { code: string; severity: string; line: number | null }[] }>("POST", "/validate", json({ source }), [
      role,
      "default",
    ]);

  test("is checked with the rules, and no code is loaded (S-46)", async () => {
    expect((await check(greeting("fine"))).body.ok).toBe(true);
    const { body } = await check("name: bad\nsteps:\n  - { id: a, runn: x }\n");
    expect([body.ok, body.findings[0]]).toEqual([false, expect.objectContaining({ severity: "error", line: 3 })]);
    const module = await check("name: code\nsteps:\n  - { id: a, type: function, call: ./does-not-exist.mjs#run }\n");
    expect(module.status).toBe(200);
    expect((await check(greeting("fine"), "operator")).status).toBe(403);
  });

  test.each(["\0", "[".repeat(5_000), "a: &a [*a]", "&x [*x,*x]\n", "steps: {{}}", "- - -", "\ud800"])(
    "may be anything: %j",
    async (source) => {
      expect([200, 400]).toContain((await check(source)).status);
    },
  );

  test("is judged by the schema that is published", async () => {
    const { status, body } = await call<{ properties: object }>("GET", "/schema", {}, ["viewer", "default"]);
    expect([status, Object.keys(body.properties)]).toEqual([200, expect.arrayContaining(["name", "steps"])]);
  });
});
