/** What Prometheus scrapes. It tells of the whole process, so it is for keys of the tenant whose process it is (S-31, S-42). */
import { RequestError } from "../../core/errors.ts";
import type { Api } from "../api.ts";
import { callerOf } from "../guard.ts";
import { MetricsText } from "../schemas/session.ts";
import { about, needs } from "./about.ts";

/** Metrics as text in a format that this `Accept` takes. */
export type Scrape = (accept: string | undefined) => Promise<{ readonly type: string; readonly text: string }>;

export interface MetricsRouteOptions {
  readonly scrape: Scrape;
  /** That of the owner. */
  readonly tenant: string;
}

export function metricsRoute(app: Api, { scrape, tenant }: MetricsRouteOptions): void {
  app.get(
    "/metrics",
    {
      config: needs("read"),
      schema: about({
        id: "readMetrics",
        summary: "Metrics of the process for Prometheus",
        tag: "health",
        answers: { 200: { description: "Metrics.", content: { "text/plain": { schema: MetricsText } } } },
      }),
      serializerCompiler: () => String,
    },
    async (request, reply) => {
      const caller = callerOf(request);
      if (caller.tenant !== tenant) throw new RequestError("API_RIGHT", { role: caller.role, right: "look at what concerns every tenant" });
      const { type, text } = await scrape(request.headers.accept);
      reply.headers({ "content-type": type, "cache-control": "no-store", "x-content-type-options": "nosniff", vary: "accept" });
      return text;
    },
  );
}
