/**
 * Keeps V8's nursery small in a process that belongs to Troupe.
 *
 * V8 doubles the nursery of a busy thread up to 128 MiB and keeps its pages for good, whatever is left in them: with ten thousand runs waiting,
 * 115 of 170 MiB were that. Its size has a flag for the start of a process only, but whether it grows is asked at each collection.
 *
 * Flags are those of the whole process, so a library does this only for a host that says so (`ownsProcess`); see `docs/embedding.md`.
 */
import { PerformanceObserver } from "node:perf_hooks";
import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8";

/** With less, more of what is soon garbage survives; with more, nothing gets faster (bench/README.md). */
const SEMI_SPACE_MIB = 8;
/** The nursery is two of them. */
const NURSERY_BYTES = 2 * SEMI_SPACE_MIB * 1024 * 1024;

/** Those who asked for it and are not done; the flags are one for all of them. */
let holders = 0;
let limit: Disposable | null = null;

/** Until all who asked are done. Does nothing where somebody has chosen a size. */
export function limitNursery(): Disposable {
  if (isChosen()) return { [Symbol.dispose]: () => {} };
  holders += 1;
  limit ??= hold();
  return {
    [Symbol.dispose]() {
      holders -= 1;
      if (holders > 0) return;
      limit?.[Symbol.dispose]();
      limit = null;
    },
  };
}

function hold(): Disposable {
  // Threads that start from now on begin at that size: at the usual one they could not grow while the main thread must not.
  setFlagsFromString(`--min-semi-space-size=${SEMI_SPACE_MIB}`);
  let growth = 2;
  const grow = (factor: number): void => {
    if (factor !== growth) setFlagsFromString(`--semi-space-growth-factor=${factor}`);
    growth = factor;
  };
  const observer = new PerformanceObserver(() => grow(nurseryBytes() < NURSERY_BYTES ? 2 : 1));
  observer.observe({ entryTypes: ["gc"] });
  return {
    [Symbol.dispose]() {
      observer.disconnect();
      grow(2);
      setFlagsFromString("--min-semi-space-size=0");
    },
  };
}

function nurseryBytes(): number {
  return getHeapSpaceStatistics().find(({ space_name: name }) => name === "new_space")?.space_size ?? 0;
}

function isChosen(): boolean {
  const { NODE_OPTIONS: options = "" } = process.env;
  return [...process.execArgv, options].some((text) => /semi[-_]space/.test(text));
}
