/** A run's events: a page of them as JSON, or as a stream for who accepts `text/event-stream`. */
import { Type } from "typebox";
import type { EventView } from "../../contract/event-view.ts";
import type { Api } from "../api.ts";
import { streamEvents } from "../event-stream.ts";
import type { EventFeed } from "../feed.ts";
import { entrantOf } from "../guard.ts";
import { EventPage, EventsQuery, RunParams } from "../schemas/runs.ts";
import type { RunService } from "../service.ts";
import type { Streams } from "../streams.ts";
import { about } from "./about.ts";

const Stream = Type.Unsafe<string>({ type: "string", description: "Server-Sent Events, whose `id` is the number of an event." });
const PAGE = 1_000;
/** A client that was cut off comes back at once, and thousands may be cut off together. */
const REQUESTS_A_MINUTE = 60_000;

export interface EventRoutesOptions {
  readonly feed: EventFeed;
  readonly streams: Streams;
  readonly patienceMs: number;
}

export function eventRoutes(app: Api, service: RunService, { feed, streams, patienceMs }: EventRoutesOptions): void {
  app.get(
    "/runs/:run/events",
    {
      config: { right: "read", rateLimit: { max: REQUESTS_A_MINUTE, timeWindow: "1 minute" } },
      schema: {
        ...about({
          id: "readEvents",
          summary: "Events of a run, as JSON or as a stream",
          tag: "runs",
          description:
            "With `Accept: text/event-stream` it goes on until the run is at rest; `Last-Event-ID` goes on where a client was cut off.",
          answers: {
            200: {
              description: "A page of events, or all of them as they come.",
              content: { "application/json": { schema: EventPage }, "text/event-stream": { schema: Stream } },
            },
            204: Type.Unsafe<undefined>({ type: "null", description: "The run is at rest, and nothing has come since." }),
          },
        }),
        params: RunParams,
        querystring: EventsQuery,
      },
    },
    async (request, reply) => {
      const { caller, isStillIn } = entrantOf(request);
      const { run } = request.params;
      const { after = "0", names = "events" } = request.query;
      const last = request.headers["last-event-id"];
      const afterSeq = typeof last === "string" && /^\d{1,15}$/.test(last) ? Number(last) : Number(after);
      const stored = { afterSeq, follow: false, signal: new AbortController().signal };
      if (!/\btext\/event-stream\b/.test(request.headers.accept ?? "")) {
        const events = await pageOf(service.events(run, stored, caller));
        return { events, next: events.length === PAGE ? (events.at(-1)?.seq ?? null) : null };
      }
      const isAtRest = service.isAtRest(run, caller);
      // A browser connects again after every end, but for this answer.
      const isDone = isAtRest && afterSeq > 0 && (await pageOf(service.events(run, stored, caller))).length === 0;
      if (isDone) return reply.code(204).send(undefined);
      const stop = new AbortController();
      using _place = streams.enter("sse", () => stop.abort());
      const pages = feed.follow(run, { afterSeq, signal: stop.signal }, caller);
      reply.hijack();
      await streamEvents(reply.raw, { pages, stop, names, patienceMs, isStillIn });
      return reply;
    },
  );
}

async function pageOf(events: AsyncIterable<EventView>): Promise<readonly EventView[]> {
  const page: EventView[] = [];
  for await (const event of events) if (page.push(event) === PAGE) break;
  return page;
}
