/**
 * The world of one simulation: virtual time, seeded chance, and engines that can be killed or frozen in the middle of anything.
 * Nothing in it waits for real time; one seed gives one history.
 */
import type { Clock } from "../../src/ports/clock.ts";

/** Numbers in [0, 1) from a seed (mulberry32, by T. Ettinger). */
export class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from `min` to `max`. */
  between(min: number, max: number): number {
    return min + Math.floor(this.next() * (max - min + 1));
  }

  happens(probability: number): boolean {
    return this.next() < probability;
  }

  one<TItem>(items: readonly TItem[]): TItem {
    return items[Math.floor(this.next() * items.length)] as TItem; // Callers pass lists that are not empty.
  }
}

/** One life of an engine. A dead one does nothing more; a frozen one does it all later. */
export interface Engine {
  readonly epoch: number;
  isDead: boolean;
  /** Until then everything it does waits. */
  frozenUntil: number;
}

interface Happening {
  readonly at: number;
  readonly order: number;
  readonly engine: Engine | null;
  readonly happen: () => void;
  isOff: boolean;
}

/** Happenings without an engine are the outside: processes, people. */
export class World {
  now = 1_700_000_000_000;
  #order = 0;
  #heap: Happening[] = [];

  get isQuiet(): boolean {
    return this.#heap.length === 0;
  }

  after(delayMs: number, engine: Engine | null, happen: () => void): Disposable {
    return this.at(this.now + delayMs, engine, happen);
  }

  at(at: number, engine: Engine | null, happen: () => void): Disposable {
    this.#order += 1;
    const happening: Happening = { at: Math.max(at, this.now), order: this.#order, engine, happen, isOff: false };
    this.#push(happening);
    return {
      [Symbol.dispose]() {
        happening.isOff = true;
      },
    };
  }

  /** Lets the next thing happen; false when nothing is left. */
  step(): boolean {
    const next = this.#pop();
    if (next === undefined) return false;
    const { engine } = next;
    if (next.isOff || engine?.isDead === true) return true;
    this.now = Math.max(this.now, next.at);
    if (engine !== null && engine.frozenUntil > this.now) this.at(engine.frozenUntil, engine, next.happen);
    else next.happen();
    return true;
  }

  clockOf(engine: Engine): Clock {
    return {
      now: () => this.now,
      wakeAt: (atMs, wake) => this.at(atMs, engine, wake),
    };
  }

  #push(happening: Happening): void {
    const heap = this.#heap;
    let at = heap.push(happening) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent] as Happening; // In range.
      if (!isBefore(happening, above)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = happening;
  }

  #pop(): Happening | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let at = 0;
    for (let child = 1; child < heap.length; child = 2 * at + 1) {
      const right = heap[child + 1];
      if (right !== undefined && isBefore(right, heap[child] as Happening)) child += 1;
      const below = heap[child] as Happening; // In range.
      if (!isBefore(below, last)) break;
      heap[at] = below;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}

function isBefore(one: Happening, other: Happening): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}
