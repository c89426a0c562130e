/**
 * Sends the spans of runs to a collector, from committed entries only. It can neither delay nor fail a run (I-38): spans wait in the
 * SDK's queue, which is bounded, and what does not fit or does not arrive is counted.
 */
import { readFileSync } from "node:fs";
import { findPackageJSON } from "node:module";
import type { Observer } from "../src/ports/observer.ts";
import type { StoreReader } from "../src/ports/store.ts";
import { createBudget } from "./budget.ts";
import { bounded } from "./spans-shape.ts";
import { TracingObserver } from "./tracing-observer.ts";
import { startTracingSdk } from "./tracing-sdk.ts";
import type { TracingSettings } from "./tracing-settings.ts";

const PROBLEM_CHARS_MAX = 200;
/** The spans of about a thousand steps. */
const RESERVE_MS = 150;

export interface TracingOptions {
  readonly settings: TracingSettings;
  readonly store: Pick<StoreReader, "entries" | "samples">;
  readonly warn: (message: string) => void;
  readonly note: (message: string) => void;
}

export interface Tracing extends AsyncDisposable {
  readonly observers: readonly Observer[];
}

export async function openTracing({ settings, store, warn, note }: TracingOptions): Promise<Tracing> {
  let hasWarned = false;
  const failed = (problem: string): void => {
    const text = `Traces do not reach ${settings.endpoint}: ${harmless(problem)}. Runs go on; \`troupe trace\` shows them all the same.`;
    if (!hasWarned) warn(text);
    hasWarned = true;
  };
  const budget = createBudget({ share: settings.share, reserveMs: RESERVE_MS, now: () => performance.now() });
  let leftOut = 0;
  const sdk = await startTracingSdk({ settings, version: readVersion(), failed, print: note, spent: budget.spend });
  if (sdk === null) {
    warn("This program has an OpenTelemetry SDK of its own, so runs are not traced. `troupe trace --json` gives their spans.");
    return { observers: [], [Symbol.asyncDispose]: () => Promise.resolve() };
  }
  return {
    observers: [
      new TracingObserver({
        sdk,
        store,
        budget,
        leftOut() {
          if (leftOut === 0) warn(tooBusy(settings.share));
          leftOut += 1;
        },
      }),
    ],
    async [Symbol.asyncDispose]() {
      const lost = await sdk.close();
      if (leftOut > 0) note(`${leftOut} ${leftOut === 1 ? "run was" : "runs were"} not traced, to leave the engine its time.`);
      if (lost > 0) {
        failed("nobody took them within 2 s");
        note(`${lost} ${lost === 1 ? "span was" : "spans were"} lost.`);
      }
    },
  };
}

function tooBusy(share: number): string {
  const percent = Math.round(share * 100);
  return `The engine is busy, and tracing may take ${percent} % of its time: some runs are not traced. \`troupe trace\` shows them all the same; TROUPE_TRACING_PERCENT=100 sends every one.`;
}

/** What a collector answered may hold anything (S-43). */
function harmless(problem: string): string {
  return bounded(problem.replace(/\p{Cc}+/gu, " "), PROBLEM_CHARS_MAX).replace(/[\s.:]+$/, "");
}

function readVersion(): string {
  const file = findPackageJSON(".", import.meta.url);
  return file === undefined ? "unknown" : String(JSON.parse(readFileSync(file, "utf8")).version);
}
