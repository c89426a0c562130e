/** Circuit breakers over opossum, one a tenant and target, made by their first call or from what the engine before left (I-36). */
import { BREAKER_INITIAL, type BreakerActor, type BreakerMove } from "../../kernel/breaker.ts";
import { BREAKER_POLICY_DEFAULT, type BreakerPolicy } from "../../plan/tool.ts";
import type { BreakerKey, Breakers } from "../../ports/breaker.ts";
import { type Breaker, createBreaker } from "./breaker.ts";

export interface BreakersOptions {
  /** @defaultValue as in `router.yaml` */
  readonly policy?: BreakerPolicy;
  /** Hears of every move as it is made. Must not throw. */
  readonly moved?: (key: BreakerKey, move: BreakerMove) => void;
}

/** Targets come from data (host names): a bound keeps them from filling the memory. */
const TARGETS_MAX = 1_000;

export interface OpossumBreakers extends Breakers {
  /** Every breaker that has been called or restored, as far as it is remembered. */
  states(): readonly (BreakerKey & { readonly actor: BreakerActor })[];
  /** Takes over what is kept elsewhere: an engine's start, or what a person did. */
  assume(key: BreakerKey, actor: BreakerActor): void;
}

interface Entry {
  readonly key: BreakerKey;
  readonly breaker: Breaker;
}

export function createBreakers(options: BreakersOptions = {}): OpossumBreakers {
  const { policy = BREAKER_POLICY_DEFAULT, moved = () => {} } = options;
  const entries = new Map<string, Entry>();

  function breakerOf(key: BreakerKey, actor = BREAKER_INITIAL, given = policy): Breaker {
    const name = nameOf(key);
    const known = entries.get(name);
    if (known !== undefined) return known.breaker;
    if (entries.size >= TARGETS_MAX) forgetOne(entries);
    const breaker = createBreaker({ actor, policy: given, moved: (move) => moved(key, move) });
    entries.set(name, { key, breaker });
    return breaker;
  }

  return {
    call: (key, work, judge, given) => breakerOf(key, BREAKER_INITIAL, given).call(work, judge, given),
    state: (key) => entries.get(nameOf(key))?.breaker.actor.state ?? "closed",
    states: () => [...entries.values()].map(({ key, breaker }) => ({ ...key, actor: breaker.actor })),
    assume(key, actor) {
      const known = entries.get(nameOf(key));
      if (known === undefined) breakerOf(key, actor);
      else known.breaker.assume(actor);
    },
    [Symbol.dispose]() {
      for (const { breaker } of entries.values()) breaker[Symbol.dispose]();
      entries.clear();
    },
  };
}

/** Neither part holds the character between them: tenants are identifiers. */
function nameOf({ tenant, target }: BreakerKey): string {
  return `${tenant} ${target}`;
}

/** The one that was made first and is closed: it holds no knowledge worth keeping. */
function forgetOne(entries: Map<string, Entry>): void {
  for (const [name, { breaker }] of entries) {
    if (breaker.actor.state !== "closed") continue;
    breaker[Symbol.dispose]();
    entries.delete(name);
    return;
  }
}
