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
  /** Whether somebody sits there to be asked. */
  readonly isInteractive: boolean;
  /** Resolves when all that was written has been handed to the system. */
  flush(): Promise<void>;
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

export function createTerminal(process: Pick<NodeJS.Process, "stdin" | "stdout" | "stderr" | "env">): Terminal {
  const { stdin, stdout, stderr, env } = process;
  const closed = new Set<NodeJS.WriteStream>();
  // A run goes on whatever becomes of our streams (F-8). A reader such as `head` has seen enough: that is no failure, and there is
  // nobody to tell. Anything else, such as a full disk, is told where it still can be.
  stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (!closed.has(stdout) && error.code !== "EPIPE")
      write(stderr, `warning: stdout takes nothing more, the rest is lost: ${error.message}\n`);
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
    },
  };
}
