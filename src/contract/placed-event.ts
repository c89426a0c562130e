/** An event with its place in the order of all runs, which a client can go on from. */
import type { EventView } from "./event-view.ts";

export interface PlacedEvent {
  readonly position: number;
  readonly event: EventView;
}
