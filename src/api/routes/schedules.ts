/** Schedules of deployed workflows: looked at, stopped, started by hand. */
import type { Api } from "../api.ts";
import { callerOf } from "../guard.ts";
import { NoBody, Run } from "../schemas/runs.ts";
import { PauseBody, Schedule, ScheduleList, ScheduleParams, SchedulesQuery, SlotList, SlotsQuery } from "../schemas/triggers.ts";
import type { TriggerService } from "../trigger-service.ts";
import { about, needs } from "./about.ts";

const SCHEDULES_MAX = 1_000;
const SLOTS_DEFAULT = 50;

export function scheduleRoutes(app: Api, service: TriggerService): void {
  app.get(
    "/schedules",
    {
      config: needs("read"),
      schema: {
        ...about({ id: "listSchedules", summary: "List schedules, by id", tag: "schedules", answers: { 200: ScheduleList } }),
        querystring: SchedulesQuery,
      },
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
      config: needs("read"),
      schema: {
        ...about({ id: "listSlots", summary: "What became of its times, newest first", tag: "schedules", answers: { 200: SlotList } }),
        params: ScheduleParams,
        querystring: SlotsQuery,
      },
    },
    (request) => service.slots(request.params.schedule, Number(request.query.limit ?? SLOTS_DEFAULT), callerOf(request)),
  );
  const acting = { config: needs("operate") };
  app.post(
    "/schedules/:schedule/pause",
    {
      ...acting,
      schema: {
        ...about({ id: "pauseSchedule", summary: "Stop a schedule", tag: "schedules", answers: { 200: Schedule } }),
        params: ScheduleParams,
        body: PauseBody,
      },
    },
    (request) => service.pause(request.params.schedule, request.body?.reason ?? null, callerOf(request)),
  );
  app.post(
    "/schedules/:schedule/resume",
    {
      ...acting,
      schema: {
        ...about({ id: "resumeSchedule", summary: "Let a schedule go on from now", tag: "schedules", answers: { 200: Schedule } }),
        params: ScheduleParams,
        body: NoBody,
      },
    },
    (request) => service.resume(request.params.schedule, callerOf(request)),
  );
  app.post(
    "/schedules/:schedule/run",
    {
      ...acting,
      schema: {
        ...about({ id: "runSchedule", summary: "Start a run as the schedule would, now", tag: "schedules", answers: { 202: Run } }),
        params: ScheduleParams,
        body: NoBody,
      },
    },
    async (request, reply) => {
      const run = await service.run(request.params.schedule, callerOf(request));
      return reply.code(202).header("location", `/api/v1/runs/${run.id}`).send(run);
    },
  );
}
