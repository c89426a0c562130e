/** Workflows: deployed, looked at, removed; and texts that are checked before they are. */
import { Type } from "typebox";
import type { Api } from "../api.ts";
import { expectedOf } from "../expected.ts";
import { callerOf } from "../guard.ts";
import { object } from "../schemas/shared.ts";
import {
  ChangeHeaders,
  Check,
  Graph,
  Plan,
  PlanQuery,
  RetryList,
  SourceBody,
  VersionQuery,
  Workflow,
  WorkflowPage,
  WorkflowParams,
  WorkflowsQuery,
} from "../schemas/workflows.ts";
import { sendJson } from "../send-json.ts";
import type { WorkflowService } from "../workflow-service.ts";
import { about, needs } from "./about.ts";

const PAGE = 100;
const WORKERS = 4;

export function workflowRoutes(app: Api, service: WorkflowService): void {
  app.get(
    "/workflows",
    {
      config: needs("read"),
      schema: {
        ...about({ id: "listWorkflows", summary: "Deployed workflows, by name", tag: "workflows", answers: { 200: WorkflowPage } }),
        querystring: WorkflowsQuery,
      },
    },
    (request) => {
      const { limit = String(PAGE), cursor } = request.query;
      return service.list({ limit: Number(limit), ...(cursor !== undefined && { after: cursor }) }, callerOf(request));
    },
  );
  app.get(
    "/workflows/:name",
    {
      config: needs("read"),
      schema: {
        ...about({
          id: "showWorkflow",
          summary: "A deployed workflow, its text and its history",
          tag: "workflows",
          description: "Its `ETag`, sent back as `If-Match`, keeps a change from undoing somebody else's.",
          answers: { 200: Workflow },
        }),
        params: WorkflowParams,
        querystring: VersionQuery,
      },
    },
    (request, reply) => {
      const { value, tag } = service.show(request.params.name, request.query.version, callerOf(request));
      reply.header("etag", `"${tag}"`);
      return value;
    },
  );
  app.put(
    "/workflows/:name",
    {
      config: needs("edit"),
      schema: {
        ...about({
          id: "deployWorkflow",
          summary: "Deploy a workflow, or another version of it",
          tag: "workflows",
          description: "Runs that have been started keep the version that they have.",
          answers: { 200: Workflow, 201: Workflow },
        }),
        params: WorkflowParams,
        body: SourceBody,
        headers: ChangeHeaders,
      },
    },
    async (request, reply) => {
      const { name } = request.params;
      const expected = expectedOf(request.headers);
      const { value, tag, isNew } = await service.deploy(name, request.body.source, expected, callerOf(request));
      reply.code(isNew ? 201 : 200);
      reply.header("etag", `"${tag}"`);
      if (isNew) reply.header("location", `/api/v1/workflows/${name}`);
      return value;
    },
  );
  app.delete(
    "/workflows/:name",
    {
      config: needs("edit"),
      schema: {
        ...about({
          id: "removeWorkflow",
          summary: "Deploy a workflow no more",
          tag: "workflows",
          description: "Its runs stay, and go on with what they were started with.",
          answers: { 204: Type.Unsafe<undefined>({ type: "null", description: "It is deployed no more." }) },
        }),
        params: WorkflowParams,
        headers: ChangeHeaders,
      },
    },
    async (request, reply) => {
      await service.remove(request.params.name, expectedOf(request.headers), callerOf(request));
      return reply.code(204).send(undefined);
    },
  );
  computedRoutes(app, service);
}

/** What is computed from a workflow. */
function computedRoutes(app: Api, service: WorkflowService): void {
  app.get(
    "/workflows/:name/graph",
    {
      config: needs("read"),
      schema: {
        ...about({ id: "workflowGraph", summary: "The graph of a workflow, laid out", tag: "workflows", answers: { 200: Graph } }),
        params: WorkflowParams,
        querystring: VersionQuery,
      },
    },
    async (request, reply) => sendJson(reply, await service.graph(request.params.name, request.query.version, callerOf(request))),
  );
  app.get(
    "/workflows/:name/plan",
    {
      config: needs("read"),
      schema: {
        ...about({ id: "workflowPlan", summary: "What a run of it would take", tag: "workflows", answers: { 200: Plan } }),
        params: WorkflowParams,
        querystring: PlanQuery,
      },
    },
    (request) => {
      const { version, workers = String(WORKERS) } = request.query;
      const how = { workers: Number(workers), ...(version !== undefined && { version }) };
      return service.plan(request.params.name, how, callerOf(request));
    },
  );
  app.get(
    "/workflows/:name/retry",
    {
      config: needs("read"),
      schema: {
        ...about({ id: "workflowRetry", summary: "How its steps are tried again", tag: "workflows", answers: { 200: RetryList } }),
        params: WorkflowParams,
        querystring: VersionQuery,
      },
    },
    (request) => service.retry(request.params.name, request.query.version, callerOf(request)),
  );
  app.post(
    "/validate",
    {
      config: needs("edit"),
      schema: {
        ...about({
          id: "validateWorkflow",
          summary: "Check a text as `troupe validate` does",
          tag: "workflows",
          description: "Nothing is run, and no code is loaded.",
          answers: { 200: Check },
        }),
        body: SourceBody,
      },
    },
    (request) => service.check(request.body.source),
  );
  app.get(
    "/schema",
    {
      config: needs("read"),
      schema: about({ id: "workflowSchema", summary: "The JSON Schema of workflow files", tag: "workflows", answers: { 200: object } }),
    },
    () => service.schema(),
  );
}
