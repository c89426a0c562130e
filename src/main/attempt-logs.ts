/** Where the captured output of attempts lies. The layout below `attempts/` is that of shell steps and their supervisors. */
import { closeSync, constants, fstatSync, openSync, readdirSync, readFileSync, readSync } from "node:fs";
import { join } from "node:path";
import type { RunId } from "../core/ids.ts";
import type { CapturedStream } from "../ports/processes.ts";
import type { StoreReader } from "../ports/store.ts";
import { attemptsDirectory } from "./workshop.ts";

export type StreamName = "stdout" | "stderr";

export interface AttemptLog {
  readonly step: string;
  readonly attempt: number;
  readonly startedAt: number;
  readonly endedAt: number | null;
  /** Null while it runs. */
  readonly outcome: string | null;
  /** Of its latest dispatch; null where nothing was captured. */
  readonly directory: string | null;
}

export interface LogPart {
  readonly bytes: Uint8Array;
  /** Offset behind the part. */
  readonly end: number;
}

/** A run's attempts in the order of their starts. */
export function attemptLogs(
  store: Pick<StoreReader, "attempts">,
  stateDirectory: string,
  runId: RunId,
  step?: string,
): readonly AttemptLog[] {
  const root = join(attemptsDirectory(stateDirectory), runId);
  const rows = store.attempts(runId).filter((row) => step === undefined || row.step === step);
  const dispatches = new Map<string, readonly string[]>();
  for (const row of rows) if (!dispatches.has(row.step)) dispatches.set(row.step, namesIn(join(root, row.step)));
  return rows
    .map(({ step: id, attempt, startedAt, endedAt, outcome }) => ({
      step: id,
      attempt,
      startedAt,
      endedAt,
      outcome,
      directory: latestDispatch(join(root, id), dispatches.get(id) ?? [], attempt),
    }))
    .toSorted((one, other) => one.startedAt - other.startedAt || one.attempt - other.attempt);
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return []; // A step that is no shell step has none.
  }
}

/** An attempt that was dispatched again has `3`, `3.2`, `3.3` … */
function latestDispatch(directory: string, names: readonly string[], attempt: number): string | null {
  const numbers = names.map((name) =>
    name === String(attempt) ? 1 : name.startsWith(`${attempt}.`) ? Number(name.slice(`${attempt}.`.length)) : 0,
  );
  const latest = Math.max(0, ...numbers.filter(Number.isInteger));
  return latest === 0 ? null : join(directory, latest === 1 ? String(attempt) : `${attempt}.${latest}`);
}

/** What an ended attempt's capture left out in the middle; null while it runs, or when all is there. */
export function cutOf(directory: string, stream: StreamName): Pick<CapturedStream, "headBytes" | "tailBytes" | "bytes"> | null {
  try {
    const result: { readonly [name in StreamName]?: CapturedStream } = JSON.parse(readFileSync(join(directory, "result.json"), "utf8"));
    const captured = result[stream];
    return captured?.truncated ? captured : null;
  } catch {
    return null; // No result yet, or one that cannot be read: the file is shown as it is.
  }
}

/** When a byte of a stream came, in epoch milliseconds; null where nobody wrote it down. */
export type ArrivalOf = (offset: number) => number | null;

const TIMES_MAX_BYTES = 256 * 1024;
const NEVER: ArrivalOf = () => null;

/** By offset in the stream's file. What the supervisor wrote is a second behind while the attempt runs. */
export function readArrivals(directory: string, stream: StreamName): ArrivalOf {
  const { bytes } = readLog(directory, `${stream}.times`, 0, TIMES_MAX_BYTES);
  const times = parseTimes(bytes);
  if (times === null) return NEVER;
  const { total, marks } = times;
  const cut = cutOf(directory, stream);
  return (offset) => {
    const inStream = cut === null || offset < cut.headBytes ? offset : total - cut.tailBytes + (offset - cut.headBytes);
    const at = marks.findIndex(([end]) => inStream < end);
    return marks[at]?.[1] ?? null;
  };
}

type Times = { readonly total: number; readonly marks: readonly (readonly [end: number, at: number])[] };

/** A step can write into its control directory; what is no list of marks is none. */
function parseTimes(bytes: Uint8Array): Times | null {
  try {
    const { total, marks } = JSON.parse(Buffer.from(bytes).toString("utf8")) as Times; // Checked below.
    const isMark = (mark: unknown): boolean => Array.isArray(mark) && mark.length === 2 && mark.every(Number.isFinite);
    return Number.isFinite(total) && Array.isArray(marks) && marks.every(isMark) ? { total, marks } : null;
  } catch {
    return null;
  }
}

/** Up to `maxBytes` from an offset on; from the end with a negative one. Reads plain files only: a step could put a pipe in its place. */
export function readLog(directory: string, stream: StreamName | `${StreamName}.times`, from: number, maxBytes: number): LogPart {
  let file: number;
  try {
    file = openSync(join(directory, stream), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch {
    return { bytes: new Uint8Array(), end: Math.max(0, from) }; // A silent command has none.
  }
  try {
    const stats = fstatSync(file);
    if (!stats.isFile()) return { bytes: new Uint8Array(), end: Math.max(0, from) };
    const start = from < 0 ? Math.max(0, stats.size + from) : from;
    const bytes = Buffer.alloc(Math.max(0, Math.min(maxBytes, stats.size - start)));
    const length = bytes.length === 0 ? 0 : readSync(file, bytes, 0, bytes.length, start);
    return { bytes: bytes.subarray(0, length), end: start + length };
  } finally {
    closeSync(file);
  }
}
