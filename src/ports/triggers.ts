/**
 * What is kept of schedules and of events from outside.
 *
 * TR1 A slot of a schedule has one row for ever: who decides about it again learns that it was decided (I-23).
 * TR2 Deciding and settling slots is the owner's; under an epoch that is no longer the store's it fails with EPOCH_LOST (I-10).
 * TR3 A delivery is taken once by its id (I-9). What it starts is decided in the same transaction, so that whoever goes on with it after
 *     a crash starts the same.
 */
import type { Digest, Epoch, RunId, TenantId } from "../core/ids.ts";
import type { JsonObject } from "../core/json.ts";

/** A deployed workflow that says what starts it. */
export interface TriggeredWorkflow {
  readonly tenant: TenantId;
  readonly name: string;
  /** Hash of its definition. */
  readonly version: Digest;
  /** When this version came. Epoch milliseconds. */
  readonly deployedAt: number;
  /** Since when some version of it has been deployed without a break. */
  readonly deployedSince: number;
  /** `on` of its document. */
  readonly on: JsonObject;
}

export interface ScheduleKey {
  readonly tenant: TenantId;
  readonly workflow: string;
  /** Its name within the workflow. */
  readonly schedule: string;
}

/** `paused`: a person stopped it. `quarantined`: it could not be started and waits for a person. */
export type StopKind = "paused" | "quarantined";

export interface ScheduleStop {
  readonly kind: StopKind;
  readonly by: string;
  readonly at: number;
  readonly reason: string | null;
}

export interface ScheduleRow extends ScheduleKey {
  /** The rule that its times were computed by; another one begins anew. */
  readonly rule: string;
  /** Slots up to this time are decided. Epoch milliseconds. */
  readonly decidedUntil: number;
  /** Null while it runs. */
  readonly stop: ScheduleStop | null;
}

export const FINAL_SLOT_OUTCOMES = ["started", "skipped", "missed", "failed"] as const;
/** `due`: decided, and the start not yet known to have happened. `queued`: waits for the run before it. The others are final. */
export type SlotOutcome = "due" | "queued" | (typeof FINAL_SLOT_OUTCOMES)[number];

export interface SlotRow extends ScheduleKey {
  /** When it was due; epoch milliseconds. */
  readonly slotAt: number;
  readonly outcome: SlotOutcome;
  /** Version that the decision was made for. */
  readonly version: Digest;
  readonly run: RunId | null;
  readonly reason: string | null;
  readonly decidedAt: number;
}

export type NewSlot = Omit<SlotRow, "run" | "decidedAt">;
export interface SettledSlot extends ScheduleKey {
  readonly slotAt: number;
  readonly outcome: SlotOutcome;
  readonly run: RunId | null;
  readonly reason: string | null;
}

/** What is decided in one transaction. */
export interface SlotDecisions {
  /** By the clock that the slots were looked at with; epoch milliseconds. */
  readonly decidedAt: number;
  /** Schedules that are there no more; one that somebody stopped stays known. */
  readonly gone: readonly ScheduleKey[];
  readonly schedules: readonly Omit<ScheduleRow, "stop">[];
  readonly slots: readonly NewSlot[];
}

export interface DeliveryKey {
  readonly tenant: TenantId;
  /** Name of the event. */
  readonly event: string;
  /** As its sender named it. */
  readonly delivery: string;
}

export interface NewDelivery extends DeliveryKey {
  /** SHA-256 of the body. */
  readonly digest: Digest;
  /** What is to be started. */
  readonly plan: JsonObject;
  /** Until when the same delivery is known again. Epoch milliseconds. */
  readonly keptUntil: number;
}

export interface DeliveryRow extends NewDelivery {
  /** Null until all of it was started. */
  readonly answer: JsonObject | null;
  readonly at: number;
}

export interface TriggerStore {
  /** Every deployed workflow of every tenant that has `on`. */
  triggered(): readonly TriggeredWorkflow[];
  /** Grows whenever a workflow is deployed or removed, or a schedule is stopped or goes on: cheap to ask. */
  triggersRevision(): number;
  schedules(): readonly ScheduleRow[];
  /** Newest first. */
  slots(key: ScheduleKey, limit: number): readonly SlotRow[];
  /** Slots that are `due` or `queued`, oldest first. */
  openSlots(): readonly SlotRow[];
  /** Latest runs that slots of a schedule have started, newest first. */
  startedBy(key: ScheduleKey, limit: number): readonly RunId[];
  /** Answers with the slots that had no row before, in their order. @throws FencedError EPOCH_LOST */
  decideSlots(epoch: Epoch, decisions: SlotDecisions): Promise<readonly NewSlot[]>;
  /** Changes slots that are `due` or `queued`; a final one stays what it is. @throws FencedError EPOCH_LOST */
  settleSlots(epoch: Epoch, slots: readonly SettledSlot[]): Promise<void>;
  /** Stops a schedule, or lets it go on from now with null. Any process may; it is noted in the audit log. False when it was so already. */
  stopSchedule(schedule: Omit<ScheduleRow, "stop">, stop: Omit<ScheduleStop, "at"> | null, by: string): Promise<boolean>;
  /** Null when it was new, else what was taken before. */
  takeEvent(delivery: NewDelivery): Promise<DeliveryRow | null>;
  settleEvent(key: DeliveryKey, answer: JsonObject): Promise<void>;
  takenEvent(key: DeliveryKey): DeliveryRow | null;
  /** Taken, and not yet answered, oldest first. */
  openEvents(limit: number): readonly DeliveryRow[];
}
