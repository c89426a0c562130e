/** Clients that stay: how many there are, how many there may be, and their end when the server's comes. */
import { RequestError } from "../core/errors.ts";
import type { StreamCounts } from "../ports/stream-counts.ts";

/** Each holds a socket and some tens of kilobytes. */
const STREAMS_MAX = 10_000;

export interface Streams {
  readonly counts: () => StreamCounts;
  /** Until disposed, `end` is called when the server ends. @throws RequestError API_RATE */
  enter(kind: keyof StreamCounts, end: () => void): Disposable;
  endAll(): void;
}

export function createStreams(): Streams {
  const open = { sse: new Set<() => void>(), websocket: new Set<() => void>() };
  const counts = (): StreamCounts => ({ sse: open.sse.size, websocket: open.websocket.size });
  return {
    counts,
    enter(kind, end) {
      if (open.sse.size + open.websocket.size >= STREAMS_MAX) throw new RequestError("API_RATE");
      const leave = (): void => end();
      open[kind].add(leave);
      return { [Symbol.dispose]: () => void open[kind].delete(leave) };
    },
    endAll() {
      for (const end of [...open.sse, ...open.websocket]) end();
    },
  };
}
