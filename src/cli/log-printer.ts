/** Prints captured output from where it stopped the last time, whole lines at a time, each attempt's streams with their own place. */
import type { RunId } from "../core/ids.ts";
import { isMeant } from "../core/item-id.ts";
import { type ArrivalOf, type AttemptLog, attemptLogs, cutOf, readArrivals, readLog, type StreamName } from "../main/attempt-logs.ts";
import type { Project } from "../main/project-shape.ts";
import type { OutputFormat } from "./option.ts";
import { padEnd, toHarmless, widthOf } from "./render/text.ts";
import type { Terminal } from "./terminal.ts";

export interface LogPrinterOptions {
  readonly terminal: Terminal;
  readonly project: Project;
  readonly runId: RunId;
  /** A step with all of its items, or an item; undefined for all. */
  readonly step: string | undefined;
  readonly attempt: number | undefined;
  readonly isRaw: boolean;
  readonly streams: readonly StreamName[];
  /** Puts before each line when it came. */
  readonly hasTimes: boolean;
  readonly output: OutputFormat;
}

export interface LogPrinter {
  /** Prints what has come since the last call. */
  printNew(): void;
  /** Prints what is left of lines that were not finished. */
  end(): void;
  readonly bytes: number;
}

interface Place {
  readonly log: AttemptLog;
  readonly stream: StreamName;
  readonly decoder: InstanceType<typeof TextDecoder>;
  offset: number;
  /** The last line, which is not finished yet, and where it begins in the file. */
  rest: string;
  restFrom: number;
}

export const STREAMS: readonly StreamName[] = ["stdout", "stderr"];
/** Larger files are read in parts; a stream is at most a few MiB. */
const PART_BYTES = 1024 * 1024;
const NAME_COLUMNS_MAX = 24;
const NO_TIME = "--:--:--.---";
const NEWLINE = 0x0a;
const NEVER: ArrivalOf = () => null;

export function createLogPrinter(options: LogPrinterOptions): LogPrinter {
  const { terminal, project, runId, step, attempt, isRaw, streams, hasTimes } = options;
  const places = new Map<string, Place>();
  // Items of a fan-out have longer names than their step.
  const started = project.store.attempts(runId).map((row): string => row.step);
  const names = [...project.snapshot(runId).workflow.steps.map(({ id }): string => id), ...started];
  const columns = Math.min(NAME_COLUMNS_MAX, Math.max(0, ...names.filter((id) => step === undefined || isMeant(step, id)).map(widthOf)));
  let bytes = 0;
  /** Null in the first look, which finds what came before it. */
  let lookedAt: Date | null = null;
  const printLine = ({ log, stream }: Place, line: string, at: Date | null): void => {
    if (options.output !== "text") {
      const time = hasTimes ? { at: at?.toISOString() ?? null } : {};
      terminal.data(`${JSON.stringify({ ...time, step: log.step, attempt: log.attempt, stream, line })}\n`);
      return;
    }
    const look = terminal.dataLook;
    const name = log.attempt > 1 ? `${log.step} #${log.attempt}` : log.step;
    const time = hasTimes ? `${look.paint("gray", at === null ? NO_TIME : clockText(at))} ` : "";
    terminal.data(
      `${time}${look.paint(stream === "stderr" ? "yellow" : "cyan", padEnd(name, columns))} ${look.paint("gray", look.signs.bar)} ${toHarmless(line)}\n`,
    );
  };
  /** Of the byte at this offset. What is too new to be written down came since the last look, which is a moment ago. */
  const timeOf = (offset: number, arrivals: ArrivalOf): Date | null => {
    const at = arrivals(offset);
    return at === null ? lookedAt : new Date(at);
  };
  const take = (place: Place, part: Uint8Array, arrivals: ArrivalOf): void => {
    bytes += part.length;
    if (isRaw) {
      terminal.data(Buffer.from(part).toString("utf8"));
      return;
    }
    const lines = (place.rest + place.decoder.decode(part, { stream: true })).split("\n");
    place.rest = lines.pop() ?? "";
    let end = -1;
    for (const line of lines) {
      printLine(place, line, hasTimes ? timeOf(place.restFrom, arrivals) : null);
      end = part.indexOf(NEWLINE, end + 1);
      place.restFrom = place.offset + end + 1;
    }
  };
  const advance = (place: Place, directory: string): void => {
    const cut = place.log.endedAt === null ? null : cutOf(directory, place.stream);
    const arrivals = hasTimes ? readArrivals(directory, place.stream) : NEVER;
    for (;;) {
      const isBeforeCut = cut !== null && place.offset < cut.headBytes;
      const asked = isBeforeCut ? Math.min(PART_BYTES, cut.headBytes - place.offset) : PART_BYTES;
      const { bytes: part, end } = readLog(directory, place.stream, place.offset, asked);
      if (part.length === 0) return;
      take(place, part, arrivals);
      place.offset = end;
      if (isBeforeCut && place.offset === cut.headBytes && !isRaw) {
        flush(place, arrivals);
        printLine(place, `[… of ${cut.bytes} bytes the middle was not kept …]`, null);
        place.restFrom = place.offset;
      }
      // What comes from now on is for the next look, which knows better when it came.
      if (part.length < asked) return;
    }
  };
  const flush = (place: Place, arrivals: ArrivalOf): void => {
    if (place.rest !== "") printLine(place, place.rest, hasTimes ? timeOf(place.restFrom, arrivals) : null);
    place.rest = "";
  };

  let isFirstLook = true;
  return {
    printNew() {
      lookedAt = isFirstLook ? null : new Date();
      isFirstLook = false;
      for (const log of logsOf(options)) {
        if (log.directory === null || (attempt !== undefined && log.attempt !== attempt)) continue;
        for (const stream of streams) {
          const key = `${log.directory}/${stream}`;
          const place = places.get(key) ?? { log, stream, decoder: new TextDecoder(), offset: 0, rest: "", restFrom: 0 };
          places.set(key, place);
          advance(place, log.directory);
          if (log.endedAt !== null) flush(place, hasTimes ? readArrivals(log.directory, stream) : NEVER);
        }
      }
    },
    end() {
      for (const place of places.values()) flush(place, NEVER);
    },
    get bytes() {
      return bytes;
    },
  };
}

function logsOf({ project, runId, step }: LogPrinterOptions): readonly AttemptLog[] {
  const rows = project.store.attempts(runId).filter((row) => step === undefined || isMeant(step, row.step));
  return attemptLogs({ attempts: () => rows }, project.directory, runId);
}

/** Local time to the millisecond. */
function clockText(date: Date): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  const ms = String(date.getMilliseconds()).padStart(3, "0");
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${ms}`;
}
