/**
 * When the bytes of a captured stream came, beside its file: `{ total, marks: [[end, at], …] }`, where the bytes before offset `end` that
 * no earlier mark covers came until `at`, in epoch milliseconds. Bounded however much is written: marks get coarser (I-34).
 */
import { writeWhole } from "./durable.ts";

/** Finer than a person reads, coarser than a burst of writes. */
const GAP_MS_FIRST = 10;
const MARKS_MAX = 2_048;
/** For those who look while it runs. */
const WRITE_EVERY_MS = 1_000;

export interface ArrivalTimes {
  /** The stream has so many bytes now. */
  note(total: number, at: number): void;
  finish(): void;
}

export function createArrivalTimes(path: string): ArrivalTimes {
  let marks: [end: number, at: number][] = [];
  let gapMs = GAP_MS_FIRST;
  let begunAt = Number.NEGATIVE_INFINITY;
  let writtenAt: number | null = null;
  let isWritten = true;

  const write = (): void => {
    isWritten = true;
    try {
      writeWhole(path, JSON.stringify({ total: marks.at(-1)?.[0] ?? 0, marks }));
    } catch {
      // A full disk costs the times, never the attempt (F-7).
    }
  };

  return {
    note(total, at) {
      const last = marks.at(-1);
      if (last !== undefined && at - begunAt < gapMs) {
        last[0] = total;
        last[1] = at;
      } else {
        if (marks.length === MARKS_MAX) {
          marks = marks.filter((_, index) => index % 2 === 1);
          gapMs *= 2;
        }
        marks.push([total, at]);
        begunAt = at;
      }
      isWritten = false;
      writtenAt ??= at;
      if (at - writtenAt < WRITE_EVERY_MS) return;
      writtenAt = at;
      write();
    },
    finish() {
      if (!isWritten) write();
    },
  };
}
