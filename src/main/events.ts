/** A run's journal as a stream of events: what is stored, then what gets stored, whoever writes it. */
import type { EventView } from "../contract/event-view.ts";
import type { PlacedEvent } from "../contract/placed-event.ts";
import { RequestError } from "../core/errors.ts";
import type { RunId, TenantId } from "../core/ids.ts";
import type { StoreReader } from "../ports/store.ts";
import type { EventPage } from "./event-channel.ts";
import type { EventsOptions } from "./project-shape.ts";
import type { RunWatch } from "./run-watch.ts";

export interface EventSource {
  readonly store: Pick<StoreReader, "run">;
  readonly watch: RunWatch;
  /** Aborted when the store closes. */
  readonly closing: AbortSignal;
}

/**
 * Ends after the last stored entry, or with `follow` when the run is final or waits for a person (I-6).
 *
 * @throws RequestError ENGINE_STOPPED when the store closes before that
 */
export async function* readEvents(source: EventSource, runId: RunId, options: EventsOptions): AsyncGenerator<EventView> {
  for await (const page of readPages(source, runId, options)) for (const { event } of page) yield event;
}

/** The same by pages, which are the same objects for all who have everything so far. */
export async function* readPages(
  { store, watch, closing }: EventSource,
  runId: RunId,
  { afterSeq = 0, follow = false, signal }: EventsOptions,
): AsyncGenerator<readonly PlacedEvent[]> {
  demandOpen(closing);
  if (store.run(runId) === null) throw new RequestError("RUN_NOT_FOUND", { run: runId });
  using following = follow ? watch.follow(runId, signal === undefined ? [closing] : [closing, signal]) : null;
  const after = following === null ? (place: number) => watch.read(runId, place) : following.after;
  let isAtRest = false;
  /** The state was that of a run at rest before the page was read: what ended the run may be stored between the two. */
  let wasAtRest = false;
  for await (const page of readOn(after, afterSeq, { closing, signal })) {
    const isEmpty = page.events.length === 0;
    if (!isEmpty) yield page.events;
    for (const { event } of page.events) isAtRest = endsStream(event, isAtRest);
    if (!page.isLast) continue;
    if (following === null || isAtRest || (isEmpty && wasAtRest)) return;
    wasAtRest = isEmpty && isRestState(store.run(runId)?.state ?? "");
    if (!wasAtRest) await following.changed();
  }
}

/** Events of all runs of a tenant, in the order of the whole store; never ends by itself. */
export async function* readTenant(
  { watch, closing }: EventSource,
  tenant: TenantId,
  { afterPosition, signal }: { readonly afterPosition: number; readonly signal: AbortSignal },
): AsyncGenerator<readonly PlacedEvent[]> {
  demandOpen(closing);
  using following = watch.followTenant(tenant, [closing, signal]);
  for await (const page of readOn(following.after, afterPosition, { closing, signal })) {
    if (page.events.length > 0) yield page.events;
    // What belongs to others is many pages; everybody else has their turn between them.
    else if (!page.isLast) await new Promise((resolve) => setImmediate(resolve));
    if (page.isLast) await following.changed();
  }
}

/** Page by page, until somebody wants the end. @throws RequestError ENGINE_STOPPED when the store closes */
async function* readOn(
  after: (place: number) => EventPage,
  from: number,
  { closing, signal }: { readonly closing: AbortSignal; readonly signal: AbortSignal | undefined },
): AsyncGenerator<EventPage> {
  for (let place = from; ; ) {
    demandOpen(closing);
    if (signal?.aborted) return;
    const page = after(place);
    place = page.through;
    yield page;
  }
}

/** @throws RequestError ENGINE_STOPPED when the store has closed */
function demandOpen(closing: AbortSignal): void {
  if (closing.aborted) throw new RequestError("ENGINE_STOPPED");
}

/** Only the run's own transitions end the stream; a step that settles late does not reopen it. */
function endsStream({ stepId, to = "" }: EventView, before: boolean): boolean {
  return stepId === undefined ? isRestState(to) : before;
}

export function isRestState(state: string): boolean {
  return state === "succeeded" || state === "failed" || state === "canceled" || state === "quarantined";
}
