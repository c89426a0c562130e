/**
 * Circuit breakers over opossum, one a target. Time-outs belong to the step machine, so opossum's are off; breakers start closed with
 * every engine, which is safe: the first failures open them again (I-36).
 */
import CircuitBreaker from "opossum";
import type { BreakerOpen, BreakerState, Breakers } from "../../ports/breaker.ts";

export interface BreakersOptions {
  /** How long an open breaker refuses before it lets one probe through. @defaultValue 60 000 ms */
  readonly resetMs?: number;
  /** Calls within ten seconds below which nothing opens. @defaultValue 5 */
  readonly volumeThreshold?: number;
  /** Share of failures within ten seconds that opens. @defaultValue 50 % */
  readonly errorThresholdPercent?: number;
  readonly changed?: (target: string, state: BreakerState) => void;
}

const RESET_MS_DEFAULT = 60_000;
const VOLUME_THRESHOLD_DEFAULT = 5;
const ERROR_THRESHOLD_PERCENT_DEFAULT = 50;
/** While a probe is on its way nobody knows how long it takes. */
const PROBE_WAIT_MS = 1_000;
/** Targets come from data (host names): a bound keeps them from filling the memory. */
const TARGETS_MAX = 1_000;

/** Carries a result that counts against the target through opossum, which knows failures only as rejections. */
class Counted {
  readonly result: unknown;
  constructor(result: unknown) {
    this.result = result;
  }
}

type Job = () => Promise<unknown>;

interface Entry {
  readonly breaker: CircuitBreaker<[Job], unknown>;
  openUntil: number;
}

export interface OpossumBreakers extends Breakers {
  /** Every target that has been called, as far as it is remembered. */
  states(): ReadonlyMap<string, BreakerState>;
}

export function createBreakers(options: BreakersOptions = {}): OpossumBreakers {
  const entries = new Map<string, Entry>();

  function entryOf(target: string): Entry {
    const known = entries.get(target);
    if (known !== undefined) return known;
    if (entries.size >= TARGETS_MAX) forgetOne(entries);
    const entry = createEntry(target, options);
    entries.set(target, entry);
    return entry;
  }

  return {
    async call<TResult>(
      target: string,
      work: () => Promise<TResult>,
      isFailure: (result: TResult) => boolean,
    ): Promise<TResult | BreakerOpen> {
      const entry = entryOf(target);
      const job = async (): Promise<TResult> => {
        const result = await work();
        if (isFailure(result)) throw new Counted(result);
        return result;
      };
      try {
        return (await entry.breaker.fire(job)) as TResult; // the breaker hands on what the job gave
      } catch (thrown) {
        if (thrown instanceof Counted) return thrown.result as TResult; // it was made from this job's result
        if ((thrown as { code?: unknown } | null)?.code === "EOPENBREAKER") return { open: true, retryAfterMs: waitOf(entry) };
        throw thrown;
      }
    },
    state: (target) => {
      const entry = entries.get(target);
      return entry === undefined ? "closed" : stateOf(entry.breaker);
    },
    states: () => new Map([...entries].map(([target, { breaker }]) => [target, stateOf(breaker)])),
    [Symbol.dispose]() {
      for (const { breaker } of entries.values()) breaker.shutdown();
      entries.clear();
    },
  };
}

function createEntry(target: string, options: BreakersOptions): Entry {
  const resetMs = options.resetMs ?? RESET_MS_DEFAULT;
  const breaker = new CircuitBreaker<[Job], unknown>((job) => job(), {
    name: target,
    timeout: false,
    resetTimeout: resetMs,
    volumeThreshold: options.volumeThreshold ?? VOLUME_THRESHOLD_DEFAULT,
    errorThresholdPercentage: options.errorThresholdPercent ?? ERROR_THRESHOLD_PERCENT_DEFAULT,
    rollingPercentilesEnabled: false,
    enableSnapshots: false,
    // A user's failure shows that the target answers.
    errorFilter: (thrown: unknown) => !(thrown instanceof Counted),
  });
  const entry: Entry = { breaker, openUntil: 0 };
  breaker.on("open", () => {
    entry.openUntil = Date.now() + resetMs;
    options.changed?.(target, "open");
  });
  breaker.on("halfOpen", () => options.changed?.(target, "half_open"));
  breaker.on("close", () => options.changed?.(target, "closed"));
  return entry;
}

function waitOf({ breaker, openUntil }: Entry): number {
  return breaker.opened ? Math.max(1, openUntil - Date.now()) : PROBE_WAIT_MS;
}

function stateOf(breaker: CircuitBreaker<[Job], unknown>): BreakerState {
  if (breaker.halfOpen) return "half_open";
  return breaker.opened ? "open" : "closed";
}

/** The one that was made first and is closed: it holds no knowledge worth keeping. */
function forgetOne(entries: Map<string, Entry>): void {
  for (const [target, { breaker }] of entries) {
    if (!breaker.closed) continue;
    breaker.shutdown();
    entries.delete(target);
    return;
  }
}
