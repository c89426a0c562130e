/** The store cannot write for the moment: what was promised waits by itself, and nothing new is promised meanwhile (I-39). */
import { TransientError } from "../core/errors.ts";

export type StoreTrouble = "busy" | "full";

export interface TroubleReport {
  /** Called when writing stops, and with null when it goes on. */
  readonly note: (trouble: StoreTrouble | null) => void;
  /** To be told of every change in words. */
  listen(tell: (message: string) => void): void;
  /** @throws TransientError STORE_FULL, STORE_BUSY while writing waits */
  demandWritable(): void;
}

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
    demandWritable() {
      if (current === "full") throw new TransientError("STORE_FULL");
      if (current === "busy") throw new TransientError("STORE_BUSY");
    },
  };
}
