/** The attempts of a run as records: what was asked, what became of it, and where its output lies in the export. */

import { isJsonObject, type Json, type JsonObject } from "../../core/json.ts";
import type { JournalEntry } from "../../kernel/entry.ts";
import type { AttemptRow } from "../../ports/store.ts";
import { type AttemptLog, cutOf, readLog, type StreamName } from "../attempt-logs.ts";
import type { AskedOfStep } from "../execution-requests.ts";
import type { ExportFolder } from "./export-folder.ts";

export interface AttemptRecord extends Omit<AttemptRow, "runId" | "itemKey"> {
  /** Of its executor: times, tokens, cache, gate, merge, choice of the tool; null before it has ended. */
  readonly usage: JsonObject | null;
  /** What was asked; of attempts before the last one only where it was recorded. */
  readonly request: Json;
  /** Files of the export; null where nothing was printed. */
  readonly stdout: string | null;
  readonly stderr: string | null;
}

export interface AttemptSource {
  readonly rows: readonly AttemptRow[];
  readonly logs: readonly AttemptLog[];
  readonly usages: ReadonlyMap<string, JsonObject>;
  readonly requests: ReadonlyMap<string, AskedOfStep>;
}

const attemptKey = (step: string, attempt: number): string => `${step}#${attempt}`;

/** What ended attempts told of themselves, by `attemptKey`. */
export function usagesIn(entries: Iterable<JournalEntry>): ReadonlyMap<string, JsonObject> {
  const usages = new Map<string, JsonObject>();
  for (const { actor, data } of entries)
    if (isJsonObject(data.usage) && typeof data.attempt === "number") usages.set(attemptKey(actor, data.attempt), data.usage);
  return usages;
}

/** Copies the output of every attempt into the folder as it goes. */
export function* exportAttempts(folder: ExportFolder, { rows, logs, usages, requests }: AttemptSource): Generator<AttemptRecord> {
  const logOf = new Map(logs.map((log) => [attemptKey(log.step, log.attempt), log]));
  const numbers = new Map<string, number>();
  for (const { runId: _runId, itemKey: _itemKey, ...row } of rows) {
    const key = attemptKey(row.step, row.attempt);
    if (!numbers.has(row.step)) numbers.set(row.step, numbers.size + 1);
    const place = `logs/${folderName(numbers.get(row.step) ?? 0, row.step)}/attempt-${row.attempt}`;
    const directory = logOf.get(key)?.directory ?? null;
    const copy = (stream: StreamName): string | null => {
      if (directory === null || readLog(directory, stream, 0, 1).bytes.length === 0) return null;
      folder.write(`${place}.${stream}.txt`, logParts(directory, stream));
      return `${place}.${stream}.txt`;
    };
    const asked = requests.get(row.step);
    const usage = usages.get(key) ?? null;
    const request = usage?.request ?? (asked?.attempt === row.attempt ? asked.request : null);
    yield { ...row, usage, request, stdout: copy("stdout"), stderr: copy("stderr") };
  }
}

const NAME_CHARS_MAX = 60;

/** The number keeps names apart that differ in case only, or in signs that not every system takes. */
function folderName(number: number, step: string): string {
  const safe = step.replaceAll(/[^A-Za-z0-9_-]+/g, "-").replaceAll(/^-+|-+$/g, "");
  return `${String(number).padStart(4, "0")}-${safe.slice(0, NAME_CHARS_MAX)}`;
}

const PART_BYTES = 1024 * 1024;

/** As it was captured, with a line where its middle was not kept. */
function* logParts(directory: string, stream: StreamName): Generator<Uint8Array | string> {
  const cut = cutOf(directory, stream);
  for (let offset = 0; ; ) {
    const isBeforeCut = cut !== null && offset < cut.headBytes;
    const asked = isBeforeCut ? Math.min(PART_BYTES, cut.headBytes - offset) : PART_BYTES;
    const { bytes, end } = readLog(directory, stream, offset, asked);
    if (bytes.length === 0) return;
    yield bytes;
    offset = end;
    if (cut !== null && offset === cut.headBytes) yield `\n[… of ${cut.bytes} bytes the middle was not kept …]\n`;
    if (bytes.length < asked) return;
  }
}
