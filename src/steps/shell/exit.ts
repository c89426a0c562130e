/** What the end of a process means (D5, F-25). Pure. */
import type { TaskFailure } from "../../core/failure.ts";
import type { ProcessResult } from "../../ports/processes.ts";

export type ExitMeaning =
  | { readonly kind: "success" }
  | { readonly kind: "timed_out"; readonly detail: string }
  | { readonly kind: "stopped" }
  | { readonly kind: "failure"; readonly failure: TaskFailure };

type Draft = Pick<TaskFailure, "class" | "code" | "title"> & Partial<TaskFailure>;

const NOT_FOUND_HINT = "Is it installed, and is its directory in PATH? Steps inherit PATH from the engine.";

const SPAWN: Readonly<Record<string, Draft>> = {
  ENOENT: { class: "permanent", code: "COMMAND_NOT_FOUND", title: "The program does not exist.", hint: NOT_FOUND_HINT },
  EACCES: {
    class: "permanent",
    code: "COMMAND_NOT_EXECUTABLE",
    title: "The program may not be executed.",
    hint: "`chmod +x` makes a file executable.",
  },
  E2BIG: {
    class: "permanent",
    code: "ARGUMENTS_TOO_LARGE",
    title: "Arguments and variables are larger than the system allows.",
    hint: "Pass large values through `stdin` or a file.",
  },
  CWD_MISSING: {
    class: "permanent",
    code: "CWD_MISSING",
    title: "The working directory does not exist.",
    hint: "Create it in an earlier step.",
  },
};

const BY_CODE: Readonly<Record<number, Draft>> = {
  126: { class: "permanent", code: "COMMAND_NOT_EXECUTABLE", title: "Exit code 126: a command could not be executed." },
  127: { class: "permanent", code: "COMMAND_NOT_FOUND", title: "Exit code 127: a command was not found.", hint: NOT_FOUND_HINT },
};

/** Names of the signals that a shell reports as 128 + n; those that no shell reports are left out. */
const SIGNALS: Readonly<Record<number, string>> = {
  1: "SIGHUP",
  2: "SIGINT",
  3: "SIGQUIT",
  4: "SIGILL",
  6: "SIGABRT",
  7: "SIGBUS",
  8: "SIGFPE",
  9: "SIGKILL",
  11: "SIGSEGV",
  13: "SIGPIPE",
  14: "SIGALRM",
  15: "SIGTERM",
  24: "SIGXCPU",
  25: "SIGXFSZ",
};

/** `stderrTail` becomes the failure's detail. A plain exit code is `transient`: it is repeated only where the author asks for retries. */
export function meaningOf(result: ProcessResult, successCodes: readonly number[], stderrTail: string): ExitMeaning {
  if (result.stopped === "timeout") return { kind: "timed_out", detail: endOfLate(result) };
  if (result.stopped === "cancel") return { kind: "stopped" };
  const detail = stderrTail.trim() === "" ? {} : { detail: stderrTail };
  if (result.spawnError !== null) return failure({ ...spawnFailure(result.spawnError), ...detail });
  if (result.signal !== null) return failure({ ...signalFailure(result.signal, result.outOfMemory === true), ...detail });
  const exitCode = result.exitCode ?? -1;
  if (successCodes.includes(exitCode)) return { kind: "success" };
  return failure({ ...codeFailure(exitCode), exitCode, ...detail });
}

/** How a command that was told to end at its time limit did so. */
function endOfLate({ unkillable, signal, exitCode }: ProcessResult): string {
  if (unkillable) return "It did not end even when killed; it may still be running.";
  if (signal === "SIGKILL") return "It was told to end, and killed when it did not.";
  if (signal !== null) return `It was told to end, and ended by ${signal}.`;
  return exitCode === null ? "It was told to end." : `It was told to end, and ended with exit code ${exitCode}.`;
}

function failure(draft: Draft): ExitMeaning {
  return { kind: "failure", failure: draft };
}

function spawnFailure(code: string): Draft {
  return SPAWN[code] ?? { class: "permanent", code: "SPAWN_FAILED", title: `The program could not be started: ${code}.` };
}

function signalFailure(signal: string, isOutOfMemory: boolean): Draft {
  if (isOutOfMemory)
    return {
      class: "transient",
      code: "OUT_OF_MEMORY",
      title: "The system killed it for lack of memory.",
      signal,
      hint: "Give it more memory, or run fewer steps at once.",
    };
  return { class: "transient", code: "SIGNAL", title: `It was ended by ${signal}.`, signal };
}

function codeFailure(exitCode: number): Draft {
  const signal = SIGNALS[exitCode - 128];
  const known = BY_CODE[exitCode];
  if (known !== undefined) return known;
  if (signal !== undefined)
    return { class: "transient", code: "EXIT_CODE", title: `Exit code ${exitCode}: a command was ended by ${signal}.`, signal };
  return { class: "transient", code: "EXIT_CODE", title: `Exit code ${exitCode}.` };
}
