/** Binds the program to this process: streams, environment, and an end that waits for nothing but its own output. */
import { createContext } from "./context.ts";
import { runProgram } from "./program.ts";
import { createTerminal } from "./terminal.ts";

export async function start(process: NodeJS.Process): Promise<void> {
  const terminal = createTerminal(process);
  const exitCode = await runProgram(process.argv.slice(2), createContext(terminal, process));
  await terminal.flush();
  // Streams and workers of a library could keep the process for seconds after its work is done.
  process.exit(exitCode);
}
