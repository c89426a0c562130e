/**
 * Events from outside: with a key that may start runs, or signed (S-21). A route of its own for each, so that no request can be judged by
 * the weaker of two checks.
 */
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Json } from "../../core/json.ts";
import type { Api } from "../api.ts";
import { callerOf } from "../guard.ts";
import { Delivery, EventBody, EventHeaders, EventParams, HookParams } from "../schemas/triggers.ts";
import type { Delivered, TriggerService } from "../trigger-service.ts";
import { about, needs } from "./about.ts";

/** Read and thrown away before anything is asked of the signature. Senders of webhooks stay far below it. */
const SIGNED_MAX_BYTES = 1024 * 1024;

export function triggerRoutes(app: Api, service: TriggerService): void {
  app.post(
    "/events/:name",
    {
      config: needs("operate"),
      schema: {
        ...about({ id: "sendEvent", summary: "Tell of an event, and start what listens to it", tag: "events", answers: { 202: Delivery } }),
        params: EventParams,
        headers: EventHeaders,
        body: EventBody,
      },
    },
    async (request, reply) => {
      const { "idempotency-key": key } = request.headers;
      const { params, body } = request;
      return answer(
        reply,
        await service.send({ name: params.name, body: (body ?? null) as Json, headers: headersOf(request), key }, callerOf(request)),
      );
    },
  );
  void app.register((scope: Api, _options, done) => {
    // The signature is over the bytes as they came.
    scope.removeContentTypeParser("application/json");
    scope.addContentTypeParser("application/json", { parseAs: "buffer", bodyLimit: SIGNED_MAX_BYTES }, (_request, body, next) =>
      next(null, body),
    );
    scope.post(
      "/events/:name/:hook",
      {
        config: { right: "signature" },
        bodyLimit: SIGNED_MAX_BYTES,
        schema: {
          ...about({ id: "sendSignedEvent", summary: "Tell of an event by a signed request", tag: "events", answers: { 202: Delivery } }),
          params: HookParams,
          security: [],
        },
      },
      async (request, reply) => {
        const { name, hook } = request.params;
        const bytes = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
        const delivered = await service.receive({
          name,
          hook,
          bytes,
          headers: headersOf(request),
          parse: () => parseBody(scope, request, bytes),
        });
        return answer(reply, delivered);
      },
    );
    done();
  });
}

function answer(reply: FastifyReply, { view, isRepeated }: Delivered) {
  if (isRepeated) reply.header("idempotency-replayed", "true");
  return reply.code(202).send(view);
}

/** One text a name; a header that came twice is joined by Node, and then no signature fits. */
function headersOf({ headers }: FastifyRequest): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : value]));
}

/** As every other body is read: without the names that reach a prototype (S-5). */
function parseBody(scope: Api, request: FastifyRequest, bytes: Buffer): Json {
  let found: Json = null;
  let problem: unknown = null;
  const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  try {
    void scope.getDefaultJsonParser("error", "error")(request, text.decode(bytes), (error, body) => {
      problem = error;
      found = body as Json; // What JSON.parse gives.
    });
  } catch (thrown) {
    problem = thrown;
  }
  if (problem !== null) throw Object.assign(new Error("the body is no JSON", { cause: problem }), { statusCode: 400 });
  return found;
}
