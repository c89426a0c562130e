/** Schedules of deployed workflows: looked at, stopped, started by hand. */
import type { Api } from "../api.ts";
import { callerOf } from "../guard.ts";
import { NoBody, ProblemAnswer, Run } from "../schemas.ts";
import { PauseBody, Schedule, ScheduleList, ScheduleParams, SchedulesQuery, SlotList, SlotsQuery } from "../trigger-schemas.ts";
import type { TriggerService } from "../trigger-service.ts";

const SCHEDULES_MAX = 1_000;
const SLOTS_DEFAULT = 50;

export function scheduleRoutes(app: Api, service: TriggerService): void {
  const told = (summary: string) => ({ summary, tags: ["schedules"] });
  app.get(
    "/schedules",
    {
      config: { right: "read" },
      schema: { ...told("List schedules, by id"), querystring: SchedulesQuery, response: { 200: ScheduleList, "4xx": ProblemAnswer } },
    },
    (request) => {
      const { workflow, after, limit = String(SCHEDULES_MAX) } = request.query;
      const query = { limit: Number(limit), ...(workflow !== undefined && { workflow }), ...(after !== undefined && { after }) };
      return service.schedules(query, callerOf(request));
    },
  );
  app.get(
    "/schedules/:schedule/slots",
    {
      config: { right: "read" },
      schema: {
        ...told("What became of its times, newest first"),
        params: ScheduleParams,
        querystring: SlotsQuery,
        response: { 200: SlotList, "4xx": ProblemAnswer },
      },
    },
    (request) => service.slots(request.params.schedule, Number(request.query.limit ?? SLOTS_DEFAULT), callerOf(request)),
  );
  const acting = { config: { right: "operate" as const } };
  app.post(
    "/schedules/:schedule/pause",
    {
      ...acting,
      schema: { ...told("Stop a schedule"), params: ScheduleParams, body: PauseBody, response: { 200: Schedule, "4xx": ProblemAnswer } },
    },
    (request) => service.pause(request.params.schedule, request.body?.reason ?? null, callerOf(request)),
  );
  app.post(
    "/schedules/:schedule/resume",
    {
      ...acting,
      schema: {
        ...told("Let a schedule go on from now"),
        params: ScheduleParams,
        body: NoBody,
        response: { 200: Schedule, "4xx": ProblemAnswer },
      },
    },
    (request) => service.resume(request.params.schedule, callerOf(request)),
  );
  app.post(
    "/schedules/:schedule/run",
    {
      ...acting,
      schema: {
        ...told("Start a run as the schedule would, now"),
        params: ScheduleParams,
        body: NoBody,
        response: { 202: Run, "4xx": ProblemAnswer },
      },
    },
    async (request, reply) => {
      const run = await service.run(request.params.schedule, callerOf(request));
      return reply.code(202).header("location", `/api/v1/runs/${run.id}`).send(run);
    },
  );
}
