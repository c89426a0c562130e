/**
 * The events of one run as they happen, by Server-Sent Events over `fetch`, so that a page with many tabs may say itself where it goes on.
 *
 * R1 Every event comes once and in order: their numbers have no gaps, so one that is known is left out, and a gap means to ask again.
 * R2 A stream that breaks is taken up behind the last known event; a run at rest is left alone until somebody says that it moves again.
 */
import type { EventView } from "../../src/contract/event-view.ts";
import { type Problem, problemOf } from "../api/problem.ts";
import { addressOf, ask } from "../api/request.ts";
import { backoffMs } from "./backoff.ts";
import { createEventParser } from "./event-source.ts";

export type StreamHealth =
  | { readonly kind: "connecting" }
  | { readonly kind: "live" }
  /** All of its events are there. */
  | { readonly kind: "rest" }
  | { readonly kind: "lost"; readonly problem: Problem };

export interface RunStreamOptions {
  readonly run: string;
  /** A handful at once: what one piece of the stream held. */
  readonly heard: (events: readonly EventView[]) => void;
  readonly changed: (health: StreamHealth) => void;
}

export interface RunStream {
  /** The run may have moved since it was at rest. */
  wake(): void;
  stop(): void;
}

/** Statuses that trying again does not change. */
const FINAL = new Set([401, 403, 404]);

export function followRun({ run, heard, changed }: RunStreamOptions): RunStream {
  const gone = new AbortController();
  let last = 0;
  let failures = 0;
  let wakeUp: () => void = () => {};
  let isWoken = false;

  const take = (events: readonly EventView[]): void => {
    const fresh: EventView[] = [];
    for (const event of events) {
      if (event.seq <= last) continue;
      if (event.seq !== last + 1) throw new Error(`event ${event.seq} came after ${last}`);
      last = event.seq;
      fresh.push(event);
    }
    if (fresh.length > 0) heard(fresh);
  };

  /** True when the run is at rest. */
  const readOnce = async (): Promise<boolean> => {
    const answer = await ask("GET", addressOf(`/runs/${run}/events`), {
      signal: gone.signal,
      headers: { accept: "text/event-stream", ...(last > 0 && { "last-event-id": String(last) }) },
    });
    if (answer.status === 204 || answer.body === null) return true;
    failures = 0;
    changed({ kind: "live" });
    const parser = createEventParser();
    for await (const text of answer.body.pipeThrough(new TextDecoderStream()) as unknown as AsyncIterable<string>)
      take(parser.push(text).map(({ data }) => JSON.parse(data) as EventView)); // The contract of the route.
    return false;
  };

  const sleep = (ms: number | null): Promise<void> =>
    new Promise((resolve) => {
      const timer = ms === null ? 0 : setTimeout(resolve, ms);
      wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
      gone.signal.addEventListener("abort", wakeUp, { once: true });
      if (isWoken) wakeUp();
    });

  const follow = async (): Promise<void> => {
    changed({ kind: "connecting" });
    while (!gone.signal.aborted) {
      isWoken = false;
      try {
        if (!(await readOnce())) continue;
        changed({ kind: "rest" });
        await sleep(null);
      } catch (thrown) {
        if (gone.signal.aborted) return;
        const problem = problemOf(thrown);
        changed({ kind: "lost", problem });
        await sleep(FINAL.has(problem.status) ? null : backoffMs(++failures, Math.random()));
      }
    }
  };
  void follow();
  return {
    wake() {
      isWoken = true;
      wakeUp();
    },
    stop: () => gone.abort(),
  };
}
