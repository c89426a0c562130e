/** The three streams of this process and what may be done with them. Nothing else in the command line touches `process.stdout`. */
import { createLook, type Look } from "./render/look.ts";

export interface Terminal {
  /** Data: what a pipe is meant to carry. */
  data(text: string): void;
  /** Progress, hints and warnings. */
  note(text: string): void;
  /** For redrawing in place; only with `isLive`. */
  draw(text: string): void;
  readonly stdin: NodeJS.ReadStream;
  /** How texts on stdout and on stderr look. Asked anew each time, since a terminal changes its size. */
  readonly dataLook: Look;
  readonly noteLook: Look;
  /** Stderr is a terminal on which lines can be drawn again. */
  readonly isLive: boolean;
  readonly rows: number;
  /** Stdout is such a terminal, for commands whose data is a picture. */
  readonly isDataLive: boolean;
  readonly dataRows: number;
  /** Stdout takes nothing more: whoever would go on for ever may as well end. */
  readonly isDataClosed: boolean;
  onResize(listener: () => void): Disposable;
  /** Whether somebody sits there to be asked. */
  readonly isInteractive: boolean;
  /** Resolves when all that was written has been handed to the system. */
  flush(): Promise<void>;
}

/** What became of the data: all written, lost since nothing more could be written, or its reader had seen enough. */
export type DataFate = "written" | "lost" | "unread";

export interface ProcessTerminal extends Terminal {
  /** Known after `flush`. */
  readonly dataFate: DataFate;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Where no terminal cuts or wraps, a line has all its text: a pipe must not lose what a reader of a screen can do without. */
const COLUMNS_UNLIMITED = 10_000;
/** Below this nothing can be laid out; the terminal may wrap then. */
const COLUMNS_MIN = 20;

/** NO_COLOR wins, then FORCE_COLOR, then what the stream is. */
function hasColour(env: Environment, isTerminal: boolean): boolean {
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== "") return false;
  const { FORCE_COLOR: forced } = env;
  if (forced !== undefined && forced !== "") return forced !== "0" && forced !== "false";
  return isTerminal && env.TERM !== "dumb";
}

/** Programs that record a session show every redraw, so they get plain lines. */
function canRedraw(env: Environment, isTerminal: boolean): boolean {
  const isRecorded = env.CI !== undefined && env.CI !== "" && env.CI !== "false" && env.CI !== "0";
  return isTerminal && env.TERM !== "dumb" && !isRecorded;
}

export function createTerminal(process: Pick<NodeJS.Process, "stdin" | "stdout" | "stderr" | "env">): ProcessTerminal {
  const { stdin, stdout, stderr, env } = process;
  const closed = new Set<NodeJS.WriteStream>();
  let dataFate: DataFate = "written";
  // A run goes on whatever becomes of our streams (F-8). A reader such as `head` has seen enough, and there is nobody to tell. Anything
  // else, such as a full disk, is told where it still can be. The exit code says both.
  stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (!closed.has(stdout)) {
      dataFate = error.code === "EPIPE" ? "unread" : "lost";
      if (dataFate === "lost") write(stderr, `warning: stdout takes nothing more, the rest is lost: ${error.message}\n`);
    }
    closed.add(stdout);
  });
  stderr.on("error", () => closed.add(stderr));
  const lookOf = (stream: NodeJS.WriteStream): Look => {
    const asked = Number(env.COLUMNS);
    const columns = stream.columns ?? (Number.isInteger(asked) && asked > 0 ? asked : COLUMNS_UNLIMITED);
    return createLook({
      columns: Math.max(COLUMNS_MIN, columns),
      hasColour: hasColour(env, stream.isTTY === true),
      isAscii: env.TERM === "dumb",
    });
  };
  const write = (stream: NodeJS.WriteStream, text: string): void => {
    if (!closed.has(stream)) stream.write(text);
  };
  return {
    data: (text) => write(stdout, text),
    note: (text) => write(stderr, text),
    draw: (text) => write(stderr, text),
    stdin,
    get dataLook() {
      return lookOf(stdout);
    },
    get noteLook() {
      return lookOf(stderr);
    },
    isLive: canRedraw(env, stderr.isTTY === true),
    get rows() {
      return stderr.rows ?? 24;
    },
    isDataLive: canRedraw(env, stdout.isTTY === true),
    get dataRows() {
      return stdout.rows ?? 24;
    },
    get isDataClosed() {
      return closed.has(stdout);
    },
    get dataFate() {
      return dataFate;
    },
    onResize(listener) {
      stdout.on("resize", listener);
      return { [Symbol.dispose]: () => void stdout.off("resize", listener) };
    },
    isInteractive: stdin.isTTY === true && stderr.isTTY === true,
    async flush() {
      await Promise.all(
        [stdout, stderr].map(
          (stream) =>
            new Promise<void>((resolve) =>
              stream.writableLength === 0 || closed.has(stream) ? resolve() : stream.write("", () => resolve()),
            ),
        ),
      );
      // A write that failed at once says so in an event of the next turn.
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}
