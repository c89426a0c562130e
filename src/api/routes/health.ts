/** For whoever watches the process. They tell nothing but whether it lives and takes work. */
import { Type } from "typebox";
import type { Api } from "../api.ts";

const status = Type.Object({ status: Type.String(), reason: Type.Optional(Type.String()) });

export function healthRoutes(app: Api, whyNotReady: () => string | null): void {
  app.get(
    "/healthz",
    { config: { right: "nobody" }, schema: { summary: "Whether the process lives", tags: ["health"], response: { 200: status } } },
    () => ({ status: "ok" }),
  );
  app.get(
    "/readyz",
    {
      config: { right: "nobody" },
      schema: { summary: "Whether it takes work", tags: ["health"], response: { 200: status, 503: status } },
    },
    (_request, reply) => {
      const reason = whyNotReady();
      reply.code(reason === null ? 200 : 503);
      return reason === null ? { status: "ok" } : { status: "unavailable", reason };
    },
  );
}
