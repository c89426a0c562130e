/** Runs: started, listed, looked at, steered. */
import type { Caller, Right } from "../access.ts";
import type { Api } from "../api.ts";
import { callerOf } from "../guard.ts";
import {
  CancelBody,
  ForkBody,
  ListQuery,
  NoBody,
  ProblemAnswer,
  ReleaseBody,
  Run,
  RunPage,
  RunParams,
  StartBody,
  StartHeaders,
  WaitingList,
  WhyQuery,
} from "../schemas.ts";
import type { RunAction, RunService } from "../service.ts";

const PAGE = 50;

export function runRoutes(app: Api, service: RunService): void {
  app.post(
    "/runs",
    {
      config: needs("operate"),
      schema: { ...told("Start a run"), body: StartBody, headers: StartHeaders, response: { 202: Run, "4xx": ProblemAnswer } },
    },
    async (request, reply) => {
      const { "idempotency-key": key, traceparent, tracestate } = request.headers;
      const run = await service.start(
        {
          ...request.body,
          ...(key !== undefined && { key }),
          ...(traceparent !== undefined && { traceparent }),
          ...(tracestate !== undefined && { tracestate }),
        } as Parameters<RunService["start"]>[0], // The schema says what it is.
        callerOf(request),
      );
      return reply.code(202).header("location", `/api/v1/runs/${run.id}`).send(run);
    },
  );

  app.get(
    "/runs",
    { config: needs("read"), schema: { ...told("List runs, newest first"), querystring: ListQuery, response: { 200: RunPage } } },
    (request) => {
      const { state, workflow, cursor, limit = String(PAGE) } = request.query;
      const count = Number(limit);
      // One more tells whether there is a next page.
      const found = service.list(
        {
          limit: count + 1,
          ...(state !== undefined && { states: [state].flat() }),
          ...(workflow !== undefined && { workflow }),
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
    { config: needs("read"), schema: { ...told("Look at a run"), params: RunParams, response: { 200: Run, "4xx": ProblemAnswer } } },
    (request) => service.view(request.params.run, callerOf(request)),
  );

  app.get(
    "/runs/:run/why",
    {
      config: needs("read"),
      schema: { ...told("What a run or a step waits for"), params: RunParams, querystring: WhyQuery, response: { 200: WaitingList } },
    },
    (request) => service.why(request.params.run, request.query.step, callerOf(request)),
  );

  const acting = { config: needs("operate") };
  const answers = { params: RunParams, response: { 200: Run, 202: Run, "4xx": ProblemAnswer } };
  app.post("/runs/:run/cancel", { ...acting, schema: { ...told("Cancel a run"), body: CancelBody, ...answers } }, (request) =>
    service.act(request.params.run, { kind: "cancel", reason: request.body?.reason ?? null }, callerOf(request)),
  );
  app.post(
    "/runs/:run/release",
    { ...acting, schema: { ...told("Release a quarantined step"), body: ReleaseBody, ...answers } },
    (request) => service.act(request.params.run, { kind: "release", step: request.body.step }, callerOf(request)),
  );
  for (const kind of ["pause", "resume"] as const)
    app.post(`/runs/:run/${kind}`, { ...acting, schema: { ...told(`Let a run ${kind}`), body: NoBody, ...answers } }, (request) =>
      service.act(request.params.run, { kind }, callerOf(request)),
    );
  const linked = async (run: string, action: RunAction, caller: Caller, reply: Heading) => {
    const next = await service.act(run, action, caller);
    reply.code(202);
    reply.header("location", `/api/v1/runs/${next.id}`);
    return next;
  };
  app.post(
    "/runs/:run/retry",
    { ...acting, schema: { ...told("Run again what did not succeed"), body: NoBody, ...answers } },
    (request, reply) => linked(request.params.run, { kind: "retry" }, callerOf(request), reply),
  );
  app.post(
    "/runs/:run/fork",
    { ...acting, schema: { ...told("Run again from a step on"), body: ForkBody, ...answers } },
    (request, reply) => linked(request.params.run, { kind: "fork", from: request.body.from }, callerOf(request), reply),
  );
}

interface Heading {
  code(status: 202): unknown;
  header(name: string, value: string): unknown;
}

function needs(right: Right): { readonly right: Right } {
  return { right };
}

function told(summary: string): { readonly summary: string; readonly tags: string[] } {
  return { summary, tags: ["runs"] };
}
