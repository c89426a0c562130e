/** What engine and supervisor say to each other, and the names in a control directory (reliability §5). */
import type { ProcessResult, ProcessSpec } from "../../ports/processes.ts";

/** A process that cannot be mistaken for another: pid, start time in ticks since boot, and boot. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Null where the system has no /proc. */
  readonly startTicks: number | null;
  readonly bootId: string | null;
}

/** `spec.json`: what is known before the start. Names of variables only: their values may be secret. */
export interface SpecFile {
  readonly token: string;
  readonly epoch: number;
  readonly bootId: string | null;
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly envNames: readonly string[];
  readonly deadlineAt: number | null;
  readonly graceMs: number;
}

/** `claim`: who began the attempt, or that a new owner forbade it. */
export type ClaimFile =
  | { readonly by: "supervisor"; readonly supervisor: ProcessIdentity }
  | { readonly by: "revoked"; readonly at: number };

/** `pid.json`. */
export interface PidFile {
  readonly supervisor: ProcessIdentity;
  readonly child: ProcessIdentity;
  readonly group: number;
  readonly epoch: number;
  readonly startedAt: number;
}

export type StopOrder = "timeout" | "cancel";

export type ToSupervisor =
  | { readonly type: "run"; readonly id: number; readonly directory: string; readonly spec: ProcessSpec }
  | { readonly type: "stop"; readonly id: number; readonly reason: StopOrder };

export type ToEngine =
  | { readonly type: "ready" }
  /** The result is on disk. */
  | { readonly type: "ended"; readonly id: number; readonly result: ProcessResult }
  /** Nothing was started: somebody else holds the claim, or the directory is gone. */
  | { readonly type: "refused"; readonly id: number; readonly reason: string }
  /** A fault of the supervisor's own: the directory has to be judged. */
  | { readonly type: "broken"; readonly id: number; readonly reason: string };

/** Failures to start that say something about the machine, not about the command; they use up no attempt (F-19). */
export const INFRASTRUCTURE_ERRORS: ReadonlySet<string> = new Set([
  "EAGAIN",
  "EMFILE",
  "ENFILE",
  "ENOMEM",
  "ENOSPC",
  "EROFS",
  "EDQUOT",
  "EIO",
]);

/** The variable by which an attempt's processes are found. */
export const TOKEN_VARIABLE = "TROUPE_ATTEMPT_TOKEN";
