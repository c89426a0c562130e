/** The HTTP server: one Fastify instance, whose routes, limits and errors are the same for every client. */
import { randomUUID } from "node:crypto";
import rateLimit from "@fastify/rate-limit";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import fastify, { type FastifyReply } from "fastify";
import { RequestError, toError } from "../core/errors.ts";
import type { FindCaller } from "./access.ts";
import type { Api } from "./api.ts";
import { describe } from "./document.ts";
import { guard } from "./guard.ts";
import type { PlantService } from "./plant-service.ts";
import { PROBLEM_TYPE, toProblem } from "./problem.ts";
import { approvalRoutes } from "./routes/approvals.ts";
import { eventRoutes } from "./routes/events.ts";
import { healthRoutes } from "./routes/health.ts";
import { logRoutes } from "./routes/logs.ts";
import { plantRoutes } from "./routes/plant.ts";
import { runDetailRoutes } from "./routes/run-details.ts";
import { runRoutes } from "./routes/runs.ts";
import { workflowRoutes } from "./routes/workflows.ts";
import type { RunReader } from "./run-reader.ts";
import type { RunService } from "./service.ts";
import type { WorkflowService } from "./workflow-service.ts";

const PREFIX = "/api/v1";
const BODY_MAX_BYTES = 2 * 1024 * 1024;
const REQUEST_MAX_MS = 30_000;
const REQUESTS_A_MINUTE_DEFAULT = 6_000;

export interface ServerOptions {
  readonly service: RunService;
  readonly reader: RunReader;
  readonly workflows: WorkflowService;
  readonly plant: PlantService;
  readonly findCaller: FindCaller;
  /** Names besides the address by which clients may call, as `host` or `host:port` (S-23). */
  readonly allowedHosts: readonly string[];
  readonly version: string;
  /** That one address may send. @defaultValue 6,000 */
  readonly requestsAMinute?: number;
  /** Told of what is our fault; the answer names only the id. */
  readonly warn: (message: string) => void;
}

export interface HttpServer extends AsyncDisposable {
  /** @throws RequestError API_ADDRESS */
  listen(address: { readonly host: string; readonly port: number }): Promise<string>;
  readonly openApi: () => unknown;
  /** Every route with what it needs, for whoever checks them all. */
  readonly routes: readonly RouteOf[];
}

export interface RouteOf {
  readonly method: string;
  readonly url: string;
  readonly right: string;
}

export async function createServer(options: ServerOptions): Promise<HttpServer> {
  const {
    service,
    reader,
    workflows,
    plant,
    findCaller,
    allowedHosts,
    version,
    warn,
    requestsAMinute = REQUESTS_A_MINUTE_DEFAULT,
  } = options;
  const routes: RouteOf[] = [];
  const streams = new Set<AbortController>();
  let own: ReadonlySet<string> = new Set();
  const app: Api = fastify({
    bodyLimit: BODY_MAX_BYTES,
    requestTimeout: REQUEST_MAX_MS,
    forceCloseConnections: "idle",
    // A stream has no end that a HEAD could wait for.
    exposeHeadRoutes: false,
    genReqId: () => randomUUID(),
    routerOptions: { maxParamLength: 1_000 },
    // Paths that no route can be looked for by: too long, or spoilt.
    frameworkErrors: (error, request, reply) => {
      const problem = toProblem(error, request.id, { bodyBytes: BODY_MAX_BYTES });
      void (reply as FastifyReply).code(problem.status).type(PROBLEM_TYPE).send(problem); // No route has said what it answers.
    },
    // Fastify's own would take names that nobody knows away, and make numbers of texts.
    ajv: { customOptions: { removeAdditional: false, coerceTypes: false, allErrors: true } },
  }).withTypeProvider<TypeBoxTypeProvider>();
  app.setSerializerCompiler(() => (body) => JSON.stringify(body));
  app.removeContentTypeParser("text/plain"); // S-25: what a form could send is not taken.
  app.setErrorHandler((error, request, reply) => {
    const problem = toProblem(error, request.id, { bodyBytes: BODY_MAX_BYTES });
    if (problem.status >= 500) warn(`request ${request.id}: ${String(error)}`);
    if (problem.status === 401) reply.header("www-authenticate", "Bearer");
    return reply.code(problem.status).type(PROBLEM_TYPE).send(problem);
  });
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split("?")[0]?.slice(0, 200) ?? "";
    const others = routes.filter(({ url }) => patternOf(url).test(path)).map(({ method }) => method);
    if (others.length === 0) throw new RequestError("API_ROUTE", { path });
    reply.header("allow", [...new Set(others)].join(", "));
    throw new RequestError("API_METHOD", { path, method: request.method });
  });
  app.addHook("onRoute", ({ method, url, config }) => {
    for (const one of [method].flat()) routes.push({ method: one, url, right: config?.right ?? "" });
  });
  guard(app, { findCaller, isAllowedHost: (host) => own.has(host) || allowedHosts.includes(host) });
  await app.register(rateLimit, { max: requestsAMinute, timeWindow: "1 minute" });
  await describe(app, version);
  await app.register((scope, _options, done) => {
    const api: Api = scope.withTypeProvider<TypeBoxTypeProvider>();
    healthRoutes(api, () => service.whyNotReady());
    api.get("/openapi.json", { config: { right: "read" }, schema: { hide: true } }, () => app.swagger());
    done();
  });
  await app.register(
    (scope, _options, done) => {
      const api: Api = scope.withTypeProvider<TypeBoxTypeProvider>();
      runRoutes(api, service);
      eventRoutes(api, service, streams);
      logRoutes(api, service);
      approvalRoutes(api, service);
      runDetailRoutes(api, reader);
      workflowRoutes(api, workflows);
      plantRoutes(api, plant, () => ({ sse: streams.size, websocket: 0 }));
      done();
    },
    { prefix: PREFIX },
  );
  await app.ready();
  return {
    routes,
    openApi: () => app.swagger(),
    async listen({ host, port }) {
      try {
        const url = new URL(await app.listen({ host, port }));
        own = new Set([url.host, `localhost:${url.port}`, `127.0.0.1:${url.port}`, `[::1]:${url.port}`]);
        return url.origin;
      } catch (thrown) {
        throw unusable(`${host}:${port}`, toError(thrown));
      }
    },
    async [Symbol.asyncDispose]() {
      for (const stop of streams) stop.abort(); // Clients come back, to whoever serves then.
      await app.close();
    },
  };
}

function unusable(address: string, cause: Error): RequestError {
  const problem = "code" in cause ? String(cause.code) : cause.message;
  return new RequestError("API_ADDRESS", { address, problem }, { cause });
}

function patternOf(url: string): RegExp {
  return new RegExp(`^${url.replaceAll(/:[a-z]+/g, "[^/]+")}$`);
}
