/**
 * Notifications on their way. What is to be told is written together with how far the journal was read, so that a crash neither loses nor
 * doubles a decision; what was sent is noted afterwards, so that a crash may repeat a message, under the same id.
 */
import type { Epoch, RunId, TenantId } from "../core/ids.ts";
import type { Json, JsonObject } from "../core/json.ts";
import type { AuditEntry, StoredEntry } from "./store.ts";

/** `grouped`: another message tells of it. `dropped`: too old, one too many, or its rule is gone. */
export const DELIVERY_STATES = ["pending", "sent", "failed", "dropped", "grouped"] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

/** How far journal and audit log were read. */
export interface NotifyCursor {
  readonly position: number;
  readonly audit: number;
}

export interface NewDelivery {
  /** Made from rule and event: the same decision twice is one delivery. */
  readonly id: string;
  readonly rule: string;
  readonly channel: string;
  readonly tenant: TenantId;
  /** Null for what belongs to no run. */
  readonly run: RunId | null;
  readonly type: string;
  readonly action: "trigger" | "acknowledge" | "resolve";
  /** An acknowledgement or an end goes out after what came before it in its thread. */
  readonly thread: string;
  /** What throttling counts together, and when its window began. */
  readonly scope: string;
  readonly windowAt: number;
  readonly state: "pending" | "grouped";
  /** It waits for its window's end, and tells of all that comes until then. */
  readonly gathers: boolean;
  /** What its text is made from. */
  readonly facts: JsonObject;
  readonly at: number;
  /** Not sent before. */
  readonly dueAt: number;
}

/** More events for a delivery that waits for its window's end. */
export interface Fold {
  readonly id: string;
  readonly events: number;
  readonly facts: JsonObject;
}

export interface DeliveryRow extends Omit<NewDelivery, "state" | "facts"> {
  /** Order in which they were decided. */
  readonly number: number;
  readonly state: DeliveryState;
  /** Events that it tells of. */
  readonly events: number;
  readonly facts: Json;
  readonly attempts: number;
  readonly endedAt: number | null;
  /** Why the last attempt came to nothing, without anything secret. */
  readonly error: string | null;
}

export interface WindowState {
  readonly at: number;
  /** Messages of it, without the one that gathers the rest. */
  readonly messages: number;
}

export interface DeliveryFilter {
  readonly rule?: string;
  readonly states?: readonly DeliveryState[];
  readonly tenant?: TenantId;
  readonly limit: number;
}

/** What has become of a delivery. `again` keeps it pending. */
export interface Settlement {
  readonly id: string;
  readonly state: "pending" | "sent" | "failed" | "dropped";
  readonly attempts: number;
  readonly at: number;
  readonly dueAt: number;
  readonly error: string | null;
}

export interface DropCount {
  readonly channel: string;
  readonly count: number;
}

export interface OutboxReader {
  /** Null before the first engine with rules. */
  notifyCursor(): NotifyCursor | null;
  /** Entries of these types up to a position, oldest first, and how far was looked. Those that cannot be read are left out. */
  news(
    after: number,
    until: number,
    types: readonly string[],
    limit: number,
  ): { readonly entries: readonly StoredEntry[]; readonly position: number };
  audits(afterId: number, limit: number): readonly AuditEntry[];
  /** Pending ones of a rule that are due and wait for none of their thread. */
  dueDeliveries(rule: string, now: number, limit: number): readonly DeliveryRow[];
  /** Rules that have something pending, whether they still exist or not. */
  pendingRules(): readonly string[];
  /** When the next pending delivery is due, in epoch milliseconds. */
  nextDeliveryAt(after: number): number | null;
  delivery(id: string): DeliveryRow | null;
  /** Newest first. */
  deliveries(filter: DeliveryFilter): readonly DeliveryRow[];
  /** The latest window of a rule's scope. */
  notifyWindow(rule: string, scope: string): WindowState | null;
  /** The latest delivery of a thread. */
  latestOfThread(rule: string, thread: string): DeliveryRow | null;
  /** By channel and outcome, since the store was made; pending ones are counted as they are. */
  deliveryCounts(): readonly { readonly channel: string; readonly outcome: string; readonly count: number }[];
}

export interface OutboxWriter {
  /**
   * Keeps decisions and moves the cursor, in one transaction. Beyond `bound` pending ones of a rule the oldest are dropped, and of ended
   * ones the oldest are forgotten.
   *
   * @throws FencedError EPOCH_LOST
   */
  keepDecisions(order: {
    readonly epoch: Epoch;
    readonly cursor: NotifyCursor;
    readonly added: readonly NewDelivery[];
    readonly folds: readonly Fold[];
    readonly drops: readonly DropCount[];
    readonly at: number;
    readonly bound: number;
  }): Promise<void>;
  /** @throws FencedError EPOCH_LOST */
  settleDeliveries(epoch: Epoch, settled: readonly Settlement[]): Promise<void>;
  /** Makes failed and dropped ones pending again; of one id, or all. Any process may. Answers with how many. */
  retryDeliveries(id: string | null, at: number): Promise<number>;
}

export type Outbox = OutboxReader & OutboxWriter;
