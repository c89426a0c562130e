/**
 * The reference at `/docs`, for a browser without a network: Swagger UI from the package, under a policy of its own. The page holds no
 * data; the document that it shows needs a session or a key, as `/openapi.json` does.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import swaggerUi from "@fastify/swagger-ui";
import type { FastifyInstance } from "fastify";

const PREFIX = "/docs";
/** Its script sets styles by attributes; a style can make nothing run, and can load nothing from elsewhere. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Its bar has the mark of somebody else, and a field for other documents, which the policy forbids. */
const STYLE = ".swagger-ui .topbar { display: none; }";

/** @param pages folder of the built dashboard, which has our icon; null where there is none */
export async function docsPages(app: FastifyInstance, pages: string | null): Promise<void> {
  const theme = { title: "Troupe API", css: [{ filename: "troupe.css", content: STYLE }], ...iconIn(pages) };
  await app.register((scope, _options, done) => {
    scope.decorate("rightOf", (url: string) => (/\/(json|yaml)$/.test(url) ? "read" : "nobody"));
    scope.addHook("onSend", (_request, reply, _payload, next) => {
      reply.headers({ "x-content-type-options": "nosniff", "referrer-policy": "no-referrer" });
      next();
    });
    void scope.register(swaggerUi, { routePrefix: PREFIX, staticCSP: POLICY, uiConfig: { deepLinking: true }, theme });
    done();
  });
}

function iconIn(pages: string | null) {
  const file = pages === null ? null : join(pages, "icon.svg");
  if (file === null || !existsSync(file)) return {};
  return { favicon: [{ filename: "icon.svg", rel: "icon", sizes: "any", type: "image/svg+xml", content: readFileSync(file) }] };
}
