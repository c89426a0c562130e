/**
 * What those who follow one thing, a run or all runs, read: pages of the journal from a place of theirs. A page that reaches the end is
 * kept for a while, so that followers who have everything so far share it: it is read and made into events once, and is the same object
 * for all of them (RW2).
 */
import type { PlacedEvent } from "../contract/placed-event.ts";

/** Events after a place. */
export interface EventPage {
  readonly events: readonly PlacedEvent[];
  /** The place behind them. */
  readonly through: number;
  /** Whether there was nothing more. */
  readonly isLast: boolean;
}

export interface EventChannel {
  /** Wakes one follower each. */
  readonly followers: Set<() => void>;
  /** There is more than was read; who follows is woken by others. */
  moved(): void;
  after(place: number): EventPage;
}

export interface EventChannelOptions {
  readonly read: (place: number) => EventPage;
  readonly placeOf: (event: PlacedEvent) => number;
}

/** Ends of the journal that are kept; who is further behind reads for itself. */
const KEPT_MAX = 8;

export function createEventChannel({ read, placeOf }: EventChannelOptions): EventChannel {
  const followers = new Set<() => void>();
  let kept: readonly { readonly after: number; readonly page: EventPage }[] = [];
  /** Whether the last kept page still reaches the end, as far as anybody knows. */
  let isWhole = false;
  return {
    followers,
    moved() {
      isWhole = false;
    },
    after(place) {
      const found = kept.find(({ after, page }) => after <= place && place < page.through);
      if (found === undefined) {
        const page = read(place);
        if (page.isLast) isWhole = true;
        if (page.isLast && page.events.length > 0) kept = [...kept.slice(1 - KEPT_MAX), { after: place, page }];
        return page;
      }
      const { after, page } = found;
      const events = after === place ? page.events : page.events.filter((event) => placeOf(event) > place);
      return { events, through: page.through, isLast: isWhole && found === kept.at(-1) };
    },
  };
}
