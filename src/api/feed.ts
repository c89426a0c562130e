/** Events for those who stay. Every answer is about one tenant (S-31). */
import type { PlacedEvent } from "../contract/placed-event.ts";
import type { Caller } from "./access.ts";

/** Pages are the same objects for all who have everything so far, so what is made of one is made once. */
export type EventPages = AsyncIterable<readonly PlacedEvent[]>;

export interface EventFeed {
  /** Ends when the run is at rest. @throws RequestError RUN_NOT_FOUND, at once */
  follow(run: string, how: { readonly afterSeq: number; readonly signal: AbortSignal }, caller: Caller): EventPages;
  /** Ends with the signal only. */
  followAll(how: { readonly afterPosition: number; readonly signal: AbortSignal }, caller: Caller): EventPages;
  /** Of the last event of all. */
  lastPosition(): number;
}
