/** What goes over the WebSocket `/api/v1/stream`. */
import type { EventView } from "./event-view.ts";

/** From the client. `after` is the number of the last event known: of the run, or of the store's own order for `*`. */
export type StreamRequest =
  /** First, within five seconds: a key, or a ticket of `POST /session/stream-ticket`. */
  | { readonly type: "authenticate"; readonly token: string }
  /** Without `after` a run is told from its first event, and all runs from now on. */
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

/** Why the server closes a connection: codes of the range that is free for applications. */
export const STREAM_CLOSE = {
  badMessage: 4400,
  /** Nobody said who is there, or whoever it was may not be here any more. */
  refused: 4401,
  /** What was sent was not read; everything is there for when the client comes back. */
  tooSlow: 4408,
  /** The server ends, or is started anew. */
  ended: 4410,
  tooMany: 4429,
} as const;
