/** Child processes that outlive the engine (reliability §5): a detached supervisor runs each in a control directory of its own. */

import type { SandboxLevel } from "../plan/profile.ts";
import type { Confinement } from "./confinement.ts";

/** What an attempt is started with. Nothing of it that may hold a secret is written to disk. */
export interface ProcessSpec {
  /** Control directory, absolute. A number is appended when it exists already, so that no dispatch ever reuses another's files. */
  readonly directory: string;
  /** `<run>.<step>.<attempt>.` and something random; finds the attempt's processes in /proc, authorises nothing. */
  readonly token: string;
  /** Number of the engine that starts it. */
  readonly epoch: number;
  readonly argv: readonly [string, ...string[]];
  /** Text for the interpreter, saved as `script` and appended to `argv` as a path; null to run `argv` alone. */
  readonly script: string | null;
  readonly cwd: string;
  /** The whole environment (S-13) but `TROUPE_OUTPUT` and `TROUPE_ATTEMPT_TOKEN`, which are added; nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  /** Null for none. One that cannot be had is refused: nothing runs (`whyNotConfined`). */
  readonly confinement: Confinement | null;
  /** Fed to the child; null for /dev/null. */
  readonly stdin: string | null;
  /** Epoch milliseconds; null for no limit. Enforced even while no engine runs. */
  readonly deadlineAt: number | null;
  /** Between TERM and KILL, in milliseconds. */
  readonly graceMs: number;
  /** Kept per stream: head and tail; true size and SHA-256 are recorded (I-34). */
  readonly captureMaxBytes: number;
  /** Texts that are replaced by `***` in what is captured, before it is cut (S-38). */
  readonly masks: readonly string[];
  /** Command run after the child has ended, however it ended; bounded by `graceMs`. */
  readonly cleanup: { readonly argv: readonly [string, ...string[]]; readonly script: string | null } | null;
}

export interface CapturedStream {
  /** True number of bytes written by the child. */
  readonly bytes: number;
  /** Of everything written, after masking. */
  readonly sha256: string;
  /** The file holds the first `headBytes` and, behind them, the last `tailBytes`; the tail is 0 when nothing was cut. */
  readonly headBytes: number;
  readonly tailBytes: number;
  readonly truncated: boolean;
}

/** How the child ended; `result.json`. */
export interface ProcessResult {
  readonly token: string;
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** Why we stopped it, if we did. */
  readonly stopped: "timeout" | "cancel" | null;
  /** It did not even die of KILL (uninterruptible sleep); the outcome is recorded all the same (I-16). */
  readonly unkillable: boolean;
  /** The kernel killed it for lack of memory; null where that cannot be told. */
  readonly outOfMemory: boolean | null;
  /** Set when it could not be started: `ENOENT`, `EACCES`, `E2BIG`, `CWD_MISSING` … */
  readonly spawnError: string | null;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly stdout: CapturedStream;
  readonly stderr: CapturedStream;
  /** Size of the file named by `TROUPE_OUTPUT`; null when the child wrote none. */
  readonly outputBytes: number | null;
  readonly cleanup: { readonly exitCode: number | null; readonly signal: string | null } | null;
}

/** The verdict on a control directory, by the truth table of reliability §5. */
export type ProcessVerdict =
  | { readonly kind: "recorded"; readonly result: ProcessResult; readonly directory: string }
  | { readonly kind: "alive" }
  | { readonly kind: "lost"; readonly reason: string }
  | { readonly kind: "not_started"; readonly reason: string };

export type ProcessFile = "stdout" | "stderr" | "output.json";

export interface Processes extends AsyncDisposable {
  /** Argv of the interpreter for scripts on this machine, such as `bash -euo pipefail`. */
  readonly interpreter: readonly [string, ...string[]];
  /** Why processes cannot be confined like this on this machine; null when they can. */
  whyNotConfined(level: SandboxLevel): string | null;
  /** The names that a step inherits from the engine (S-13): PATH, HOME, LANG, TMPDIR as far as they are set. */
  readonly inherited: Readonly<Record<string, string>>;
  /**
   * Makes the control directory of an attempt that is about to be recorded. Whoever finds the record and nothing begun in the directory
   * then knows that it never began, where a missing directory tells nothing. `run` of the same `directory` uses it. Never throws: what
   * cannot be made now is made, or complained of, by `run`.
   */
  prepare(directory: string, token: string, epoch: number): void;
  /**
   * Starts a child and waits for its result. An aborted `signal` stops it: TERM to its group, KILL after the grace; the reason
   * `timeout` is recorded as such, any other as `cancel`. Never rejects.
   */
  run(spec: ProcessSpec, signal: AbortSignal): Promise<ProcessVerdict>;
  /** Judges what a dead engine left under `directory`; revokes an attempt that has not begun. `token` may be a prefix. */
  judge(directory: string, token: string): Promise<ProcessVerdict>;
  /** Waits for the result of a living attempt of another engine; an aborted `signal` stops it as in `run`. */
  follow(directory: string, token: string, graceMs: number, signal: AbortSignal): Promise<ProcessVerdict>;
  /** Kills every process that carries the token, or one that starts with it (I-15); resolves when none is left. Returns how many there were. */
  sweep(token: string, graceMs: number): Promise<number>;
  /** Up to `maxBytes` of a file in a control directory, from its start or its end; null when it is missing or no plain file. */
  read(directory: string, file: ProcessFile, maxBytes: number, from: "start" | "end"): Promise<Uint8Array | null>;
}
