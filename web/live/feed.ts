/**
 * What happens to all runs, over one WebSocket that the whole page shares. It is open while somebody listens.
 *
 * F1 Events have positions that order them across runs. After a break it asks behind the last one, so none is lost; one that is known already is left out, so none comes twice.
 * F2 Listeners are told when the connection is there (again): what they show they then ask anew, since a server may have forgotten the position.
 * F3 Where no socket comes about, listeners are told from time to time instead, as if it had.
 */
import { signal } from "@preact/signals";
import type { EventView } from "../../src/contract/event-view.ts";
import type { StreamMessage, StreamRequest } from "../../src/contract/stream-message.ts";
import { API, change } from "../api/request.ts";
import { backoffMs } from "./backoff.ts";

export type FeedHealth =
  | { readonly kind: "idle" }
  | { readonly kind: "connecting" }
  | { readonly kind: "live" }
  /** Tries again then; until then, what is shown may be old. */
  | { readonly kind: "lost"; readonly retryAt: number }
  /** No socket, but answers: the page asks from time to time. */
  | { readonly kind: "polling" };

export interface FeedListener {
  readonly heard: (event: EventView) => void;
  /** Ask again for what is shown. */
  readonly joined: () => void;
}

export const feedHealth = signal<FeedHealth>({ kind: "idle" });

const ALL = "*";
const POLL_AFTER_FAILURES = 3;
const POLL_MS = 5_000;

const listeners = new Set<FeedListener>();
let socket: WebSocket | null = null;
let position: number | null = null;
let failures = 0;
let timer = 0;

export function listenToFeed(listener: FeedListener): () => void {
  listeners.add(listener);
  if (listeners.size === 1) void open();
  else if (feedHealth.peek().kind === "live") listener.joined();
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) close();
  };
}

/** Tries at once, for who does not want to wait. */
export function reconnect(): void {
  clearTimeout(timer);
  if (socket === null && listeners.size > 0) void open();
}

function close(): void {
  clearTimeout(timer);
  const old = socket;
  socket = null;
  failures = 0;
  position = null;
  old?.close();
  feedHealth.value = { kind: "idle" };
}

async function open(): Promise<void> {
  if (feedHealth.peek().kind !== "polling") feedHealth.value = { kind: "connecting" };
  let token: string;
  try {
    ({ ticket: token } = await change<{ readonly ticket: string }>("POST", "/session/stream-ticket"));
  } catch {
    return fail();
  }
  if (listeners.size === 0 || socket !== null) return;
  const own = new WebSocket(`${location.origin.replace(/^http/, "ws")}${API}/stream`);
  socket = own;
  const say = (request: StreamRequest): void => own.send(JSON.stringify(request));
  own.addEventListener("open", () => say({ type: "authenticate", token }));
  own.addEventListener("message", ({ data }) => {
    if (socket !== own) return;
    const message = JSON.parse(String(data)) as StreamMessage; // From our own server.
    if (message.type === "ready") {
      say({ type: "subscribe", run: ALL, ...(position !== null && { after: position }) });
      failures = 0;
      feedHealth.value = { kind: "live" };
      for (const { joined } of listeners) joined();
    } else if (message.type === "event") {
      if (position !== null && message.position <= position) return;
      position = message.position;
      for (const { heard } of listeners) heard(message.event);
    } else if (message.type === "error") own.close();
  });
  own.addEventListener("close", () => {
    if (socket !== own) return;
    socket = null;
    fail();
  });
}

function fail(): void {
  if (listeners.size === 0) return;
  failures++;
  const isPolling = failures > POLL_AFTER_FAILURES;
  const waitMs = isPolling ? POLL_MS : backoffMs(failures, Math.random());
  feedHealth.value = isPolling ? { kind: "polling" } : { kind: "lost", retryAt: Date.now() + waitMs };
  if (isPolling) for (const { joined } of listeners) joined();
  clearTimeout(timer);
  timer = setTimeout(() => void open(), waitMs);
}
