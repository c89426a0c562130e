/**
 * What every WebSocket here has in common (S-29): an error harms its own connection only, a peer that is gone is noticed, one whose key was
 * revoked is sent away, and nobody sends more than a client of ours would.
 */
import type { WebSocket } from "ws";
import { STREAM_CLOSE } from "../contract/stream-message.ts";
import type { Entrant } from "./guard.ts";
import type { Streams } from "./streams.ts";

/** No message of a client is longer. */
export const MESSAGE_MAX_BYTES = 16 * 1024;
const HEARTBEAT_MS = 15_000;
const MESSAGES_A_MINUTE = 3_000;
const MINUTE_MS = 60_000;

export interface SocketOptions {
  readonly streams: Streams;
  /** Null while nobody has said who is there. */
  readonly entrant: () => Entrant | null;
}

/** False when there are too many; it is closed then. */
export function keepSocket(socket: WebSocket, { streams, entrant }: SocketOptions): boolean {
  socket.on("error", () => socket.terminate());
  let place: Disposable;
  try {
    place = streams.enter("websocket", () => socket.close(STREAM_CLOSE.ended, "The server ends. Nothing is lost: come back."));
  } catch {
    socket.close(STREAM_CLOSE.tooMany, "There are too many clients.");
    return false;
  }
  let isThere = true;
  let messages = 0;
  const heart = setInterval(() => {
    if (!isThere) socket.terminate();
    else if (entrant()?.isStillIn() === false) socket.close(STREAM_CLOSE.refused, "This key or session has ended.");
    else socket.ping();
    isThere = false;
  }, HEARTBEAT_MS);
  const counting = setInterval(() => {
    messages = 0;
  }, MINUTE_MS);
  socket.on("pong", () => {
    isThere = true;
  });
  socket.on("message", () => {
    messages += 1;
    if (messages > MESSAGES_A_MINUTE) socket.close(STREAM_CLOSE.tooMany, "Too many messages.");
  });
  socket.on("close", () => {
    clearInterval(heart);
    clearInterval(counting);
    place[Symbol.dispose]();
  });
  return true;
}
