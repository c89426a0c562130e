/** Prints captured output from where it stopped the last time, whole lines at a time, each attempt's streams with their own place. */
import type { RunId } from "../core/ids.ts";
import { type AttemptLog, attemptLogs, cutOf, readLog, type StreamName } from "../main/attempt-logs.ts";
import type { Project } from "../main/project-shape.ts";
import type { OutputFormat } from "./option.ts";
import { padEnd, toHarmless, widthOf } from "./render/text.ts";
import type { Terminal } from "./terminal.ts";

export interface LogPrinterOptions {
  readonly terminal: Terminal;
  readonly project: Project;
  readonly runId: RunId;
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
  /** Lines that were there before anybody looked: captures hold bytes, and no times. */
  readonly untimed: number;
}

interface Place {
  readonly log: AttemptLog;
  readonly stream: StreamName;
  readonly decoder: InstanceType<typeof TextDecoder>;
  offset: number;
  rest: string;
}

export const STREAMS: readonly StreamName[] = ["stdout", "stderr"];
/** Larger files are read in parts; a stream is at most a few MiB. */
const PART_BYTES = 1024 * 1024;
const NAME_COLUMNS_MAX = 24;
const NO_TIME = "--:--:--.---";

export function createLogPrinter(options: LogPrinterOptions): LogPrinter {
  const { terminal, project, runId, step, attempt, isRaw, streams, hasTimes } = options;
  const places = new Map<string, Place>();
  const columns = Math.min(
    NAME_COLUMNS_MAX,
    Math.max(
      ...project
        .snapshot(runId)
        .workflow.steps.filter(({ id }) => step === undefined || id === step)
        .map(({ id }) => widthOf(id)),
    ),
  );
  let bytes = 0;
  let untimed = 0;
  /** Null in the first look, which finds what came before it. */
  let lookedAt: Date | null = null;

  const printLine = ({ log, stream }: Place, line: string): void => {
    if (hasTimes && lookedAt === null) untimed += 1;
    if (options.output !== "text") {
      const time = hasTimes ? { at: lookedAt?.toISOString() ?? null } : {};
      terminal.data(`${JSON.stringify({ ...time, step: log.step, attempt: log.attempt, stream, line })}\n`);
      return;
    }
    const look = terminal.dataLook;
    const name = log.attempt > 1 ? `${log.step} #${log.attempt}` : log.step;
    const time = hasTimes ? `${look.paint("gray", lookedAt === null ? NO_TIME : clockText(lookedAt))} ` : "";
    terminal.data(
      `${time}${look.paint(stream === "stderr" ? "yellow" : "cyan", padEnd(name, columns))} ${look.paint("gray", look.signs.bar)} ${toHarmless(line)}\n`,
    );
  };
  const take = (place: Place, part: Uint8Array): void => {
    bytes += part.length;
    if (isRaw) {
      terminal.data(Buffer.from(part).toString("utf8"));
      return;
    }
    const lines = (place.rest + place.decoder.decode(part, { stream: true })).split("\n");
    place.rest = lines.pop() ?? "";
    for (const line of lines) printLine(place, line);
  };
  const advance = (place: Place, directory: string): void => {
    const cut = place.log.endedAt === null ? null : cutOf(directory, place.stream);
    for (;;) {
      const isBeforeCut = cut !== null && place.offset < cut.headBytes;
      const { bytes: part, end } = readLog(
        directory,
        place.stream,
        place.offset,
        isBeforeCut ? Math.min(PART_BYTES, cut.headBytes - place.offset) : PART_BYTES,
      );
      if (part.length === 0) return;
      take(place, part);
      place.offset = end;
      if (isBeforeCut && place.offset === cut.headBytes && !isRaw) {
        flush(place);
        printLine(place, `[… of ${cut.bytes} bytes the middle was not kept …]`);
      }
    }
  };
  const flush = (place: Place): void => {
    if (place.rest !== "") printLine(place, place.rest);
    place.rest = "";
  };

  let isFirstLook = true;
  return {
    printNew() {
      lookedAt = isFirstLook ? null : new Date();
      isFirstLook = false;
      for (const log of attemptLogs(project.store, project.directory, runId, step)) {
        if (log.directory === null || (attempt !== undefined && log.attempt !== attempt)) continue;
        for (const stream of streams) {
          const key = `${log.directory}/${stream}`;
          const place = places.get(key) ?? { log, stream, decoder: new TextDecoder(), offset: 0, rest: "" };
          places.set(key, place);
          advance(place, log.directory);
          if (log.endedAt !== null) flush(place);
        }
      }
    },
    end() {
      for (const place of places.values()) flush(place);
    },
    get bytes() {
      return bytes;
    },
    get untimed() {
      return untimed;
    },
  };
}

/** Local time to the millisecond. */
function clockText(date: Date): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  const ms = String(date.getMilliseconds()).padStart(3, "0");
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${ms}`;
}
