/** What the writer does for schedules and events: each a transaction, and slots under the condition that the engine still owns the store (TR2). */
import type { DatabaseSync } from "node:sqlite";
import type { DeliveryRow, NewSlot } from "../../ports/triggers.ts";
import { type AnswerText, type DeliveryText, settleEvent, takeEvent } from "./deliveries.ts";
import { type DecideOrder, decideSlots, type SettleOrder, type StopOrder, settleSlots, stopSchedule } from "./schedules.ts";
import { inTransaction } from "./transaction.ts";

export interface TriggerWrites {
  decideSlots(order: DecideOrder): readonly NewSlot[];
  settleSlots(order: SettleOrder): void;
  stopSchedule(order: StopOrder): boolean;
  takeEvent(delivery: DeliveryText): DeliveryRow | null;
  settleEvent(answer: AnswerText): void;
}

export function createTriggerWrites(
  db: DatabaseSync,
  write: <TResult>(work: () => TResult) => TResult,
  demandEpoch: (epoch: number) => void,
): TriggerWrites {
  const transact = <TResult>(work: () => TResult): TResult => write(() => inTransaction(db, work));
  const underEpoch = <TResult>(epoch: number, work: () => TResult): TResult =>
    transact(() => {
      demandEpoch(epoch);
      return work();
    });
  return {
    decideSlots: (order) => underEpoch(order.epoch, () => decideSlots(db, order)),
    settleSlots: (order) => underEpoch(order.epoch, () => settleSlots(db, order)),
    stopSchedule: (order) => transact(() => stopSchedule(db, order)),
    takeEvent: (delivery) => transact(() => takeEvent(db, delivery)),
    settleEvent: (answer) => transact(() => settleEvent(db, answer)),
  };
}
