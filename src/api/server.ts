/** The HTTP server: one Fastify instance, whose routes, limits and errors are the same for every client. */
import { randomUUID } from "node:crypto";
import cookie from "@fastify/cookie";
import etag from "@fastify/etag";
import rateLimit from "@fastify/rate-limit";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import websocket from "@fastify/websocket";
import fastify, { type FastifyInstance, type FastifyReply } from "fastify";
import type { WebSocket } from "ws";
import { RequestError, toError } from "../core/errors.ts";
import type { StreamCounts } from "../ports/stream-counts.ts";
import type { FindCaller } from "./access.ts";
import type { Api } from "./api.ts";
import { docsPages } from "./docs-pages.ts";
import { describe } from "./document.ts";
import { answerFailures } from "./failures.ts";
import type { EventFeed } from "./feed.ts";
import { type Entrant, guard, isHarmless } from "./guard.ts";
import { takeJsonBodies } from "./json-body.ts";
import { watchAnswers } from "./last-answers.ts";
import { dashboardRoutes } from "./pages.ts";
import type { PlantService } from "./plant-service.ts";
import { PROBLEM_TYPE, toProblem } from "./problem.ts";
import { approvalRoutes } from "./routes/approvals.ts";
import { eventRoutes } from "./routes/events.ts";
import { healthRoutes } from "./routes/health.ts";
import { logRoutes } from "./routes/logs.ts";
import { metricsRoute, type Scrape } from "./routes/metrics.ts";
import { notificationRoutes } from "./routes/notifications.ts";
import { plantRoutes } from "./routes/plant.ts";
import { runDetailRoutes } from "./routes/run-details.ts";
import { runRoutes } from "./routes/runs.ts";
import { scheduleRoutes } from "./routes/schedules.ts";
import { sessionRoutes } from "./routes/session.ts";
import { type StreamRoutesOptions, streamRoutes } from "./routes/stream.ts";
import { triggerRoutes } from "./routes/triggers.ts";
import { workflowRoutes } from "./routes/workflows.ts";
import type { RunReader } from "./run-reader.ts";
import type { RunService } from "./service.ts";
import type { Sessions } from "./sessions.ts";
import { MESSAGE_MAX_BYTES } from "./socket.ts";
import { createStreams } from "./streams.ts";
import { createTickets } from "./tickets.ts";
import type { TriggerService } from "./trigger-service.ts";
import type { WorkflowService } from "./workflow-service.ts";

const PREFIX = "/api/v1";
const BODY_MAX_BYTES = 2 * 1024 * 1024;
const REQUEST_MAX_MS = 30_000;
const HEADERS_MAX_MS = 5_000;
const HEADERS_MAX_BYTES = 16 * 1024;
const REQUESTS_A_MINUTE_DEFAULT = 6_000;
/** What a client of a stream may leave unread before it is told to come back. */
const PATIENCE_MS_DEFAULT = 10_000;
/** Between asking for a ticket and the first message of a WebSocket. */
const STREAM_TICKET_MS = 60_000;
const STREAM_TICKETS_MAX = 10_000;

export interface ServerOptions {
  readonly service: RunService;
  readonly triggers: TriggerService;
  readonly reader: RunReader;
  readonly workflows: WorkflowService;
  readonly plant: PlantService;
  readonly feed: EventFeed;
  readonly findCaller: FindCaller;
  readonly sessions: Sessions;
  /** Metrics of the process; null where nobody keeps any. */
  readonly scrape: Scrape | null;
  /** Whose process it is. */
  readonly tenant: string;
  /** Takes clients of the inspector; null where nobody inspects. */
  readonly inspect: StreamRoutesOptions["inspect"];
  /** @defaultValue 10 s */
  readonly patienceMs?: number;
  /** Folder of the built dashboard; null where there is none. */
  readonly pages: string | null;
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
  readonly streams: () => StreamCounts;
  /** Every route with what it needs, for whoever checks them all. */
  readonly routes: readonly RouteOf[];
}

export interface RouteOf {
  readonly method: string;
  readonly url: string;
  readonly right: string;
  /** False for pages and their files, which the API's document leaves out. */
  readonly isDescribed: boolean;
}

export async function createServer(options: ServerOptions): Promise<HttpServer> {
  const {
    service,
    reader,
    workflows,
    plant,
    triggers,
    feed,
    findCaller,
    sessions,
    scrape,
    tenant,
    inspect,
    patienceMs = PATIENCE_MS_DEFAULT,
    requestsAMinute = REQUESTS_A_MINUTE_DEFAULT,
    allowedHosts,
    version,
    warn,
  } = options;
  const routes: RouteOf[] = [];
  const streams = createStreams();
  let own: ReadonlySet<string> = new Set();
  const app = createApp();
  const giveLastAnswers = watchAnswers(app.server);
  const isProxied = (host: string): boolean => allowedHosts.includes(host);
  // Before the guard: a handshake that is refused is known as one, and its connection is ended.
  await app.register(websocket, { options: { maxPayload: MESSAGE_MAX_BYTES, perMessageDeflate: false }, errorHandler: endSocket });
  // The guard reads cookies itself.
  await app.register(cookie, { hook: false });
  guard(app, { findCaller, sessions, isProxied, isAllowedHost: (host) => own.has(host) || isProxied(host) });
  app.addHook("onRoute", ({ method, url, config, schema }) => {
    for (const one of [method].flat()) routes.push({ method: one, url, right: config?.right ?? "", isDescribed: schema?.hide !== true });
  });
  // Before all scopes, which take it over.
  answerFailures(app, { bodyMaxBytes: BODY_MAX_BYTES, routes, warn, page: (request, reply) => pages.show(request, reply) });
  await app.register(rateLimit, { max: requestsAMinute, timeWindow: "1 minute" });
  await describe(app, version);
  await docsPages(app, options.pages);
  await app.register((scope, _options, done) => {
    const api: Api = scope.withTypeProvider<TypeBoxTypeProvider>();
    healthRoutes(api, () => service.whyNotReady());
    if (scrape !== null) metricsRoute(api, { scrape, tenant });
    api.get("/openapi.json", { config: { right: "read" }, schema: { hide: true } }, () => app.swagger());
    done();
  });
  const pages = await dashboardRoutes(app, options.pages);
  const streamTickets = createTickets<Entrant>({ lifeMs: STREAM_TICKET_MS, max: STREAM_TICKETS_MAX });
  await app.register(
    (scope, _options, done) => {
      answerOnceOnly(scope);
      const api: Api = scope.withTypeProvider<TypeBoxTypeProvider>();
      runRoutes(api, service);
      eventRoutes(api, service, { feed, streams, patienceMs });
      logRoutes(api, service);
      approvalRoutes(api, service);
      scheduleRoutes(api, triggers);
      triggerRoutes(api, triggers);
      notificationRoutes(api, service);
      streamRoutes(api, { feed, streams, streamTickets, findCaller, patienceMs, inspect, warn });
      runDetailRoutes(api, reader);
      workflowRoutes(api, workflows);
      plantRoutes(api, plant, streams.counts);
      sessionRoutes(api, { sessions, streamTickets, isProxied, version });
      done();
    },
    { prefix: PREFIX },
  );
  await app.ready();
  return {
    routes,
    openApi: () => app.swagger(),
    streams: streams.counts,
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
      streams.endAll(); // Clients come back, to whoever serves then.
      using _answers = giveLastAnswers();
      await app.close();
    },
  };
}

function createApp(): Api {
  const app = fastify({
    bodyLimit: BODY_MAX_BYTES,
    requestTimeout: REQUEST_MAX_MS,
    // S-29: whoever is slow to say what is wanted does not hold a connection for it.
    http: { headersTimeout: HEADERS_MAX_MS, connectionsCheckingInterval: HEADERS_MAX_MS / 5, maxHeaderSize: HEADERS_MAX_BYTES },
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
  takeJsonBodies(app);
  return app;
}

/** A frame that is none, or a peer that has gone, ends its own connection (S-29). */
function endSocket(_error: Error, socket: WebSocket): void {
  socket.terminate();
}

/** Whoever has an answer already is told that it still holds. Nobody else's cache keeps any. */
function answerOnceOnly(scope: FastifyInstance): void {
  scope.addHook("onRequest", async (_request, reply) => {
    reply.headers({ "cache-control": "private, no-cache", vary: "authorization, cookie", "x-content-type-options": "nosniff" });
  });
  // What changes something is done, whatever the client has in store; its handler has seen the condition, if it has one.
  scope.addHook("onSend", async (request) => {
    if (!isHarmless(request.method)) delete request.headers["if-none-match"];
  });
  void scope.register(etag);
}

function unusable(address: string, cause: Error): RequestError {
  const problem = "code" in cause ? String(cause.code) : cause.message;
  return new RequestError("API_ADDRESS", { address, problem }, { cause });
}
