/**
 * A run's events as Server-Sent Events, from the journal: a client that names the last event it has had gets every later one once, in
 * order, whichever process serves it (I-6).
 */
import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { EXECUTION_NAMES } from "../contract/event-view.ts";
import type { PlacedEvent } from "../contract/placed-event.ts";
import type { EventPages } from "./feed.ts";

/** A proxy ends a connection on which nothing comes. */
const HEARTBEAT_MS = 15_000;
const RETRY_MS = 1_000;
/** For a client that is cut off to read why. */
const FAREWELL_MS = 2_000;

/** Names of an older system beside ours. */
type Names = "events" | "execution";

export interface StreamOptions {
  readonly pages: EventPages;
  readonly stop: AbortController;
  readonly names: Names;
  /** What a client may leave unread before it is told to come back, in milliseconds. */
  readonly patienceMs: number;
  /** Whether the client would still be let in; asked now and then. */
  readonly isStillIn: () => boolean;
}

/** Ends when the events do, when the client has gone or may not be here any more, or when it does not read. */
export async function streamEvents(response: ServerResponse, options: StreamOptions): Promise<void> {
  const { pages, stop, names, patienceMs, isStillIn } = options;
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
  const heart = setInterval(() => (isStillIn() ? response.write(": alive\n\n") : stop.abort()), HEARTBEAT_MS);
  try {
    for await (const page of pages) {
      if (stop.signal.aborted) break;
      if (response.write(textOf(page, names)) || (await drains(response, stop.signal, patienceMs))) continue;
      cutOff(response);
      break;
    }
  } finally {
    clearInterval(heart);
    response.end();
  }
}

const texts: Readonly<Record<Names, WeakMap<readonly PlacedEvent[], Buffer>>> = { events: new WeakMap(), execution: new WeakMap() };

/** Made once for all clients that are given the same page. */
function textOf(page: readonly PlacedEvent[], names: Names): Buffer {
  const known = texts[names].get(page);
  if (known !== undefined) return known;
  const nameOf = (type: string): string => (names === "execution" ? (EXECUTION_NAMES[type] ?? type) : type);
  const made = page.map(({ event }) => `id: ${event.seq}\nevent: ${nameOf(event.type)}\ndata: ${JSON.stringify(event)}\n\n`);
  const text = Buffer.from(made.join(""));
  texts[names].set(page, text);
  return text;
}

/** False when the client has not read for too long, or has gone. */
async function drains(response: ServerResponse, gone: AbortSignal, patienceMs: number): Promise<boolean> {
  const patience = new AbortController();
  const leave = (): void => patience.abort();
  const timer = setTimeout(leave, patienceMs);
  gone.addEventListener("abort", leave);
  try {
    await once(response, "drain", { signal: patience.signal });
    return true;
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
    gone.removeEventListener("abort", leave);
  }
}

/** What it has not read is in the journal; it comes back with its last id. */
function cutOff(response: ServerResponse): void {
  if (response.destroyed) return;
  response.end(": cut off, since what came was not read; come back with Last-Event-ID\n\n");
  const timer = setTimeout(() => response.destroy(), FAREWELL_MS);
  response.on("close", () => clearTimeout(timer));
}
