/** Binds the program to this process: streams, environment, and an end that waits for nothing but its own output. */
import { InvariantError, toError } from "../core/errors.ts";
import { prestartStore } from "../main/prestart.ts";
import { createContext } from "./context.ts";
import { EXIT } from "./exit-code.ts";
import { runProgram } from "./program.ts";
import { createTerminal } from "./terminal.ts";

/** Commands that write first of all. */
const WRITING: ReadonlySet<string | undefined> = new Set(["run", "resume", "retry", "fork"]);

export async function start(process: NodeJS.Process): Promise<void> {
  if (WRITING.has(process.argv[2])) prestartStore();
  const terminal = createTerminal(process);
  surviveStrayFailures(process, (text) => terminal.note(text));
  const exitCode = await runProgram(process.argv.slice(2), createContext(terminal, process));
  await terminal.flush();
  // A failure of the command's own comes before one of its output.
  const lost = terminal.dataFate === "lost" ? EXIT.outputLost : terminal.dataFate === "unread" ? EXIT.readerGone : EXIT.succeeded;
  // Streams and workers of a library could keep the process for seconds after its work is done.
  process.exit(exitCode === EXIT.succeeded ? lost : exitCode);
}

/**
 * A function of a workflow may leave a promise or a timer behind that fails when its attempt is over. A rejection harms nobody else
 * (I-35); after a throw from nowhere nothing can be trusted but the journal, which the next command goes on from.
 */
function surviveStrayFailures(process: NodeJS.Process, tell: (text: string) => void): void {
  process.on("unhandledRejection", (reason) => {
    tell(`warning: a promise failed and nobody waited for it: ${toError(reason).message}\n`);
  });
  process.on("uncaughtException", (error) => {
    const { code, message, fix } = new InvariantError("INV_UNCAUGHT", { problem: error.message }).toJSON();
    tell(`error ${code}: ${message}\n${process.env.TROUPE_DEBUG === "1" ? `${error.stack}\n` : ""}${fix}\n`);
    process.exit(EXIT.bug);
  });
}
