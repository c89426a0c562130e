/** What goes over the WebSocket `/api/v1/stream`. */
import type { EventView } from "./event-view.ts";

/** From the client. `after` is the number of the last event known: of the run, or of the store's own order for `*`. */
export type StreamRequest =
  | { readonly type: "authenticate"; readonly token: string }
  | { readonly type: "subscribe"; readonly run: string; readonly after?: number }
  | { readonly type: "unsubscribe"; readonly run: string };

/** To the client. `position` orders the events of all runs. */
export type StreamMessage =
  | { readonly type: "ready" }
  | { readonly type: "event"; readonly run: string; readonly position: number; readonly event: EventView }
  /** The run has come to rest, and all of its events were sent. */
  | { readonly type: "rest"; readonly run: string }
  | { readonly type: "error"; readonly code: string; readonly detail: string; readonly run?: string };

/** Subscribes to every run of the tenant. */
export const ALL_RUNS = "*";
