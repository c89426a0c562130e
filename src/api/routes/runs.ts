/** Runs: started, listed, looked at, steered. */
import type { Caller } from "../access.ts";
import type { Api } from "../api.ts";
import { callerOf } from "../guard.ts";
import {
  CancelBody,
  ForkBody,
  ListQuery,
  NoBody,
  OverrideBody,
  ReleaseBody,
  Run,
  RunPage,
  RunParams,
  SettleBody,
  StartBody,
  StartHeaders,
  ViewQuery,
  WaitingList,
  WhyQuery,
} from "../schemas/runs.ts";
import type { RunAction, RunService, StartedWorkflow, StartRequest } from "../service.ts";
import { about, needs } from "./about.ts";

const PAGE = 50;

export function runRoutes(app: Api, service: RunService): void {
  app.post(
    "/runs",
    {
      config: needs("operate"),
      schema: {
        ...about({
          id: "startRun",
          summary: "Start a run",
          tag: "runs",
          description: "Of a deployed workflow, by its name; with a key that may edit also of a definition that is sent along.",
          answers: { 202: Run },
        }),
        body: StartBody,
        headers: StartHeaders,
      },
    },
    async (request, reply) => {
      const { "idempotency-key": key, traceparent, tracestate } = request.headers;
      const { input, context, priority, concurrency } = request.body;
      const run = await service.start(
        {
          workflow: startedBy(request.body as AskedWorkflow),
          ...(input !== undefined && { input }),
          ...(context !== undefined && { context }),
          ...(priority !== undefined && { priority }),
          ...(concurrency !== undefined && { concurrency }),
          ...(key !== undefined && { key }),
          ...(traceparent !== undefined && { traceparent }),
          ...(tracestate !== undefined && { tracestate }),
        } as StartRequest, // The schema says what it is.
        callerOf(request),
      );
      return reply.code(202).header("location", `/api/v1/runs/${run.id}`).send(run);
    },
  );

  app.get(
    "/runs",
    {
      config: needs("read"),
      schema: {
        ...about({ id: "listRuns", summary: "List runs, newest first", tag: "runs", answers: { 200: RunPage } }),
        querystring: ListQuery,
      },
    },
    (request) => {
      const { state, workflow, q, from, to, cursor, limit = String(PAGE) } = request.query;
      const count = Number(limit);
      // One more tells whether there is a next page.
      const found = service.list(
        {
          limit: count + 1,
          ...(state !== undefined && { states: [...new Set([state].flat())] }),
          ...(workflow !== undefined && { workflow }),
          ...(q !== undefined && { text: q }),
          ...(from !== undefined && { createdFrom: Number(from) }),
          ...(to !== undefined && { createdBefore: Number(to) }),
          ...(cursor !== undefined && { before: cursor }),
        },
        callerOf(request),
      );
      const runs = found.slice(0, count);
      return { runs, next: found.length > count ? (runs.at(-1)?.id ?? null) : null };
    },
  );

  app.get(
    "/runs/:run",
    {
      config: needs("read"),
      schema: {
        ...about({ id: "showRun", summary: "Look at a run, now or as it was", tag: "runs", answers: { 200: Run } }),
        params: RunParams,
        querystring: ViewQuery,
      },
    },
    (request) => {
      const { at } = request.query;
      return service.view(request.params.run, at === undefined ? null : Number(at), callerOf(request));
    },
  );

  app.get(
    "/runs/:run/why",
    {
      config: needs("read"),
      schema: {
        ...about({ id: "whyRun", summary: "What a run or a step waits for", tag: "runs", answers: { 200: WaitingList } }),
        params: RunParams,
        querystring: WhyQuery,
      },
    },
    (request) => service.why(request.params.run, request.query.step, callerOf(request)),
  );

  actionRoutes(app, service);
}

function actionRoutes(app: Api, service: RunService): void {
  const acting = { config: needs("operate") };
  const told = (id: string, summary: string) => ({
    ...about({ id, summary, tag: "runs", answers: { 200: Run } }),
    params: RunParams,
  });
  const toldNext = (id: string, summary: string) => ({
    ...about({ id, summary, tag: "runs", answers: { 202: Run } }),
    params: RunParams,
  });
  app.post("/runs/:run/cancel", { ...acting, schema: { ...told("cancelRun", "Cancel a run"), body: CancelBody } }, (request) =>
    service.act(request.params.run, { kind: "cancel", reason: request.body?.reason ?? null }, callerOf(request)),
  );
  for (const kind of ["pause", "resume"] as const)
    app.post(`/runs/:run/${kind}`, { ...acting, schema: { ...told(`${kind}Run`, `Let a run ${kind}`), body: NoBody } }, (request) =>
      service.act(request.params.run, { kind }, callerOf(request)),
    );
  app.post(
    "/runs/:run/release",
    { ...acting, schema: { ...told("releaseStep", "Let a quarantined step run again"), body: ReleaseBody } },
    (request) => service.act(request.params.run, { kind: "release", step: request.body.step }, callerOf(request)),
  );
  for (const [kind, summary] of [
    ["skip", "Count a quarantined step as skipped"],
    ["fail", "Count a quarantined step as failed"],
  ] as const)
    app.post(`/runs/:run/${kind}`, { ...acting, schema: { ...told(`${kind}Step`, summary), body: SettleBody } }, (request) => {
      const { step, reason = null } = request.body;
      return service.act(request.params.run, { kind, step, reason }, callerOf(request));
    });
  app.post(
    "/runs/:run/override",
    {
      config: needs("edit"),
      schema: { ...told("overrideStep", "Give a quarantined step the output that it has had"), body: OverrideBody },
    },
    (request) => {
      const { step, output } = request.body;
      return service.act(request.params.run, { kind: "override", step, output } as RunAction, callerOf(request)); // Any JSON.
    },
  );
  const linked = async (run: string, action: RunAction, caller: Caller, reply: Heading) => {
    const next = await service.act(run, action, caller);
    reply.code(202);
    reply.header("location", `/api/v1/runs/${next.id}`);
    return next;
  };
  app.post(
    "/runs/:run/retry",
    { ...acting, schema: { ...toldNext("retryRun", "Run again what did not succeed"), body: NoBody } },
    (request, reply) => linked(request.params.run, { kind: "retry" }, callerOf(request), reply),
  );
  app.post(
    "/runs/:run/fork",
    { ...acting, schema: { ...toldNext("forkRun", "Run again from a step on"), body: ForkBody } },
    (request, reply) => linked(request.params.run, { kind: "fork", from: request.body.from }, callerOf(request), reply),
  );
}

type AskedWorkflow =
  | { readonly workflow: string; readonly version?: string }
  | { readonly definition: Extract<StartedWorkflow, { kind: "sent" }>["definition"] };

function startedBy(asked: AskedWorkflow): StartedWorkflow {
  if ("definition" in asked) return { kind: "sent", definition: asked.definition };
  const { workflow, version } = asked;
  return { kind: "deployed", name: workflow, ...(version !== undefined && { version }) };
}

interface Heading {
  code(status: 202): unknown;
  header(name: string, value: string): unknown;
}
