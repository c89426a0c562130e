import { createConfig, lintFromString } from "@redocly/openapi-core";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import type { RunAnswer } from "../../../src/contract/run-view.ts";
import type { WorkflowView } from "../../../src/contract/workflow-view.ts";
import type { Json } from "../../../src/core/json.ts";
import { folderOfFile, json, type OpenApi, openApi } from "../../support/api-bench.ts";
import { eventually } from "../../support/eventually.ts";
import { anyValueOf, rightValueOf, type Schema } from "../../support/schema-values.ts";

interface Parameter {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly required?: boolean;
  readonly schema: Schema;
}
interface Media {
  readonly schema?: Schema;
}
interface Operation {
  readonly operationId?: string;
  readonly summary?: string;
  readonly tags?: readonly string[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> };
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, Media>> }>>;
}
interface Document {
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

let api: OpenApi;
const state = folderOfFile(() => api);
let document: Document;
const known = new Map<string, readonly Json[]>();

const GREET = 'name: greet\nsteps:\n  - { id: a, type: template, template: "hello" }\n';
const ASK = "name: ask\nsteps:\n  - { id: ask, type: approval, prompt: Go? }\n";
const TIMED = 'name: timed\non: { schedule: [{ cron: "0 0 1 1 *" }] }\nsteps:\n  - { id: a, type: template, template: "it is time" }\n';
const BROKEN =
  "name: broken\nsteps:\n  - { id: a, run: exit 3, retry: { max: 1, base: 1ms, exit_codes: [3], on_exhausted: quarantine } }\n";

beforeAll(async () => {
  api = await openApi(state);
  document = api.openApi() as Document;
  const admin = api.token("admin");
  const runs: string[] = [];
  const versions: string[] = [];
  for (const [name, source] of Object.entries({ greet: GREET, ask: ASK, broken: BROKEN })) {
    const deployed = await api.call(admin, "PUT", `/api/v1/workflows/${name}`, json({ source }));
    expect(deployed.status).toBe(201);
    versions.push(((await deployed.json()) as WorkflowView).version);
    const response = await api.call(admin, "POST", "/api/v1/runs", json({ workflow: name }));
    runs.push(((await response.json()) as RunAnswer).id);
  }
  const stateOf = async (run = ""): Promise<string> =>
    ((await (await api.call(admin, "GET", `/api/v1/runs/${run}`)).json()) as RunAnswer).detail;
  await eventually(async () => expect(await stateOf(runs[0])).toBe("succeeded"), 15_000);
  await eventually(async () => expect(await stateOf(runs[2])).toBe("quarantined"), 15_000);
  known.set("run", runs);
  known.set("with", runs);
  known.set("step", ["a", "ask"]);
  known.set("name", ["greet", "ask", "broken"]);
  const timed = await api.call(admin, "PUT", "/api/v1/workflows/timed", json({ source: TIMED }));
  expect([timed.status, await timed.text()]).toEqual([201, expect.any(String)]);
  const scheduled = async () => (await (await api.call(admin, "GET", "/api/v1/schedules")).json()) as { id: string }[];
  await eventually(async () => expect(await scheduled()).toHaveLength(1), 10_000);
  known.set("schedule", [(await scheduled())[0]?.id ?? ""]);
  known.set("workflow", ["greet"]);
  const nameless = "steps:\n  - { id: a, run: x }\n";
  known.set("source", [GREET, ASK, nameless, nameless, nameless, "steps: ["]);
  known.set("version", versions.slice(0, 1));
  known.set("definition", [GREET]);
  known.set("if-match", ["*"]);
  known.set("if-none-match", ["*"]);
  known.set("tool", ["codex"]);
  known.set("at", ["1", "2", "3"]);
  known.set("from", ["a", "2026-01-01", "0"]);
});

const operations = (): readonly (readonly [string, string, Operation])[] =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => [method.toUpperCase(), path, operation] as const),
  );

describe("the document", () => {
  test("has every route, and no other", () => {
    const served = api.routes
      .filter(({ isDescribed }) => isDescribed)
      .map(({ method, url }) => `${method} ${url.replaceAll(/:(\w+)/g, "{$1}")}`);
    expect(
      operations()
        .map(([method, path]) => `${method} ${path}`)
        .sort(),
    ).toEqual(served.sort());
    expect(served.length).toBeGreaterThan(40);
  });

  test("tells of each route what it is for, and types every answer, refusals too", () => {
    const tags = new Set(document.tags.map(({ name }) => name));
    const ids = new Set<string>();
    for (const [method, path, { operationId = "", summary = "", tags: own = [], responses }] of operations()) {
      const name = `${method} ${path}`;
      expect([
        name,
        ids.has(operationId),
        operationId.length > 3,
        summary.length > 8,
        own.every((tag) => tags.has(tag)),
        own.length,
      ]).toEqual([name, false, true, true, true, 1]);
      ids.add(operationId);
      expect([name, Object.keys(responses)]).toEqual([name, expect.arrayContaining([expect.stringMatching(/^2\d\d$/), "4XX", "5XX"])]);
      for (const [status, { content = {} }] of Object.entries(responses)) {
        if (status === "204") continue;
        expect([
          name,
          status,
          Object.values(content).every(({ schema }) => schema !== undefined && Object.keys(schema).length > 0),
        ]).toEqual([name, status, true]);
        if (/^[45]/.test(status) && status !== "503") expect([name, Object.keys(content)]).toEqual([name, ["application/problem+json"]]);
      }
    }
  });

  test("is in good form", async () => {
    const config = await createConfig({ extends: ["recommended"] });
    const problems = await lintFromString({ source: JSON.stringify(document), absoluteRef: "openapi.json", config });
    expect(problems.map(({ ruleId, message, location }) => `${ruleId}: ${message} ${location[0]?.pointer ?? ""}`)).toEqual([]);
    const spoilt = JSON.stringify(document).replace('"operationId":"listRuns"', '"operationId":"showRun"');
    expect((await lintFromString({ source: spoilt, absoluteRef: "openapi.json", config })).map(({ ruleId }) => ruleId)).toEqual([
      "operation-operationId-unique",
    ]);
  });
});

/** Objects of an answer hold what the document says of them, and nothing else. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== "object" || schema === null) return schema;
  const members = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]));
  return "properties" in members && !("additionalProperties" in members) ? { ...members, additionalProperties: false } : members;
}

function createJudge() {
  const ajv = new Ajv2020({ strict: false, allErrors: false });
  ajv.addSchema(closed(document) as object, "openapi");
  const compiled = new Map<string, ValidateFunction>();
  return (path: string, method: string, status: string, type: string): ValidateFunction => {
    const pointer = ["paths", path, method.toLowerCase(), "responses", status, "content", type, "schema"]
      .map((part) => encodeURIComponent(part.replaceAll("~", "~0").replaceAll("/", "~1")))
      .join("/");
    let judge = compiled.get(pointer);
    if (judge === undefined) {
      judge = ajv.compile({ $ref: `openapi#/${pointer}` });
      compiled.set(pointer, judge);
    }
    return judge;
  };
}

const SEED = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31);
const REQUESTS = Number(process.env.FUZZ_RUNS ?? 40);

interface Asked {
  readonly path: Readonly<Record<string, Json>>;
  readonly query: Readonly<Record<string, Json>>;
  readonly headers: Readonly<Record<string, Json>>;
  readonly body: Json | undefined;
  readonly role: "viewer" | "admin";
}

/** Most of the requests are meant to be right, whoever asks and wherever it leads. */
function askedOf(operation: Operation): fc.Arbitrary<Asked> {
  return fc.oneof(
    { weight: 2, arbitrary: requestWith(operation, rightValueOf) },
    { weight: 1, arbitrary: requestWith(operation, anyValueOf) },
  );
}

function requestWith({ parameters = [], requestBody }: Operation, make: typeof rightValueOf): fc.Arbitrary<Asked> {
  const part = (where: Parameter["in"]): fc.Arbitrary<Record<string, Json>> => {
    const own = parameters.filter((parameter) => parameter.in === where);
    const members = Object.fromEntries(own.map(({ name, schema }) => [name, make(schema, known, name)]));
    return fc.record(members, { requiredKeys: own.filter(({ required }) => required === true).map(({ name }) => name) }) as fc.Arbitrary<
      Record<string, Json>
    >;
  };
  const schema = requestBody?.content["application/json"]?.schema;
  return fc.record({
    path: part("path"),
    query: part("query"),
    headers: make === rightValueOf ? fc.oneof({ weight: 3, arbitrary: fc.constant({}) }, part("header")) : part("header"),
    body: schema === undefined ? fc.constant(undefined) : make(schema, known),
    role: fc.constantFrom("admin" as const, "admin" as const, "viewer" as const),
  });
}

const toText = (value: Json): string => (typeof value === "string" ? value : JSON.stringify(value));
/** A lone surrogate has no form in a URL. */
const encode = (value: Json): string => encodeURIComponent(toText(value).toWellFormed());

function send(method: string, path: string, { path: parts, query, headers, body, role }: Asked): Promise<Response> {
  const url = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encode(parts[name] ?? "").replace(/^\.{1,2}$/, "%2e"));
  const search = Object.entries(query).flatMap(([name, value]) => [value].flat().map((one) => `${name}=${encode(one)}`));
  // What no header can hold would not leave this process.
  const sent = Object.entries(headers).flatMap(([name, value]) => {
    const text = toText(value);
    return /^[\t\x20-\x7e]*$/.test(text) ? [[name, text] as const] : [];
  });
  const payload = body === undefined ? {} : { body: JSON.stringify(body) };
  return api.call(api.token(role), method, `${url}${search.length > 0 ? `?${search.join("&")}` : ""}`, {
    ...payload,
    headers: { ...Object.fromEntries(sent), ...(body !== undefined && { "content-type": "application/json" }) },
  });
}

test("whatever is asked, nothing breaks; refusals are problems, and answers are what the document says", async () => {
  process.stdout.write(`requests are made from seed ${SEED} (FUZZ_SEED replays them)\n`);
  const judgeOf = createJudge();
  const statuses = new Map<number, number>();
  const answered = new Set<string>();
  // Last: what is removed cannot be asked about.
  const ordered = [...operations()].sort(([one], [other]) => Number(one === "DELETE") - Number(other === "DELETE"));
  for (const [method, path, operation] of ordered)
    await fc.assert(
      fc.asyncProperty(askedOf(operation), async (asked) => {
        const response = await send(method, path, asked);
        const { status, headers } = response;
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        const text = await response.text();
        expect([status < 500, status, text.slice(0, 500)]).toEqual([true, status, text.slice(0, 500)]);
        const type = headers.get("content-type")?.split(";")[0] ?? "";
        if (status >= 400) expect(type).toBe("application/problem+json");
        if (status < 400) answered.add(`${method} ${path}`);
        if (status === 204 || type === "text/plain") return;
        const judge = judgeOf(path, method, status >= 400 ? "4XX" : String(status), type);
        expect([judge(JSON.parse(text)), judge.errors, text.slice(0, 300)]).toEqual([true, null, text.slice(0, 300)]);
      }),
      { seed: SEED, numRuns: REQUESTS },
    );
  process.stdout.write(`answers by status: ${JSON.stringify(Object.fromEntries([...statuses].sort()))}\n`);
  expect(api.warnings).toEqual([]);
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  // A generator that never gets anything right shows nothing. Some need a state or a key that nobody draws by lot; they have tests of their own.
  const silent = ordered.map(([method, path]) => `${method} ${path}`).filter((name) => !answered.has(name));
  expect(
    silent.filter(
      (name) =>
        !/\/(retry|fork|release|skip|fail|override|pause|resume|cancel|reset|logs\/\{step\})$|approvals\/\{run\}|POST \/api\/v1\/session$|\/\{hook\}$/.test(
          name,
        ),
    ),
  ).toEqual([]);
}, 300_000);

test.each([
  "text/plain",
  "application/json\tcharset=utf-8",
  "APPLICATION/JSON ; x",
  "application/json;boundary=x",
  "multipart/form-data",
  "application/json, text/plain",
  "",
])("a body of the type %j is no upload, and is judged like any other (S-18)", async (type) => {
  for (const [method, path, operation] of operations()) {
    if (operation.requestBody === undefined) continue;
    const url = path
      .replace("{run}", String(known.get("run")?.[0]))
      .replace("{name}", "greet")
      .replace("{schedule}", "greet%2F1")
      .replace("{tool}", "codex");
    const response = await api.call(api.token("admin"), method, url, {
      body: new TextEncoder().encode('{"unknown":1}'),
      headers: type === "" ? {} : { "content-type": type },
    });
    // An event may be any JSON: then there is nothing to judge but that it is JSON.
    const isAny = path.startsWith("/api/v1/events/");
    // Logging in is limited, whatever is sent.
    const fine = [400, 415, ...(isAny ? [202, 401, 404] : []), ...(path.endsWith("/session") ? [429] : [])];
    expect([path, type, response.status]).toEqual([path, type, expect.toBeOneOf(fine)]);
  }
});
