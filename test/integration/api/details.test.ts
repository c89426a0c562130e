/** A run in parts, as the API tells it: now, as it was, and however large it is. */
import { beforeAll, describe, expect, test } from "vitest";
import type { Statecharts } from "../../../src/contract/chart.ts";
import type { DefinitionView } from "../../../src/contract/definition-view.ts";
import type { GraphView } from "../../../src/contract/graph-view.ts";
import type { QuarantinedView } from "../../../src/contract/quarantined-view.ts";
import type { RunDiffView } from "../../../src/contract/run-diff.ts";
import type { RunReport } from "../../../src/contract/run-report.ts";
import type { RunPage } from "../../../src/contract/run-summary.ts";
import type { RunAnswer } from "../../../src/contract/run-view.ts";
import type { SpanView } from "../../../src/contract/span-view.ts";
import type { StepDetail } from "../../../src/contract/step-detail.ts";
import { folderOfFile, json, type OpenApi, openApi } from "../../support/api-bench.ts";
import { eventually } from "../../support/eventually.ts";

let api: OpenApi;
const state = folderOfFile(() => api);
beforeAll(async () => {
  api = await openApi(state);
});

async function get<TBody>(path: string, status = 200): Promise<TBody> {
  const response = await api.call(api.token("viewer"), "GET", `/api/v1${path}`);
  const body = await response.text();
  expect([path, response.status, response.status === status ? "" : body]).toEqual([path, status, ""]);
  return JSON.parse(body) as TBody;
}

async function post(path: string, body: unknown = {}, status = 200): Promise<RunAnswer> {
  const response = await api.call(api.token("admin"), "POST", `/api/v1${path}`, json(body));
  const told = (await response.json()) as RunAnswer;
  expect([path, response.status, response.status === status ? null : told]).toEqual([path, status, null]);
  return told;
}

async function ended(definition: string, input: unknown = {}, wanted = "succeeded"): Promise<string> {
  const { id } = await post("/runs", { definition, input }, 202);
  await eventually(async () => expect((await get<RunAnswer>(`/runs/${id}`)).state).toBe(wanted), 20_000);
  return id;
}

const PAIR = `name: pair
input: { to: { type: string, default: you } }
steps:
  - { id: a, title: First, type: template, template: "hello {{ input.to }}" }
  - { id: b, type: template, template: "{{ $a.text }}!" }
`;
const BROKEN = `name: broken
steps:
  - { id: a, run: "exit 3", retry: { max: 1, base: 1ms, jitter: none, exit_codes: [3], on_exhausted: quarantine } }
  - { id: b, needs: a, run: "true" }
`;

describe("a run", () => {
  test("is told as it was after any of its events", async () => {
    const id = await ended(PAIR);
    const { events } = await get<{ events: { seq: number }[] }>(`/runs/${id}/events`);
    const last = events.at(-1)?.seq ?? 0;
    expect((await get<RunAnswer>(`/runs/${id}?at=1`)).steps.map(({ state: one }) => one)).toEqual(["pending", "pending"]);
    const now = await get<RunAnswer>(`/runs/${id}`);
    expect(await get<RunAnswer>(`/runs/${id}?at=${last}`)).toEqual(now);
    expect([now.stepsNext, now.steps.map(({ output }) => output)]).toEqual([null, [{ text: "hello you" }, { text: "hello you!" }]]);
    for (let seq = 1; seq <= last; seq++) await get(`/runs/${id}?at=${seq}`);
    for (const none of [0, last + 1]) expect(await get(`/runs/${id}?at=${none}`, 404)).toMatchObject({ code: "SEQ_NOT_FOUND" });
  });

  test("is told step by step, with attempts, inputs and why", async () => {
    const id = await ended(PAIR, { to: "me" });
    const { step, attempts, inputs, why } = await get<StepDetail>(`/runs/${id}/steps/b`);
    expect([step.output, attempts.map(({ outcome }) => outcome)]).toEqual([{ text: "hello me!" }, ["succeeded"]]);
    expect(JSON.stringify(inputs)).toContain("hello me");
    expect(why).toMatchObject([{ actor: "b", state: "succeeded" }]);
    expect(await get(`/runs/${id}/steps/nobody`, 404)).toMatchObject({ code: "STEP_NOT_FOUND" });
  });

  test("shows the shape of its graph, its definition and its figures", async () => {
    const id = await ended(PAIR);
    const graph = await get<GraphView>(`/runs/${id}/graph`);
    expect(graph.nodes.map(({ id: one, title, wave }) => [one, title, wave])).toEqual([
      ["a", "First", 1],
      ["b", null, 2],
    ]);
    expect(graph.edges).toMatchObject([{ from: "a", to: "b", because: "reference", points: expect.any(Array) }]);
    const definition = await get<DefinitionView>(`/runs/${id}/definition`);
    expect([definition.workflow, definition.source, Object.keys(definition.document)]).toEqual([
      "pair",
      null,
      expect.arrayContaining(["steps"]),
    ]);
    const report = await get<RunReport>(`/runs/${id}/stats`);
    expect([report.quality.executedSteps, report.steps.length, report.run.id]).toEqual([2, 2, id]);
    const spans = await get<readonly SpanView[]>(`/runs/${id}/trace`);
    expect(spans.slice(0, 2).map(({ role }) => role)).toEqual(["run", "step"]);
    expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1);
  });

  test("is held against another one, also of another workflow, and against nobody else's (S-31)", async () => {
    const [one, two, other] = [await ended(PAIR), await ended(PAIR, { to: "me" }), await ended(PAIR.replace("name: pair", "name: other"))];
    const { diff, figures } = await get<RunDiffView>(`/runs/${one}/diff?with=${two}`);
    expect([diff.sameDefinition, diff.sameInput, diff.steps.map(({ isChanged }) => isChanged)]).toEqual([true, false, [true, true]]);
    expect([figures.left, figures.right, figures.sameDefinition]).toEqual([one, two, true]);
    expect((await get<RunDiffView>(`/runs/${one}/diff?with=${one}`)).diff.steps.some(({ isChanged }) => isChanged)).toBe(false);
    expect((await get<RunDiffView>(`/runs/${one}/diff?with=${other}`)).diff.sameWorkflow).toBe(false);
    const response = await api.call(api.token("admin", "other"), "POST", "/api/v1/runs", json({ definition: PAIR }));
    const { id: foreign } = (await response.json()) as { id: string };
    expect(await get(`/runs/${one}/diff?with=${foreign}`, 404)).toMatchObject({ code: "RUN_NOT_FOUND" });
    expect((await get<RunPage>(`/runs?q=${foreign}`)).runs).toEqual([]);
  });

  test("is found by a part of its workflow's name, by its id and by when it was created", async () => {
    const before = Date.now();
    const id = await ended(PAIR.replace("name: pair", "name: Needle-in.hay"));
    const found = async (query: string) => (await get<RunPage>(`/runs?${query}`)).runs.map((run) => run.id);
    for (const query of ["q=NEEDLE", "q=in.hay", `q=${id}`, `q=${id.slice(4, 20)}`, `q=needle&from=${before}&state=succeeded`])
      expect([query, await found(query)]).toEqual([query, [id]]);
    for (const query of [`q=needle&to=${before}`, "q=needle&state=failed", `from=${Date.now() + 60_000}`])
      expect([query, await found(query)]).toEqual([query, []]);
  });

  test.each(["' OR 1=1 --", '") UNION SELECT * FROM audit --', "%", "_", "\\", "*", "needle' AND '1'='1", "\u0000", "a;DROP TABLE runs"])(
    "is not found by a text that is meant for the database: %j (S-30)",
    async (text) => {
      await ended(PAIR);
      for (const name of ["q", "workflow", "cursor", "state", "from", "to", "limit"]) {
        const response = await api.call(api.token("viewer"), "GET", `/api/v1/runs?${name}=${encodeURIComponent(text)}`);
        expect([200, 400]).toContain(response.status);
        if (response.status === 200) expect(((await response.json()) as RunPage).runs).toEqual([]);
      }
    },
  );
});

describe("a quarantined step", () => {
  test("is listed with the reason, and is settled by who may", async () => {
    const ids = [
      await ended(BROKEN, {}, "quarantined"),
      await ended(BROKEN, {}, "quarantined"),
      await ended(BROKEN, {}, "quarantined"),
    ] as const;
    const listed = async () => (await get<readonly QuarantinedView[]>("/quarantine")).map(({ run }) => run);
    expect(await listed()).toEqual(ids);
    expect((await get<readonly QuarantinedView[]>("/quarantine"))[0]).toMatchObject({
      workflow: "broken",
      step: "a",
      attempts: 2,
      because: expect.stringContaining("3"),
      error: expect.objectContaining({ exitCode: 3 }),
    });
    const act = async (role: "operator" | "admin", run: string, kind: string, more: object) =>
      (await api.call(api.token(role), "POST", `/api/v1/runs/${run}/${kind}`, json({ step: "a", ...more }))).status;
    expect(await act("operator", ids[0], "override", { output: { version: 1 } })).toBe(403);
    expect(await act("admin", ids[0], "override", { output: { version: 1 } })).toBe(200);
    expect(await act("operator", ids[1], "skip", { reason: "told them by phone" })).toBe(200);
    expect(await act("operator", ids[2], "fail", {})).toBe(200);
    expect(await act("operator", ids[2], "skip", {})).toBe(409);
    expect(await act("operator", ids[2], "skip", { step: "nobody" })).toBe(404);
    await eventually(async () => expect((await get<RunAnswer>(`/runs/${ids[0]}`)).state).toBe("succeeded"), 15_000);
    expect((await get<RunAnswer>(`/runs/${ids[0]}`)).steps[0]?.output).toEqual({ version: 1 });
    expect((await get<RunAnswer>(`/runs/${ids[1]}`)).steps[0]?.skippedBecause).toContain("told them by phone");
    await eventually(async () => expect((await get<RunAnswer>(`/runs/${ids[2]}`)).state).toBe("failed"), 15_000);
    expect(await listed()).toEqual([]);
  });
});

test("the statecharts are those that run", async () => {
  const { run, step } = await get<Statecharts>("/statecharts");
  expect(run.states.map(({ name }) => name)).toEqual(expect.arrayContaining(["pending", "running", "succeeded", "quarantined"]));
  expect(step.initial).toBe("pending.blocked");
});
