/** Child processes that outlive the engine (reliability §5): each runs under a small detached shim with a control directory. */
import type { JsonObject } from "../core/json.ts";

/** What the shim is told; written as `spec.json` before anything starts. */
export interface ProcessSpec {
  /** Control directory, absolute; created by the caller of `start`. */
  readonly directory: string;
  /** Random; finds the attempt's processes in /proc, authorises nothing. */
  readonly token: string;
  readonly argv: readonly [string, ...string[]];
  /** Text for the interpreter, saved as `script` and appended to `argv` as a path; null to run `argv` alone. */
  readonly script: string | null;
  readonly cwd: string;
  /** The whole environment (S-13); nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  /** Fed to the child; null for /dev/null. */
  readonly stdin: string | null;
  /** Epoch milliseconds; null for no limit. The shim enforces it even while no engine runs. */
  readonly deadlineAt: number | null;
  /** Between TERM and KILL, in milliseconds. */
  readonly graceMs: number;
  /** Kept per stream: head and tail; true size and SHA-256 are recorded (I-34). */
  readonly captureMaxBytes: number;
  /** Largest accepted `TROUPE_OUTPUT` file in bytes. */
  readonly outputMaxBytes: number;
  /** Command run after the child has ended, however it ended; bounded by `graceMs`. */
  readonly cleanup: { readonly argv: readonly [string, ...string[]]; readonly script: string | null } | null;
}

export interface CapturedStream {
  /** True number of bytes written by the child. */
  readonly bytes: number;
  readonly sha256: string;
  readonly truncated: boolean;
}

/** How the child ended; `result.json`. */
export interface ProcessResult {
  readonly token: string;
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** Why we stopped it, if we did. */
  readonly stopped: "timeout" | "cancel" | null;
  /** Set when it could not be started: `ENOENT`, `EACCES`, `E2BIG`, `EAGAIN` … */
  readonly spawnError: string | null;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly stdout: CapturedStream;
  readonly stderr: CapturedStream;
  readonly cleanup: { readonly exitCode: number | null; readonly signal: string | null } | null;
  readonly usage: JsonObject | null;
}

/** The verdict on a control directory, by the truth table of reliability §5. */
export type ProcessVerdict =
  | { readonly kind: "recorded"; readonly result: ProcessResult }
  | { readonly kind: "alive" }
  | { readonly kind: "lost"; readonly reason: string }
  | { readonly kind: "not_started"; readonly reason: string };

export interface Processes {
  /** Starts a shim and waits for its result. `signal` stops the child: TERM to its group, KILL after the grace. */
  run(spec: ProcessSpec, signal: AbortSignal): Promise<ProcessVerdict>;
  /** Judges a directory left by a dead engine; revokes an attempt that has not begun. */
  judge(directory: string, token: string): Promise<ProcessVerdict>;
  /** Waits for the result of a living attempt. */
  follow(directory: string, token: string, signal: AbortSignal): Promise<ProcessVerdict>;
  /** Kills every process that carries the token (I-15); resolves when none is left. Returns how many there were. */
  sweep(token: string, graceMs: number): Promise<number>;
}
