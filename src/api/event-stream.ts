/**
 * A run's events as Server-Sent Events, from the journal: a client that names the last event it has had gets every later one once, in
 * order, whichever process serves it (I-6).
 */
import { once } from "node:events";
import type { ServerResponse } from "node:http";
import type { EventView } from "../contract/event-view.ts";
import { EXECUTION_NAMES } from "../contract/event-view.ts";

/** A proxy ends a connection on which nothing comes. */
const HEARTBEAT_MS = 15_000;
/** What a client may leave unread before it is told to come back. */
const PATIENCE_MS = 10_000;
const RETRY_MS = 1_000;

export interface StreamOptions {
  readonly events: AsyncIterable<EventView>;
  readonly stop: AbortController;
  /** Names of an older system beside ours. */
  readonly names: "events" | "execution";
}

/** Ends when the events do, when the client has gone, or when it does not read. */
export async function streamEvents(response: ServerResponse, { events, stop, names }: StreamOptions): Promise<void> {
  response.writeHead(200, {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-store",
    "x-accel-buffering": "no",
    "x-content-type-options": "nosniff",
  });
  response.on("close", () => stop.abort());
  // Whoever writes to a client that has gone gets an error, which says no more than `close`.
  response.on("error", () => stop.abort());
  response.write(`retry: ${RETRY_MS}\n\n`);
  const heart = setInterval(() => response.write(": alive\n\n"), HEARTBEAT_MS);
  try {
    for await (const event of events) {
      if (stop.signal.aborted) break;
      const name = names === "execution" ? (EXECUTION_NAMES[event.type] ?? event.type) : event.type;
      const isTaken = response.write(`id: ${event.seq}\nevent: ${name}\ndata: ${JSON.stringify(event)}\n\n`);
      if (!isTaken && !(await drains(response, stop.signal))) break;
    }
  } finally {
    clearInterval(heart);
    response.end();
  }
}

/** False when the client has not read for too long, or has gone. */
async function drains(response: ServerResponse, gone: AbortSignal): Promise<boolean> {
  try {
    await once(response, "drain", { signal: AbortSignal.any([gone, AbortSignal.timeout(PATIENCE_MS)]) });
    return true;
  } catch {
    response.destroy(); // What it has not read is in the journal; it comes back with its last id.
    return false;
  }
}
