/** Leads through the run's past, event by event. What one looks at is in the address, so it can be shown to others. */
import { useRef } from "preact/hooks";
import type { EventView } from "../../../src/contract/event-view.ts";
import { useKeys } from "../../shell/keys.ts";
import { setQuery } from "../../shell/router.ts";
import { Button } from "../../ui/button.tsx";
import { duration, timeOfEvent } from "../../ui/format.ts";

interface ScrubberProps {
  readonly events: readonly EventView[];
  readonly at: number | null;
  readonly startedAt: number;
}

/** So often, at most, the address follows the knob: browsers refuse more. */
const ADDRESS_MS = 60;

export function Scrubber({ events, at, startedAt }: ScrubberProps) {
  const last = events.at(-1)?.seq ?? 0;
  const shown = Math.min(at ?? last, last);
  const event = events[shown - 1];
  const timer = useRef(0);
  const to = (seq: number): void => {
    const next = Math.min(last, Math.max(1, seq));
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setQuery({ at: next === last ? null : String(next) }), ADDRESS_MS);
  };
  useKeys("Time travel", [
    { keys: "ArrowLeft", says: "One event back", run: () => to(shown - 1) },
    { keys: "ArrowRight", says: "One event on", run: () => to(shown + 1) },
    { keys: "l", says: "Back to now", run: () => setQuery({ at: null }) },
  ]);
  return (
    <div class={at === null ? "scrubber" : "scrubber past"}>
      <Button pressed={at === null} keys="l" run={() => setQuery({ at: null })}>
        {at === null ? "Now" : "Back to now"}
      </Button>
      <input
        type="range"
        min={1}
        max={Math.max(1, last)}
        value={Math.max(1, shown)}
        aria-label="Moment that is looked at"
        aria-valuetext={event === undefined ? "no event" : `event ${shown} of ${last}: ${event.type} ${event.stepId ?? ""}`}
        onInput={({ currentTarget: { value } }) => to(Number(value))}
      />
      <span class="scrubber-text num" aria-live="polite">
        {event === undefined ? (
          <span class="soft">No events yet</span>
        ) : (
          <>
            <span class="soft">
              {shown} / {last}
            </span>{" "}
            <b>{event.type}</b> <span class="mono">{event.stepId ?? ""}</span>{" "}
            <span class="soft" title={timeOfEvent(Date.parse(event.at))}>
              +{duration(Math.max(0, Date.parse(event.at) - startedAt))}
            </span>
          </>
        )}
      </span>
    </div>
  );
}
