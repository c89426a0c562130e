/**
 * Events of many runs over one WebSocket.
 *
 * WS1 Nothing is told before somebody has said who is there.
 * WS2 One page of events at a time is on its way to a client. Whoever does not take it is cut off with a word; it is all in the journal.
 */
import type { WebSocket } from "ws";
import type { PlacedEvent } from "../contract/placed-event.ts";
import { ALL_RUNS, STREAM_CLOSE, type StreamMessage, type StreamRequest } from "../contract/stream-message.ts";
import { isTroupeError, RequestError } from "../core/errors.ts";
import type { EventFeed, EventPages } from "./feed.ts";
import type { Entrant } from "./guard.ts";
import { parseStreamRequest } from "./stream-request.ts";

/** For a client to say who it is. */
const AUTHENTICATE_MS = 5_000;
const SUBSCRIPTIONS_MAX = 200;
/** For a client that is cut off to hear why. */
const FAREWELL_MS = 2_000;

export interface SocketStreamOptions {
  readonly feed: EventFeed;
  /** Who came with a key in the handshake; null for a browser. */
  readonly entrant: Entrant | null;
  readonly admit: (token: string) => Entrant | null;
  /** What a client may leave unread, in milliseconds. */
  readonly patienceMs: number;
  /** Told of what is our fault. */
  readonly warn: (message: string) => void;
}

export function streamOverSocket(socket: WebSocket, { feed, entrant: known, admit, patienceMs, warn }: SocketStreamOptions): void {
  const subscriptions = new Map<string, AbortController>();
  let entrant = known;
  const send = createSender(socket, patienceMs);
  const impatience = setTimeout(() => socket.close(STREAM_CLOSE.refused, "Nobody said who is there."), AUTHENTICATE_MS);
  const say = (message: StreamMessage): void => {
    if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(message));
  };

  function enter(found: Entrant): void {
    entrant = found;
    clearTimeout(impatience);
    say({ type: "ready" });
  }

  async function pump(run: string, pages: EventPages, { signal }: AbortController): Promise<void> {
    for await (const page of pages) {
      await send(page, () => !signal.aborted);
      if (signal.aborted) return;
    }
    if (!signal.aborted) say({ type: "rest", run });
  }

  function subscribe({ caller }: Entrant, run: string, after: number | undefined): void {
    if (subscriptions.has(run)) throw new RequestError("API_REQUEST", { problem: "It is subscribed to already." });
    if (subscriptions.size >= SUBSCRIPTIONS_MAX) throw new RequestError("API_RATE");
    const stop = new AbortController();
    const { signal } = stop;
    const pages =
      run === ALL_RUNS
        ? feed.followAll({ afterPosition: after ?? feed.lastPosition(), signal }, caller)
        : feed.follow(run, { afterSeq: after ?? 0, signal }, caller);
    subscriptions.set(run, stop);
    pump(run, pages, stop)
      .catch((error: unknown) => fail(error, run))
      .finally(() => {
        if (subscriptions.get(run) === stop) subscriptions.delete(run);
      });
  }

  function fail(error: unknown, run: string): void {
    if (isTroupeError(error) && error.code === "ENGINE_STOPPED") socket.close(STREAM_CLOSE.ended, "The server ends.");
    else if (isTroupeError(error) && error.kind === "request") say({ type: "error", code: error.code, detail: error.message, run });
    else {
      warn(`a stream of ${run}: ${String(error)}`);
      socket.close(1011, "Something went wrong here.");
    }
  }

  function admitBy(request: StreamRequest): void {
    const found = request.type === "authenticate" ? admit(request.token) : null;
    if (found === null) socket.close(STREAM_CLOSE.refused, "This ticket was used, or the key is none.");
    else enter(found);
  }

  function unsubscribe(run: string): void {
    subscriptions.get(run)?.abort();
    subscriptions.delete(run);
  }

  function obey(caller: Entrant, request: StreamRequest): void {
    switch (request.type) {
      case "authenticate":
        socket.close(STREAM_CLOSE.badMessage, "It is known who is there.");
        break;
      case "unsubscribe":
        unsubscribe(request.run);
        break;
      case "subscribe":
        try {
          subscribe(caller, request.run, request.after);
        } catch (error) {
          fail(error, request.run);
        }
    }
  }

  socket.on("message", (data, isBinary) => {
    const request = isBinary ? null : parseStreamRequest(String(data));
    if (request === null) socket.close(STREAM_CLOSE.badMessage, "This message is not known.");
    else if (socket.readyState !== socket.OPEN) return;
    else if (entrant === null) admitBy(request);
    else obey(entrant, request);
  });
  socket.on("close", () => {
    clearTimeout(impatience);
    for (const stop of subscriptions.values()) stop.abort();
    subscriptions.clear();
  });
  if (entrant !== null) enter(entrant);
}

/** WS2. Resolves when a page is on its way, or nobody wants it any more; pages take turns. */
function createSender(socket: WebSocket, patienceMs: number): (page: readonly PlacedEvent[], isWanted: () => boolean) => Promise<void> {
  let turn: Promise<void> = Promise.resolve();
  return (page, isWanted) => {
    turn = turn.then(async () => {
      if (!isWanted() || socket.readyState !== socket.OPEN) return;
      const patience = setTimeout(() => cutOff(socket), patienceMs);
      await new Promise<void>((resolve) => {
        const last = page.length - 1;
        // An error is told by `close`, too.
        for (const [index, event] of page.entries()) socket.send(textOf(event), { binary: false }, index === last ? () => resolve() : noop);
      });
      clearTimeout(patience);
    });
    return turn;
  };
}

const texts = new WeakMap<PlacedEvent, Buffer>();

/** Made once for all clients that are given the same event. */
function textOf(placed: PlacedEvent): Buffer {
  const known = texts.get(placed);
  if (known !== undefined) return known;
  const { position, event } = placed;
  const text = Buffer.from(JSON.stringify({ type: "event", run: event.runId, position, event } satisfies StreamMessage));
  texts.set(placed, text);
  return text;
}

function cutOff(socket: WebSocket): void {
  socket.close(STREAM_CLOSE.tooSlow, "What was sent was not read. Nothing is lost: come back.");
  const timer = setTimeout(() => socket.terminate(), FAREWELL_MS);
  socket.on("close", () => clearTimeout(timer));
}

const noop = (): void => {};
