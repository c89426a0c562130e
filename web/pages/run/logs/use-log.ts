/** What an attempt printed, part by part as it is wanted, and the end of it as it grows. */
import { useEffect, useReducer, useRef } from "preact/hooks";
import { type Problem, problemOf } from "../../../api/problem.ts";
import { addressOf, ask } from "../../../api/request.ts";
import { LogLines } from "./log-lines.ts";

export interface Log {
  readonly lines: LogLines;
  /** Bytes that were read. */
  readonly bytes: number;
  /** All that is there was read; more may come while the attempt runs. */
  readonly isAtEnd: boolean;
  /** Nothing more will come. */
  readonly hasEnded: boolean;
  readonly problem: Problem | null;
  /** Reads on: the next part, where there is one. */
  readonly more: () => void;
}

export interface LogSource {
  readonly run: string;
  readonly step: string;
  readonly attempt: number;
  readonly stream: "stdout" | "stderr";
  /** Reads on by itself until the end, and what comes. */
  readonly follows: boolean;
}

const LOOK_EVERY_MS = 1_000;
/** The server sends no more than this at once: less is the end. */
const PART_BYTES = 1024 * 1024;

interface Reading {
  readonly lines: LogLines;
  readonly decoder: TextDecoder;
  bytes: number;
  isAtEnd: boolean;
  hasEnded: boolean;
  isBusy: boolean;
  problem: Problem | null;
}

const fresh = (): Reading => ({
  lines: new LogLines(),
  decoder: new TextDecoder(),
  bytes: 0,
  isAtEnd: false,
  hasEnded: false,
  isBusy: false,
  problem: null,
});

export function useLog({ run, step, attempt, stream, follows }: LogSource): Log {
  const [, draw] = useReducer((count: number) => count + 1, 0);
  const reading = useRef(fresh());
  const read = useRef<() => Promise<void>>(async () => {});
  const isFollowing = useRef(follows);
  isFollowing.current = follows;
  useEffect(() => {
    const gone = new AbortController();
    const own = fresh();
    reading.current = own;
    read.current = async () => {
      if (own.isBusy || gone.signal.aborted) return;
      own.isBusy = true;
      try {
        await readPart(own, addressOf(`/runs/${run}/logs/${encodeURIComponent(step)}`, { attempt, stream, from: own.bytes }), gone.signal);
      } catch (thrown) {
        own.problem = problemOf(thrown);
      } finally {
        own.isBusy = false;
      }
      if (gone.signal.aborted) return;
      draw(0);
      if (isFollowing.current && !own.isAtEnd && own.problem === null) await read.current();
    };
    void read.current();
    const timer = setInterval(() => {
      if (own.isAtEnd && !own.hasEnded && document.visibilityState === "visible") void read.current();
    }, LOOK_EVERY_MS);
    return () => {
      gone.abort();
      clearInterval(timer);
    };
  }, [run, step, attempt, stream]);
  const { lines, bytes, isAtEnd, hasEnded, problem } = reading.current;
  return { lines, bytes, isAtEnd, hasEnded, problem, more: () => void read.current() };
}

async function readPart(reading: Reading, address: string, signal: AbortSignal): Promise<void> {
  const answer = await ask("GET", address, { signal });
  const part = new Uint8Array(await answer.arrayBuffer());
  if (signal.aborted) return;
  reading.problem = null;
  reading.bytes += part.length;
  // A letter may lie on the border of two parts.
  reading.lines.add(reading.decoder.decode(part, { stream: true }));
  reading.isAtEnd = part.length < PART_BYTES;
  reading.hasEnded = answer.headers.get("troupe-log-ended") === "true" && reading.isAtEnd;
}
