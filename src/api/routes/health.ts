/** For whoever watches the process. They tell nothing but whether it lives and takes work. */
import { Type } from "typebox";
import type { Api } from "../api.ts";
import { about } from "./about.ts";

const status = Type.Object({ status: Type.String(), reason: Type.Optional(Type.String()) });

export function healthRoutes(app: Api, whyNotReady: () => string | null): void {
  app.get(
    "/healthz",
    {
      config: { right: "nobody" },
      schema: { ...about({ id: "isAlive", summary: "Whether the process lives", tag: "health", answers: { 200: status } }), security: [] },
    },
    () => ({ status: "ok" }),
  );
  app.get(
    "/readyz",
    {
      config: { right: "nobody" },
      schema: {
        ...about({ id: "isReady", summary: "Whether it takes work", tag: "health", answers: { 200: status, 503: status } }),
        security: [],
      },
    },
    (_request, reply) => {
      const reason = whyNotReady();
      reply.code(reason === null ? 200 : 503);
      return reason === null ? { status: "ok" } : { status: "unavailable", reason };
    },
  );
}
