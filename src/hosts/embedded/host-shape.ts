/** What the embedded host needs, and what it offers. `host.ts` has its rules. */
import type { CauseId, Epoch, RunId } from "../../core/ids.ts";
import type { CauseEvent, RunStart } from "../../kernel/cause.ts";
import type { RunSnapshot } from "../../kernel/snapshot.ts";
import type { CompiledWorkflow } from "../../plan/workflow.ts";
import type { AttemptRunner, NewBlob } from "../../ports/attempt-runner.ts";
import type { Clock } from "../../ports/clock.ts";
import type { ReachCrashPoint } from "../../ports/crash-points.ts";
import type { Ownership, Store } from "../../ports/store.ts";
import type { DispatcherLoad } from "./dispatcher.ts";
import type { Publisher } from "./publisher.ts";
import type { ReadRun } from "./read-run.ts";

export interface EmbeddedHostOptions {
  readonly store: Store;
  readonly ownership: Ownership;
  readonly runner: AttemptRunner;
  readonly clock: Clock;
  readonly read: ReadRun;
  /** Attempts that may run at once. */
  readonly limit: number;
  readonly queueBound?: number;
  readonly agingMs?: number;
  /** `all`: every unfinished run of the store goes on. `asked`: only those that are started or adopted here. */
  readonly adopt: "all" | "asked";
  readonly reach: ReachCrashPoint;
  /** The host can no longer trust its store and has stopped (I-39). */
  readonly died: (error: Error) => void;
  readonly warn: (message: string) => void;
}

export interface HostLoad extends DispatcherLoad {
  readonly activeRuns: number;
  readonly inFlight: number;
  readonly queueBound: number;
}

export interface StartOptions {
  readonly blobs?: readonly NewBlob[];
  /** Letter of the durable mailbox that asks for it. */
  readonly letter?: number;
  /** A run that is going on waits for it, so that refusing it would help nobody. @defaultValue false */
  readonly isChild?: boolean;
  /** Its id was made for it just now, so that nobody has to look whether it is there. @defaultValue false */
  readonly isNew?: boolean;
}

export interface EmbeddedHost {
  readonly epoch: Epoch;
  /**
   * Starts a run; resolves when it is on disk. Asked again for a run that is there, it changes nothing: its journal answers.
   *
   * @throws TransientError BACKPRESSURE while the queue is above 80 % of its bound
   */
  start(workflow: CompiledWorkflow, start: RunStart, how?: StartOptions): Promise<void>;
  /** Puts a cause to a run; resolves when its decision is on disk. @throws the reason for which it was refused */
  post(runId: RunId, causeId: CauseId, event: CauseEvent, letter?: number): Promise<void>;
  /** Stops at once, as after a commit that failed: somebody has seen that the store is lost to this host (I-10, I-39). */
  fail(error: Error): void;
  /** Takes over a stored run, so that it goes on here. @throws RequestError RUN_NOT_FOUND */
  adopt(runId: RunId): void;
  snapshot(runId: RunId): { readonly workflow: CompiledWorkflow; readonly snapshot: RunSnapshot };
  readonly publisher: Publisher;
  load(): HostLoad;
  /** Requests that wait for a place, by priority; the first is priority 1. */
  waitingByPriority(): readonly number[];
  /** Stops granting places; resolves when nothing is in flight, or at the deadline (epoch milliseconds). */
  drain(deadlineAt: number): Promise<void>;
  /** Lets go of everything after the last commit. The store stays open. */
  close(): Promise<void>;
}
