/** The store cannot write for the moment: what was promised waits by itself, and nothing new is promised meanwhile (I-39). */
import { TransientError } from "../core/errors.ts";

export type StoreTrouble = "busy" | "full";

export interface TroubleReport {
  /** Called when writing stops, and with null when it goes on. */
  readonly note: (trouble: StoreTrouble | null) => void;
  /** To be told of every change in words. */
  listen(tell: (message: string) => void): void;
  /** Tells whoever listens of something else. */
  readonly say: (message: string) => void;
  /** Waits for work that writes, but no longer than `patienceMs` and a second while nothing can be written. */
  whileWritable(work: Promise<void>, patienceMs: number): Promise<void>;
  /** @throws TransientError STORE_FULL, STORE_BUSY while writing waits */
  demandWritable(): void;
}

const LOOK_EVERY_MS = 100;
const PATIENCE_MIN_MS = 1_000;

export function createTroubleReport(): TroubleReport {
  let current: StoreTrouble | null = null;
  let tell: (message: string) => void = () => {};
  return {
    note(trouble) {
      if (trouble === current) return;
      current = trouble;
      if (trouble === "full") tell("No space is left for the store. Work waits, and goes on by itself when there is some.");
      else if (trouble === "busy") tell("Another process holds the store. Work waits.");
      else tell("The store can be written again; work goes on.");
    },
    listen(listener) {
      tell = listener;
    },
    say: (message) => tell(message),
    async whileWritable(work, patienceMs) {
      let waitedMs = 0;
      const { promise: stuck, resolve: giveUp } = Promise.withResolvers<void>();
      const timer = setInterval(() => {
        waitedMs = current === null ? 0 : waitedMs + LOOK_EVERY_MS;
        if (waitedMs >= PATIENCE_MIN_MS + patienceMs) giveUp();
      }, LOOK_EVERY_MS);
      try {
        await Promise.race([work, stuck]);
      } finally {
        clearInterval(timer);
      }
    },
    demandWritable() {
      if (current === "full") throw new TransientError("STORE_FULL");
      if (current === "busy") throw new TransientError("STORE_BUSY");
    },
  };
}
