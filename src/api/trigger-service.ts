/** What the routes of schedules and events ask. As with runs, every answer is about one tenant (S-31, S-32). */
import type { DeliveryView } from "../contract/delivery-view.ts";
import type { RunAnswer } from "../contract/run-view.ts";
import type { ScheduleSlot, ScheduleView } from "../contract/schedule-view.ts";
import type { Json } from "../core/json.ts";
import type { Caller } from "./access.ts";

export interface SchedulesQuery {
  readonly workflow?: string;
  readonly limit: number;
  /** Schedules after this id. */
  readonly after?: string;
}

export interface SentEvent {
  readonly name: string;
  readonly body: Json;
  /** Of all that came; which of them a filter may read is not the caller's business. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The same key again is the same delivery (I-9). */
  readonly key: string | undefined;
}

export interface SignedEvent {
  readonly name: string;
  /** Id of the address that was called. */
  readonly hook: string;
  /** As they came. */
  readonly bytes: Uint8Array;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Asked once the signature is known to be genuine. @throws what a body that is no JSON is refused with */
  readonly parse: () => Json;
}

export interface Delivered {
  readonly view: DeliveryView;
  /** It had come before. */
  readonly isRepeated: boolean;
}

/** Every method with an id throws RequestError SCHEDULE_NOT_FOUND for one that is not the caller's tenant's. */
export interface TriggerService {
  schedules(query: SchedulesQuery, caller: Caller): readonly ScheduleView[];
  /** Newest first. */
  slots(id: string, limit: number, caller: Caller): readonly ScheduleSlot[];
  pause(id: string, reason: string | null, caller: Caller): Promise<ScheduleView>;
  /** Goes on from now. */
  resume(id: string, caller: Caller): Promise<ScheduleView>;
  /** Starts a run as the schedule would, besides its slots. */
  run(id: string, caller: Caller): Promise<RunAnswer>;
  /** @throws RequestError EVENT_MISMATCH; TransientError BACKPRESSURE */
  send(event: SentEvent, caller: Caller): Promise<Delivered>;
  /** @throws RequestError HOOK_SIGNATURE for everything that is not genuine, whatever the reason */
  receive(event: SignedEvent): Promise<Delivered>;
}
