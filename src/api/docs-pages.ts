/**
 * The reference at `/docs`, for a browser without a network: Swagger UI from the package, under a policy of its own. The page holds no
 * data; the document that it shows needs a session or a key, as `/openapi.json` does.
 */
import swaggerUi from "@fastify/swagger-ui";
import type { FastifyInstance } from "fastify";

const PREFIX = "/docs";
/** Its script sets styles by attributes; a style can make nothing run, and can load nothing from elsewhere. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

export async function docsPages(app: FastifyInstance): Promise<void> {
  await app.register((scope, _options, done) => {
    scope.decorate("rightOf", (url: string) => (/\/(json|yaml)$/.test(url) ? "read" : "nobody"));
    scope.addHook("onSend", (_request, reply, _payload, next) => {
      reply.headers({ "x-content-type-options": "nosniff", "referrer-policy": "no-referrer" });
      next();
    });
    void scope.register(swaggerUi, { routePrefix: PREFIX, staticCSP: POLICY, uiConfig: { deepLinking: true } });
    done();
  });
}
