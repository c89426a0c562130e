/** A run's events from a server, each once and in order, however often the connection or the server comes and goes (I-6). */
import type { EventView } from "../../contract/event-view.ts";
import { isTroupeError } from "../../core/errors.ts";
import type { ServerClient } from "./server-client.ts";

const COMES_BACK_MS = 1_000;

export interface ServerEventsOptions {
  readonly client: ServerClient;
  readonly run: string;
  readonly signal: AbortSignal;
  /** Told when the server cannot be reached, and when it can again. */
  readonly away: (isAway: boolean) => void;
}

/** Ends when the run is at rest, or with the signal. @throws RequestError SERVER_REFUSED */
export async function* serverEvents({ client, run, signal, away }: ServerEventsOptions): AsyncGenerator<EventView> {
  let seq = 0;
  let isAway = false;
  const note = (now: boolean): void => {
    if (now !== isAway) away(now);
    isAway = now;
  };
  while (!signal.aborted) {
    try {
      const body = await client.events(run, seq, signal);
      note(false);
      if (body === null) return;
      for await (const event of readEvents(body)) {
        seq = event.seq;
        yield event;
      }
      // A stream ends at rest, or with the server: the next answer says which.
    } catch (thrown) {
      if (signal.aborted) return;
      if (isTroupeError(thrown) && thrown.code !== "SERVER_AWAY") throw thrown;
      note(true);
      await pause(COMES_BACK_MS, signal);
    }
  }
}

/** Messages of a stream of events, by their data. */
async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<EventView> {
  let text = "";
  for await (const chunk of body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)) {
    text += chunk;
    const parts = text.split("\n\n");
    text = parts.pop() ?? "";
    for (const part of parts) {
      const data = part
        .split("\n")
        .filter((line) => line.startsWith("data: "))
        .map((line) => line.slice("data: ".length));
      if (data.length > 0) yield JSON.parse(data.join("\n")) as EventView; // From the server that was named.
    }
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener(
      "abort",
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}
