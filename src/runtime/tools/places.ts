/** Calls of a tool that may run at once: whoever comes later waits for a place, in order. */

export interface Places {
  /** Waits for a place; an aborted signal ends the wait without one. Disposing what it answers gives the place back. */
  enter(name: string, limit: number | null, signal: AbortSignal): Promise<Disposable>;
}

const NOTHING: Disposable = { [Symbol.dispose]: () => {} };

interface Line {
  taken: number;
  readonly waiting: (() => void)[];
}

/** One for each router: the limits of tools hold for one engine. */
export function createPlaces(): Places {
  const lines = new Map<string, Line>();

  function leave(name: string, line: Line): void {
    const next = line.waiting.shift();
    if (next !== undefined) {
      next(); // The place changes hands.
      return;
    }
    line.taken -= 1;
    if (line.taken === 0) lines.delete(name);
  }

  return {
    async enter(name, limit, signal) {
      if (limit === null || signal.aborted) return NOTHING;
      const line = lines.get(name) ?? { taken: 0, waiting: [] };
      lines.set(name, line);
      let isMine = line.taken < limit;
      if (isMine) line.taken += 1;
      else isMine = await waitIn(line, signal);
      if (!isMine) return NOTHING;
      let isHeld = true;
      return {
        [Symbol.dispose]() {
          if (isHeld) leave(name, line);
          isHeld = false;
        },
      };
    },
  };
}

/** True once a place has been handed over. */
async function waitIn(line: Line, signal: AbortSignal): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const take = (): void => resolve(true);
  const giveUp = (): void => {
    const index = line.waiting.indexOf(take);
    if (index === -1) return; // It has just been handed over.
    line.waiting.splice(index, 1);
    resolve(false);
  };
  line.waiting.push(take);
  signal.addEventListener("abort", giveUp, { once: true });
  const isMine = await promise;
  signal.removeEventListener("abort", giveUp);
  return isMine;
}
