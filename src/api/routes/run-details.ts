/** A run in parts: its steps, its graph, its figures. */
import type { Api } from "../api.ts";
import { callerOf } from "../guard.ts";
import type { RunReader } from "../run-reader.ts";
import { Diff, Report, Trace } from "../schemas/figures.ts";
import { Definition, DiffQuery, QuarantinedList, RunParams, StepDetail, StepPage, StepParams, StepsQuery } from "../schemas/runs.ts";
import { Graph } from "../schemas/workflows.ts";
import { sendJson } from "../send-json.ts";
import { about, needs } from "./about.ts";

const PAGE = 100;

export function runDetailRoutes(app: Api, reader: RunReader): void {
  const config = needs("read");
  app.get(
    "/runs/:run/steps",
    {
      config,
      schema: {
        ...about({
          id: "listSteps",
          summary: "Steps and items of a run, in the order of its workflow",
          tag: "runs",
          description: "A page ends early where its values are large.",
          answers: { 200: StepPage },
        }),
        params: RunParams,
        querystring: StepsQuery,
      },
    },
    (request) => {
      const { state, limit = String(PAGE), cursor } = request.query;
      const query = {
        limit: Number(limit),
        ...(state !== undefined && { states: [state].flat() }),
        ...(cursor !== undefined && { after: cursor }),
      };
      return reader.steps(request.params.run, query, callerOf(request));
    },
  );
  app.get(
    "/runs/:run/steps/:step",
    {
      config,
      schema: {
        ...about({ id: "showStep", summary: "A step or an item with all that is known of it", tag: "runs", answers: { 200: StepDetail } }),
        params: StepParams,
      },
    },
    (request) => reader.step(request.params.run, request.params.step, callerOf(request)),
  );
  app.get(
    "/runs/:run/graph",
    {
      config,
      schema: {
        ...about({ id: "runGraph", summary: "The graph of a run, laid out", tag: "runs", answers: { 200: Graph } }),
        params: RunParams,
      },
    },
    async (request, reply) => sendJson(reply, await reader.graph(request.params.run, callerOf(request))),
  );
  app.get(
    "/runs/:run/stats",
    {
      config,
      schema: { ...about({ id: "runStats", summary: "The figures of a run", tag: "runs", answers: { 200: Report } }), params: RunParams },
    },
    async (request, reply) => sendJson(reply, await reader.stats(request.params.run, callerOf(request))),
  );
  app.get(
    "/runs/:run/trace",
    {
      config,
      schema: { ...about({ id: "runTrace", summary: "The spans of a run", tag: "runs", answers: { 200: Trace } }), params: RunParams },
    },
    async (request, reply) => sendJson(reply, await reader.trace(request.params.run, callerOf(request))),
  );
  app.get(
    "/runs/:run/diff",
    {
      config,
      schema: {
        ...about({ id: "diffRuns", summary: "A run beside another one", tag: "runs", answers: { 200: Diff } }),
        params: RunParams,
        querystring: DiffQuery,
      },
    },
    async (request, reply) => sendJson(reply, await reader.diff(request.params.run, request.query.with, callerOf(request))),
  );
  app.get(
    "/runs/:run/definition",
    {
      config,
      schema: {
        ...about({ id: "runDefinition", summary: "What a run was started with", tag: "runs", answers: { 200: Definition } }),
        params: RunParams,
      },
    },
    (request) => reader.definition(request.params.run, callerOf(request)),
  );
  app.get(
    "/quarantine",
    {
      config,
      schema: about({
        id: "listQuarantined",
        summary: "Steps that wait for a person to look",
        tag: "runs",
        answers: { 200: QuarantinedList },
      }),
    },
    (request) => reader.quarantined(callerOf(request)),
  );
}
