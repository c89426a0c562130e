/** Looks again and again whether worktrees at work would conflict, as long as there are any, and tells those whom it concerns (X9). */
import type { JsonObject } from "../../core/json.ts";
import type { Clock } from "../../ports/clock.ts";
import type { RadarPair, Worktree, Worktrees } from "../../ports/worktrees.ts";

export interface RadarWatch {
  /** Tells `report` when what it finds about this worktree changes. */
  watch(worktree: Worktree, report: (data: JsonObject) => void): WatchedWorktree;
}

export interface WatchedWorktree extends Disposable {
  /** What was found last, to go along with other reports; empty before. */
  latest(): JsonObject;
}

export interface RadarWatchOptions {
  readonly worktrees: Pick<Worktrees, "radar">;
  readonly clock: Clock;
  /** Milliseconds between two looks; 0 for none. @defaultValue RADAR_EVERY_MS_DEFAULT */
  readonly everyMs?: number;
}

/** A conflict is known within seconds of its making. */
const RADAR_EVERY_MS_DEFAULT = 3_000;
/** Pauses are so many times as long as the look before them: in a large repository, looking takes a bounded share of the time. */
const PAUSE_FACTOR = 10;

interface Watched {
  readonly worktree: Worktree;
  readonly report: (data: JsonObject) => void;
  latest: JsonObject;
  told: string;
}

/** Looks while something is watched, one look at a time. */
export function createRadarWatch({ worktrees, clock, everyMs = RADAR_EVERY_MS_DEFAULT }: RadarWatchOptions): RadarWatch {
  const watched = new Set<Watched>();
  let timer: Disposable | null = null;
  let isLooking = false;

  function schedule(afterMs: number): void {
    if (everyMs === 0 || isLooking || timer !== null || watched.size === 0) return;
    timer = clock.wakeAt(clock.now() + afterMs, () => {
      timer = null;
      void look();
    });
  }

  async function look(): Promise<void> {
    isLooking = true;
    const began = clock.now();
    try {
      const runIds = new Set([...watched].map(({ worktree }) => worktree.runId));
      const pairs = await worktrees.radar([...runIds]);
      for (const one of watched) tell(one, pairs);
    } catch {
      // A worktree that goes while it is looked at, or git being busy: the next look tells.
    } finally {
      isLooking = false;
      schedule(Math.max(everyMs, (clock.now() - began) * PAUSE_FACTOR));
    }
  }

  return {
    watch(worktree, report) {
      const one: Watched = { worktree, report, latest: {}, told: "[]" };
      watched.add(one);
      schedule(everyMs);
      return {
        latest: () => one.latest,
        [Symbol.dispose]() {
          watched.delete(one);
          if (watched.size > 0) return;
          timer?.[Symbol.dispose]();
          timer = null;
        },
      };
    },
  };
}

/** Says something only when it is not what was said last. */
function tell(one: Watched, pairs: readonly RadarPair[]): void {
  const found = pairs.flatMap((pair) => seenFrom(one.worktree, pair));
  const text = JSON.stringify(found);
  if (text === one.told) return;
  one.told = text;
  one.latest = { radar: found };
  one.report(one.latest);
}

/** A pair is told once, from its first step's side; the other one sees it too. */
function seenFrom({ runId, step }: Worktree, pair: RadarPair): readonly JsonObject[] {
  const files = pair.files.map(({ path, kinds }) => ({ path, kinds }));
  if (pair.runId === runId && pair.step === step) return [{ with: pair.with, files }];
  if (pair.runId === runId && pair.with === step) return [{ with: pair.step, files }];
  return pair.with === `${runId}/${step}` ? [{ with: `${pair.runId}/${pair.step}`, files }] : [];
}
