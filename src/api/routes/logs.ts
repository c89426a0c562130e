/** What steps printed. It may be anything, so a browser is told to keep it and to run nothing of it (S-17). */
import { Type } from "typebox";
import type { Api } from "../api.ts";
import { callerOf } from "../guard.ts";
import { LogQuery, StepParams } from "../schemas/runs.ts";
import type { RunService } from "../service.ts";
import { about, needs } from "./about.ts";

const HARMLESS = {
  "content-type": "text/plain; charset=utf-8",
  "content-disposition": 'attachment; filename="log.txt"',
  "content-security-policy": "sandbox; default-src 'none'",
  "x-content-type-options": "nosniff",
  "cache-control": "no-store",
};

const Printed = Type.Unsafe<Buffer>({ type: "string" });

export function logRoutes(app: Api, service: RunService): void {
  app.get(
    "/runs/:run/logs/:step",
    {
      config: needs("read"),
      schema: {
        ...about({
          id: "readLog",
          summary: "A part of what a step printed",
          tag: "runs",
          description: "`troupe-log-end` says where the next part begins, `troupe-log-ended` whether nothing more will come.",
          answers: { 200: { description: "Bytes as they were printed, up to 1 MiB.", content: { "text/plain": { schema: Printed } } } },
        }),
        params: StepParams,
        querystring: LogQuery,
      },
    },
    (request, reply) => {
      const { run, step } = request.params;
      const { attempt, stream = "stdout", from = "0" } = request.query;
      const query = { step, stream, from: Number(from), ...(attempt !== undefined && { attempt: Number(attempt) }) };
      const part = service.log(run, query, callerOf(request));
      reply.headers({
        ...HARMLESS,
        "troupe-log-attempt": part.attempt,
        "troupe-log-end": part.end,
        "troupe-log-ended": String(part.hasEnded),
      });
      return Buffer.from(part.bytes);
    },
  );
}
