/**
 * The breakers of an engine as durable actors (I-36): restored from the store when the engine opens, and their moves kept there. A move
 * takes effect at once and is on disk a moment later. If the engine dies in between, the next one finds the breaker as it was before,
 * which costs a few more calls or one more probe, and nothing else.
 */
import type { OpossumBreakers } from "../adapters/breaker-opossum/breakers.ts";
import { FencedError, toError } from "../core/errors.ts";
import type { Epoch } from "../core/ids.ts";
import type { BreakerMove } from "../kernel/breaker.ts";
import type { BreakerKey, BreakerState, BreakerStore, Breakers } from "../ports/breaker.ts";
import type { Store } from "../ports/store.ts";

export type BreakerWatcher = (target: string, state: BreakerState) => void;

export interface DurableBreakers extends Breakers {
  /** By target; of several tenants' breakers the one that lets least through. */
  states(): ReadonlyMap<string, BreakerState>;
  /** Hears when a breaker changes, until disposed. */
  watch(changed: BreakerWatcher): Disposable;
  /** Goes on from what the store holds, and keeps it up to date until disposed. Opossum loads only if a breaker is not closed. */
  keep(store: BreakerStore & Pick<Store, "watch">, epoch: Epoch, warn: (message: string) => void): Promise<Disposable>;
}

/** A person closes a breaker from another process; that much later it is closed here. */
const NEWS_EVERY_MS = 200;

const SEVERITY: Readonly<Record<BreakerState, number>> = { closed: 0, half_open: 1, open: 2 };

export function createDurableBreakers(): DurableBreakers {
  const watchers = new Set<BreakerWatcher>();
  let made: OpossumBreakers | null = null;
  let loading: Promise<OpossumBreakers> | null = null;
  let keeper: ((key: BreakerKey, move: BreakerMove) => void) | null = null;
  let isDisposed = false;

  const load = (): Promise<OpossumBreakers> => {
    loading ??= import("../adapters/breaker-opossum/breakers.ts").then(({ createBreakers }) => {
      made = createBreakers({ moved });
      if (isDisposed) made[Symbol.dispose]();
      return made;
    });
    return loading;
  };

  function moved(key: BreakerKey, move: BreakerMove): void {
    keeper?.(key, move);
    tell(key.target, move.to.state);
  }

  function tell(target: string, state: BreakerState): void {
    for (const changed of watchers) changed(target, state);
  }

  return {
    call: async (key, work, judge, policy) => (made ?? (await load())).call(key, work, judge, policy),
    state: (key) => made?.state(key) ?? "closed",
    states() {
      const worst = new Map<string, BreakerState>();
      for (const { target, actor } of made?.states() ?? [])
        if (SEVERITY[actor.state] >= SEVERITY[worst.get(target) ?? "closed"]) worst.set(target, actor.state);
      return worst;
    },
    watch(changed) {
      watchers.add(changed);
      return { [Symbol.dispose]: () => void watchers.delete(changed) };
    },
    async keep(store, epoch, warn) {
      let revision = 0;
      const own = `engine ${epoch}`;
      const left = store.breakers(0);
      revision = left.at(-1)?.revision ?? 0;
      for (const { tenant, target, actor } of left) if (actor.state !== "closed") (await load()).assume({ tenant, target }, actor);
      const keep = (key: BreakerKey, move: BreakerMove): void => {
        store.keepBreaker(key, move, epoch).catch((thrown: unknown) => {
          // An engine that has lost its store ends by itself, and says why.
          if (!(thrown instanceof FencedError)) warn(`A move of the breaker of ${key.target} was not kept: ${toError(thrown).message}`);
        });
      };
      keeper = keep;
      const hear = (): void => {
        for (const { tenant, target, actor, changedBy, revision: latest } of store.breakers(revision)) {
          revision = latest;
          if (changedBy === own) continue;
          made?.assume({ tenant, target }, actor);
          tell(target, actor.state);
        }
      };
      const watch = store.watch(() => {
        try {
          hear();
        } catch (thrown) {
          // As above: nothing is left to say here, and a throw in a timer would end the process without a word about the store.
          if (!(thrown instanceof FencedError)) throw thrown;
        }
      }, NEWS_EVERY_MS);
      return {
        [Symbol.dispose]() {
          watch[Symbol.dispose]();
          if (keeper === keep) keeper = null;
        },
      };
    },
    [Symbol.dispose]() {
      isDisposed = true;
      made?.[Symbol.dispose]();
    },
  };
}
