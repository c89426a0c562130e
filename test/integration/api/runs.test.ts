/** Runs through the API: started, followed, steered, decided, over a restart of the server. */
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { EventView } from "../../../src/contract/event-view.ts";
import type { RunView } from "../../../src/contract/run-view.ts";
import { folderOfFile, json, type OpenApi, openApi } from "../../support/api-bench.ts";
import { eventually } from "../../support/eventually.ts";

let api: OpenApi;
const root = folderOfFile(() => api);
beforeAll(async () => {
  api = await openApi(join(root, "state"));
});

const workflow = (...lines: readonly string[]): string => `name: sample\nsteps:\n${lines.map((line) => `  ${line}\n`).join("")}`;
const HELLO = workflow("- { id: a, type: template, template: \"hello {{ input.to ?? 'you' }}\" }");
/** Goes on once a file is there. */
const holding = (go: string): string =>
  workflow(`- { id: a, run: "until [ -e ${go} ]; do sleep 0.02; done" }`, "- { id: b, needs: a, run: 'true' }");

async function post<TBody = RunView>(path: string, body: unknown = {}, headers: Readonly<Record<string, string>> = {}) {
  const response = await api.call(api.token("admin"), "POST", `/api/v1${path}`, json(body, headers));
  return { status: response.status, location: response.headers.get("location"), body: (await response.json()) as TBody };
}

async function get<TBody>(path: string): Promise<TBody> {
  return (await (await api.call(api.token("admin"), "GET", `/api/v1${path}`)).json()) as TBody;
}

const start = async (text: string): Promise<string> => (await post("/runs", { definition: text })).body.id;
const stateOf = async (run: string): Promise<string> => (await get<RunView>(`/runs/${run}`)).state;
const untilState = (run: string, state: string): Promise<void> => eventually(async () => expect(await stateOf(run)).toBe(state), 15_000);

/** Events as they come, until `enough` says so or the stream ends. */
async function follow(
  run: string,
  last: number,
  enough: (events: readonly EventView[]) => boolean = () => false,
): Promise<readonly EventView[]> {
  const stop = new AbortController();
  const headers = { accept: "text/event-stream", ...(last > 0 && { "last-event-id": String(last) }) };
  const response = await api.call(api.token("viewer"), "GET", `/api/v1/runs/${run}/events`, { headers, signal: stop.signal });
  if (response.status === 204) return [];
  const events: EventView[] = [];
  let text = "";
  try {
    for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += chunk;
      const parts = text.split("\n\n");
      text = parts.pop() ?? "";
      for (const part of parts) {
        const data = /^data: (.*)$/m.exec(part)?.[1];
        if (data === undefined) continue;
        const event = JSON.parse(data) as EventView;
        expect(part).toContain(`id: ${event.seq}\nevent: ${event.type}\n`);
        events.push(event);
      }
      if (enough(events)) break;
    }
  } catch (thrown) {
    // The server has gone; what has come is what counts.
    if (!(thrown instanceof TypeError)) throw thrown;
  }
  stop.abort();
  return events;
}

describe("a run", () => {
  test("is started by what it is, and has an address", async () => {
    for (const sent of [HELLO, { name: "sample", steps: [{ id: "a", type: "template", template: "hello {{ input.to }}" }] }]) {
      const { status, location, body } = await post("/runs", { definition: sent, input: { to: "me" } });
      expect([status, location]).toEqual([202, `/api/v1/runs/${body.id}`]);
      await untilState(body.id, "succeeded");
      expect(await get(`/runs/${body.id}`)).toMatchObject({ tenant: "default", steps: [{ id: "a", output: { text: "hello me" } }] });
    }
  });

  test("is the same for the same key, and another one's key may not be used for something else (I-8)", async () => {
    const key = { "idempotency-key": "nightly" };
    const [first, second] = [await post("/runs", { definition: HELLO }, key), await post("/runs", { definition: HELLO }, key)];
    expect(second.body.id).toBe(first.body.id);
    expect(await post("/runs", { definition: HELLO, input: { to: "x" } }, key)).toMatchObject({
      status: 409,
      body: { code: "IDEMPOTENCY_MISMATCH" },
    });
  });

  test("of a workflow that is wrong is refused with every mistake and its line", async () => {
    const { status, body } = await post<{ errors: unknown }>("/runs", {
      definition: workflow("- { id: a, runn: 1 }", "- { id: a, run: x }"),
    });
    expect([status, body.errors]).toEqual([422, expect.arrayContaining([expect.objectContaining({ code: "DEF_NO_TYPE", line: 3 })])]);
  });

  test("of a workflow that names files of the server is refused (S-15)", async () => {
    const { status, body } = await post<unknown>("/runs", { definition: workflow("- { id: a, type: agent, prompt_file: /etc/passwd }") });
    expect([status, JSON.stringify(body)]).toEqual([422, expect.not.stringContaining("root:")]);
  });

  test("is found in pages, newest first, by its state", async () => {
    const ids: string[] = [];
    for (let count = 0; count < 3; count++) ids.unshift(await start(HELLO));
    interface Page {
      readonly runs: readonly { id: string }[];
      readonly next: string | null;
    }
    const first = await get<Page>("/runs?limit=2");
    const second = await get<Page>(`/runs?limit=1&cursor=${first.next}`);
    expect([...first.runs, ...second.runs].map(({ id }) => id)).toEqual(ids);
    for (const id of ids) await untilState(id, "succeeded");
    expect((await get<Page>("/runs?state=canceled&state=failed")).runs).toEqual([]);
  });

  test("is paused, resumed, canceled, and run again", async () => {
    const go = join(root, "go-steered");
    const run = await start(holding(go));
    await untilState(run, "running");
    expect((await post(`/runs/${run}/pause`)).body.detail).toBe("running.paused");
    expect((await get<readonly { state: string }[]>(`/runs/${run}/why`))[0]?.state).toBe("running.paused");
    expect((await api.call(api.token("operator"), "POST", `/api/v1/runs/${run}/resume`)).status).toBe(200);
    expect((await post(`/runs/${run}/cancel`, { reason: "enough" })).status).toBe(200);
    await untilState(run, "canceled");
    expect(await post(`/runs/${run}/cancel`)).toMatchObject({ status: 409, body: { code: "RUN_ALREADY_FINISHED" } });
    writeFileSync(go, "");
    const again = await post(`/runs/${run}/retry`);
    expect([again.status, again.body.parent]).toEqual([202, { runId: run, relation: "retry", from: null }]);
    await untilState(again.body.id, "succeeded");
    const fork = await post(`/runs/${again.body.id}/fork`, { from: "b" });
    await untilState(fork.body.id, "succeeded");
    expect(await post(`/runs/${run}/fork`, { from: "zzz" })).toMatchObject({ status: 404, body: { code: "STEP_NOT_FOUND" } });
  });

  test("is decided by whoever may, about exactly what was shown (S-36)", async () => {
    const run = await start(workflow('- { id: ask, type: approval, prompt: "Go on?" }'));
    const pending = async () => (await get<readonly { run: string; digest: string }[]>("/approvals")).filter((one) => one.run === run);
    await eventually(async () => expect(await pending()).toHaveLength(1), 10_000);
    const [asked] = await pending();
    const decide = (digest: string, role: "operator" | "approver") =>
      api.call(api.token(role), "POST", `/api/v1/approvals/${run}`, json({ decision: "approved", digest }));
    expect((await decide("0".repeat(64), "approver")).status).toBe(409);
    expect((await decide(asked?.digest ?? "", "operator")).status).toBe(403);
    expect((await decide(asked?.digest ?? "", "approver")).status).toBe(200);
    await untilState(run, "succeeded");
    expect((await get<RunView>(`/runs/${run}`)).steps[0]?.output).toMatchObject({ by: "approver of default" });
  });
});

describe("what a step printed", () => {
  const read = (path: string, role: "viewer" | "admin" = "viewer") => api.call(api.token(role), "GET", `/api/v1${path}`);

  test("is read in parts, attempt by attempt, and is harmless to a browser (S-17)", async () => {
    const html = "<script>alert(1)</script>";
    const run = await start(
      workflow(`- { id: a, retry: { max: 1, base: 1ms, jitter: none, exit_codes: [1] }, run: "printf '${html}'; echo no >&2; exit 1" }`),
    );
    await untilState(run, "failed");
    const whole = await read(`/runs/${run}/logs/a`);
    expect([await whole.text(), whole.headers.get("troupe-log-attempt"), whole.headers.get("troupe-log-ended")]).toEqual([
      html,
      "2",
      "true",
    ]);
    expect(Object.fromEntries(whole.headers)).toMatchObject({
      "content-type": "text/plain; charset=utf-8",
      "x-content-type-options": "nosniff",
      "content-security-policy": expect.stringContaining("sandbox"),
      "content-disposition": expect.stringContaining("attachment"),
    });
    expect(await (await read(`/runs/${run}/logs/a?attempt=1&stream=stderr`)).text()).toBe("no\n");
    expect(await (await read(`/runs/${run}/logs/a?from=${whole.headers.get("troupe-log-end")}`)).text()).toBe("");
  });

  test.each(["..%2F..%2Ftroupe.db", "%2e%2e", "a%00", "..%5c..", "%252e%252e%252f", "result.json", "a%2F1"])(
    "is nothing else, however its step is written: %s (S-15)",
    async (step) => {
      const run = await start(workflow("- { id: a, run: echo hi }"));
      await untilState(run, "succeeded");
      expect((await read(`/runs/${run}/logs/${step}`)).status).toBe(404);
    },
  );
});

describe("events", () => {
  test("come as pages of JSON, and under the names of an older system", async () => {
    const run = await start(HELLO);
    await untilState(run, "succeeded");
    const { events } = await get<{ events: readonly EventView[] }>(`/runs/${run}/events?after=1`);
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 2));
    const headers = { accept: "text/event-stream" };
    const text = await (await api.call(api.token("viewer"), "GET", `/api/v1/runs/${run}/events?names=execution`, { headers })).text();
    expect(text).toContain("event: EXECUTION_COMPLETED\n");
  });

  test("come once, in order, until the run is at rest; a client that has them all is sent away", async () => {
    const go = join(root, "go-followed");
    const run = await start(holding(go));
    const following = follow(run, 0);
    await eventually(async () => expect(await stateOf(run)).toBe("running"));
    writeFileSync(go, "");
    const events = await following;
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
    expect(events.at(-1)?.type).toBe("run.succeeded");
    expect(await follow(run, events.length)).toEqual([]);
  });

  test("go on where a client was cut off, over a restart of the server", async () => {
    const go = join(root, "go-restarted");
    const run = await start(holding(go));
    let first: readonly EventView[] = [];
    const cut = follow(run, 0, (events) => {
      first = events;
      return false;
    });
    await eventually(() => expect(first.map(({ type }) => type)).toContain("step.started"), 10_000);
    await api[Symbol.asyncDispose]();
    first = await cut;
    api = await openApi(join(root, "state"));
    const rest = follow(run, first.at(-1)?.seq ?? 0);
    writeFileSync(go, "");
    const all = [...first, ...(await rest)];
    expect(all.map(({ seq }) => seq)).toEqual(all.map((_, index) => index + 1));
    expect(all.at(-1)?.type).toBe("run.succeeded");
    expect(existsSync(go)).toBe(true);
  });

  test("of a client that has gone are read no longer", async () => {
    const go = join(root, "go-gone");
    const run = await start(holding(go));
    await follow(run, 0, (events) => events.length > 0);
    writeFileSync(go, "");
    await untilState(run, "succeeded");
    expect(api.warnings).toEqual([]);
  });
});
