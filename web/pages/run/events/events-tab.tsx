import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { EventView } from "../../../../src/contract/event-view.ts";
import { familyOf } from "../../../look/look.ts";
import { useKeys } from "../../../shell/keys.ts";
import { setQuery } from "../../../shell/router.ts";
import { many, timeOfEvent } from "../../../ui/format.ts";
import { Empty } from "../../../ui/states.tsx";
import { JsonText } from "../../../ui/texts.tsx";
import { scrolledTo, windowOf } from "../../../ui/window.ts";
import "./events.css";
import { useScrolled } from "../../../ui/scrolled.ts";
import { SearchField } from "../../../ui/search-field.tsx";

interface EventsProps {
  readonly events: readonly EventView[];
  readonly at: number | null;
}

const ROW_HEIGHT = 30;

export function EventsTab({ events, at }: EventsProps) {
  const [text, setText] = useState("");
  const found = useMemo(() => filterEvents(events, text), [events, text]);
  const shown = at === null ? events.at(-1) : events[at - 1];
  return (
    <div class="events">
      <div class="events-list">
        <div class="events-filter">
          <SearchField class="grow" label="Filter events" placeholder="Type, step or state" value={text} change={setText} />
          <span class="soft small num" role="status">
            {many(found.length, "event")}
          </span>
        </div>
        {found.length === 0 ? (
          <Empty title={events.length === 0 ? "No events yet" : "No event fits"} />
        ) : (
          <EventRows events={found} at={at} />
        )}
      </div>
      {shown !== undefined && <EventDetail event={shown} />}
    </div>
  );
}

/** All words must be in it. */
function filterEvents(events: readonly EventView[], text: string): readonly EventView[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return events;
  return events.filter(({ type, stepId = "run", to = "" }) => {
    const told = `${type} ${stepId} ${to}`.toLowerCase();
    return words.every((word) => told.includes(word));
  });
}

function EventRows({ events, at }: EventsProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const isFollowing = useRef(true);
  const { top, view } = useScrolled(scroller, ({ scrollTop, clientHeight, scrollHeight }) => {
    isFollowing.current = scrollTop + clientHeight >= scrollHeight - ROW_HEIGHT;
  });
  // The latest stays in sight while one looks at now, and the chosen one when one looks back.
  useEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    const index = at === null ? events.length - 1 : events.findIndex(({ seq }) => seq === at);
    if (index < 0 || (at === null && !isFollowing.current)) return;
    element.scrollTop = scrolledTo(index, element.scrollTop, element.clientHeight, ROW_HEIGHT);
  }, [events, at]);
  const step = (by: number): void => {
    const present = events.findIndex(({ seq }) => seq === (at ?? events.at(-1)?.seq));
    const next = events[Math.min(events.length - 1, Math.max(0, present + by))];
    if (next !== undefined) setQuery({ at: String(next.seq) });
  };
  useKeys("Events", [
    { keys: "j", says: "Next event of the list", run: () => step(1) },
    { keys: "k", says: "Previous event of the list", run: () => step(-1) },
  ]);
  const { from, to } = windowOf(top, view, ROW_HEIGHT, events.length);
  return (
    <div class="events-rows" ref={scroller}>
      <ol class="events-space" style={{ height: `${events.length * ROW_HEIGHT}px` }} aria-label="Events">
        {events.slice(from, to).map((event, index) => (
          <li key={event.seq} class="events-item" style={{ transform: `translateY(${(from + index) * ROW_HEIGHT}px)` }}>
            <button
              type="button"
              class={`event-row${event.seq === at ? " current" : ""}${at !== null && event.seq > at ? " later" : ""}`}
              aria-current={event.seq === at ? "true" : undefined}
              onClick={() => setQuery({ at: String(event.seq) })}
            >
              <span class="num soft event-seq">{event.seq}</span>
              <span class="num soft event-time">{timeOfEvent(Date.parse(event.at))}</span>
              <span class="event-dot" data-family={familyOf(event.to ?? "pending")} aria-hidden="true" />
              <span class="event-type">{event.type}</span>
              <span class="mono ellipsis event-step">{event.stepId ?? ""}</span>
              <span class="soft ellipsis event-to">{event.from === event.to ? "" : `→ ${event.to ?? ""}`}</span>
            </button>
          </li>
        ))}
      </ol>
    </div>
  );
}

function EventDetail({ event }: { readonly event: EventView }) {
  const { seq, type, stepId, attempt, from, to, at, traceId, spanId, data } = event;
  const facts: readonly (readonly [string, string])[] = [
    ["At", timeOfEvent(Date.parse(at))],
    ["Actor", stepId ?? "the run"],
    ...(attempt === undefined ? [] : [["Attempt", String(attempt)] as const]),
    ["From", from ?? "–"],
    ["To", to ?? "–"],
    ["Trace", traceId],
    ["Span", spanId],
  ];
  return (
    <section class="event-detail stack" aria-label="Event">
      <h2>
        <span class="soft num">{seq}</span> {type}
      </h2>
      <dl class="event-facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt class="soft">{name}</dt>
            <dd class="mono">{value}</dd>
          </div>
        ))}
      </dl>
      <JsonText value={data} label="Data of the event" />
    </section>
  );
}
