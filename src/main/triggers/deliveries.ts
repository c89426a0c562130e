/**
 * Takes events: what they start is decided and written down under the id of the delivery, and only then started. The same delivery again
 * finds that, whether its runs have been started or a crash came between (I-9, TR3).
 */
import { hash, randomUUID } from "node:crypto";
import type { DeliveryView, FailedByEvent, StartedByEvent } from "../../contract/delivery-view.ts";
import { isTroupeError, RequestError, toError } from "../../core/errors.ts";
import type { Digest } from "../../core/ids.ts";
import { canonicalJson, type JsonObject } from "../../core/json.ts";
import { findNotJson } from "../../core/not-json.ts";
import { triggersOf } from "../../definition/index.ts";
import type { DeliveryKey, DeliveryRow } from "../../ports/triggers.ts";
import type { Driver, Project } from "../project-shape.ts";
import { createListeners, type EventPlan, type IncomingEvent, type PlannedStart, planEvent, toProblem } from "./event-plan.ts";
import { startTriggered } from "./start-triggered.ts";

const DAY_MS = 86_400_000;
/** Senders try again for some days. */
const KEPT_MS = 30 * DAY_MS;
/** What has no time in its signature would be genuine again as soon as it is forgotten. */
const KEPT_LONG_MS = 3_650 * DAY_MS;
const OPEN_AT_ONCE = 100;

export interface Delivering extends IncomingEvent {
  /** By what the delivery is known again; null for one that nobody named. */
  readonly replay: string | null;
  readonly expires: boolean;
}

export interface Deliveries {
  /** @throws RequestError EVENT_MISMATCH, VALUE_NOT_JSON; TransientError while the engine takes nothing more: then the sender tries again */
  deliver(event: Delivering): Promise<{ readonly view: DeliveryView; readonly isRepeated: boolean }>;
  /** Goes on with what an engine before this one had taken and not started. */
  goOn(): Promise<void>;
}

export function createDeliveries(project: Project, driver: Driver, warn: (message: string) => void): Deliveries {
  const { store } = project;
  const listeningTo = createListeners(store, triggersOf, warn);

  async function finish(row: DeliveryRow | (DeliveryKey & Pick<DeliveryRow, "plan">)): Promise<DeliveryView> {
    const plan = row.plan as unknown as EventPlan; // Written by `deliver`.
    const started: StartedByEvent[] = [];
    const failed: FailedByEvent[] = [...plan.failed];
    for (const start of plan.starts) {
      const { workflow, trigger } = start;
      try {
        started.push({ workflow, trigger, run: await startOne(row, plan.id, start) });
      } catch (thrown) {
        if (isPassing(thrown)) throw thrown;
        failed.push({ workflow, trigger, ...toProblem(thrown) });
      }
    }
    const view: DeliveryView = { event: row.event, id: plan.id, started, unmatched: plan.unmatched, failed };
    await store.settleEvent(row, view as unknown as JsonObject); // It holds nothing but JSON.
    return (store.takenEvent(row)?.answer as DeliveryView | null | undefined) ?? view;
  }

  function startOne(
    { tenant, event, delivery }: DeliveryKey,
    id: string,
    { workflow, version, trigger, input }: PlannedStart,
  ): Promise<string> {
    return startTriggered(project, driver, {
      workflow: { tenant, version },
      key: ["event", event, delivery, workflow, String(trigger)],
      input: input?.value,
      by: `event:${event}`,
      trigger: { kind: "event", event, id, trigger },
    });
  }

  return {
    async deliver({ replay, expires, ...event }) {
      const problem = findNotJson(event.body, "body");
      if (problem !== null) throw new RequestError("VALUE_NOT_JSON", { problem });
      const key: DeliveryKey = { tenant: event.tenant, event: event.name, delivery: replay ?? `once:${randomUUID()}` };
      const digest = hash("sha256", canonicalJson(event.body)) as Digest;
      const keptUntil = Date.now() + (replay === null ? 0 : expires ? KEPT_MS : KEPT_LONG_MS);
      const plan = planEvent(event, listeningTo(event.tenant, event.name)) as unknown as JsonObject; // It holds nothing but JSON.
      const before = await store.takeEvent({ ...key, digest, plan, keptUntil });
      if (before !== null && before.digest !== digest) throw new RequestError("EVENT_MISMATCH", { delivery: event.id, event: event.name });
      if (before?.answer != null) return { view: before.answer as unknown as DeliveryView, isRepeated: true };
      return { view: await finish(before ?? { ...key, plan }), isRepeated: before !== null };
    },
    async goOn() {
      for (const row of store.openEvents(OPEN_AT_ONCE)) {
        try {
          await finish(row);
        } catch (thrown) {
          if (!isPassing(thrown)) warn(`The event ${row.event} (${row.delivery}) could not be finished: ${toError(thrown).message}`);
        }
      }
    },
  };
}

function isPassing(thrown: unknown): boolean {
  const error = toError(thrown);
  return isTroupeError(error) && (error.kind === "transient" || error.kind === "fenced" || error.code === "ENGINE_STOPPED");
}
