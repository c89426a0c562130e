/** Shapes of requests and answers about schedules and events. */
import { Type } from "typebox";
import type { DeliveryView } from "../../contract/delivery-view.ts";
import type { ScheduleSlot, ScheduleView } from "../../contract/schedule-view.ts";

const strict = { additionalProperties: false } as const;
const orNull = (type: ReturnType<typeof Type.String> | ReturnType<typeof Type.Integer>) => Type.Union([type, Type.Null()]);
const time = Type.Integer({ description: "Epoch milliseconds." });

export const ScheduleParams = Type.Object(
  { schedule: Type.String({ minLength: 3, maxLength: 300, description: "Id of a schedule, `<workflow>/<name or number>`, encoded." }) },
  strict,
);
export const SchedulesQuery = Type.Object(
  {
    workflow: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: "Only those of this workflow." })),
    after: Type.Optional(Type.String({ minLength: 1, maxLength: 300, description: "Id of the last schedule of the page before." })),
    limit: Type.Optional(
      Type.String({ pattern: "^([1-9][0-9]{0,2}|1000)$", description: "Schedules a page, 1 to 1000.", default: "1000" }),
    ),
  },
  strict,
);
export const SlotsQuery = Type.Object(
  { limit: Type.Optional(Type.String({ pattern: "^([1-9][0-9]{0,2}|1000)$", description: "1 to 1000.", default: "50" })) },
  strict,
);
/** Null is a request without a body. */
export const PauseBody = Type.Union([
  Type.Object({ reason: Type.Optional(Type.String({ minLength: 1, maxLength: 1_000, description: "For those who wonder." })) }, strict),
  Type.Null(),
]);

const Slot = Type.Object({
  at: time,
  outcome: Type.Enum(["queued", "started", "skipped", "missed", "failed"] as const),
  run: orNull(Type.String()),
  reason: orNull(Type.String()),
});
const ScheduleShape = Type.Object({
  id: Type.String(),
  workflow: Type.String(),
  cron: Type.String(),
  timezone: Type.String(),
  overlap: Type.String(),
  catchup: Type.String(),
  paused: Type.Boolean(),
  stop: Type.Union([
    Type.Object({ kind: Type.Enum(["paused", "quarantined"] as const), by: Type.String(), at: time, reason: orNull(Type.String()) }),
    Type.Null(),
  ]),
  nextAt: orNull(Type.Integer()),
  lastSlot: Type.Union([Slot, Type.Null()]),
});
export const Schedule = Type.Unsafe<ScheduleView>(ScheduleShape);
export const ScheduleList = Type.Unsafe<readonly ScheduleView[]>(Type.Array(ScheduleShape));
export const SlotList = Type.Unsafe<readonly ScheduleSlot[]>(Type.Array(Slot));

const name = Type.String({ pattern: "^[A-Za-z_][A-Za-z0-9_.-]*$", maxLength: 200, description: "Name of an event." });
export const EventParams = Type.Object({ name }, strict);
export const HookParams = Type.Object(
  { name, hook: Type.String({ minLength: 1, maxLength: 100, description: "Id of the address, as `troupe hooks create` gave it." }) },
  strict,
);
export const EventHeaders = Type.Object({
  "idempotency-key": Type.Optional(Type.String({ minLength: 1, maxLength: 255, description: "The same key is the same delivery." })),
});
export const EventBody = Type.Unknown({ description: "Any JSON: filters read it as `event.body`." });

const who = { workflow: Type.String(), trigger: Type.Integer({ description: "Its number in the workflow's list." }) };
export const Delivery = Type.Unsafe<DeliveryView>(
  Type.Object({
    event: Type.String(),
    id: Type.String(),
    started: Type.Array(Type.Object({ ...who, run: Type.String() })),
    unmatched: Type.Array(Type.Object({ ...who, because: Type.String(), condition: Type.Record(Type.String(), Type.Unknown()) })),
    failed: Type.Array(Type.Object({ ...who, code: Type.String(), problem: Type.String() })),
  }),
);
