/** A state directory opened for reading, and the ways to drive it. What the command line is built on. */
import type { EventView } from "../contract/event-view.ts";
import type { RunView } from "../contract/run-view.ts";
import type { Digest, Epoch, RunId } from "../core/ids.ts";
import type { JsonObject } from "../core/json.ts";
import type { CauseEvent } from "../kernel/cause.ts";
import type { RunSnapshot } from "../kernel/snapshot.ts";
import type { Waiting } from "../kernel/why-not.ts";
import type { CompiledWorkflow } from "../plan/workflow.ts";
import type { BreakerStore } from "../ports/breaker.ts";
import type { Observer } from "../ports/observer.ts";
import type { Store } from "../ports/store.ts";
import type { TriggerStore } from "../ports/triggers.ts";
import type { OpenTools } from "./tools.ts";
import type { RunListOptions, RunOptions, RunSummary } from "./troupe.ts";

export interface EventsOptions {
  readonly afterSeq?: number;
  /** Goes on as entries are committed, by whichever process, until the run is at rest for good. @defaultValue false */
  readonly follow?: boolean;
  /** Ends a stream that is followed. */
  readonly signal?: AbortSignal;
}

/** What is done with a run that is there already. */
export type Relation = { readonly kind: "retry" } | { readonly kind: "fork"; readonly from: string };

export interface Project extends AsyncDisposable {
  /** Absolute path of the state directory. */
  readonly directory: string;
  readonly store: Store & BreakerStore & TriggerStore;
  /** The tools that there are, and which of them would be chosen. */
  readonly router: OpenTools;
  /** @throws DefinitionErrors with places in the file */
  load(file: string): CompiledWorkflow;
  /** A workflow that somebody sends: it inlines no files. @throws DefinitionErrors */
  compile(source: string | JsonObject): CompiledWorkflow;
  /** `@latest`, a whole id or an unambiguous prefix. @throws RequestError RUN_NOT_FOUND, RUN_AMBIGUOUS */
  runId(name: string): RunId;
  /** A stored definition, with the profiles of this place. @throws DefinitionErrors when it cannot be compiled any more */
  version(hash: Digest): CompiledWorkflow;
  snapshot(runId: RunId): { readonly workflow: CompiledWorkflow; readonly snapshot: RunSnapshot };
  /** The state after this entry (time travel); the latest without it. */
  view(runId: RunId, atSeq?: number): RunView;
  why(runId: RunId, step?: string): readonly Waiting[];
  events(runId: RunId, options?: EventsOptions): AsyncIterable<EventView>;
  list(options?: RunListOptions): readonly RunSummary[];
  /** Runs that were interrupted: unfinished, and driven by nobody while no engine lives. */
  interrupted(): readonly RunSummary[];
  /**
   * Gets runs driven: by becoming the engine of this state directory, or through the engine that owns it already. When that one ends
   * first, this one takes over.
   */
  drive(options: DriveOptions): Promise<Driver>;
}

export interface DriveOptions {
  /** Attempts that may run at once. */
  readonly maxWorkers?: number;
  /** `all`: every unfinished run goes on. `asked`: only those named to the driver. @defaultValue asked */
  readonly adopt?: "all" | "asked";
  readonly takeover?: "if-dead" | "force";
  readonly observers?: readonly Observer[];
  readonly warn?: (message: string) => void;
}

export interface Driver extends AsyncDisposable {
  /** `remote` while another process is the engine; observers then hear nothing, `Project.events` does. */
  readonly kind: "local" | "remote";
  /** Of the engine in this process; null while another process owns the store. */
  readonly epoch: Epoch | null;
  /** What went wrong before: safe mode after repeated crashes (I-20) refuses to dispatch. */
  readonly safeMode: boolean;
  /** @throws RequestError INPUT_INVALID, IDEMPOTENCY_MISMATCH; TransientError BACKPRESSURE */
  start(workflow: CompiledWorkflow, options?: RunOptions): Promise<RunId>;
  /** A new run linked to an earlier one. @throws RequestError STEP_NOT_FOUND, RUN_NOT_FINISHED */
  startFrom(runId: RunId, relation: Relation, options?: Pick<RunOptions, "cache" | "concurrency" | "priority">): Promise<RunId>;
  /** Lets a stored run go on. */
  adopt(runId: RunId): Promise<void>;
  /** Puts a cause to a run; resolves when its decision is on disk. @throws the reason for which it was refused */
  post(runId: RunId, event: CauseEvent): Promise<void>;
  /** Resolves when the run is final or quarantined. */
  rest(runId: RunId): Promise<RunView>;
  /** Starts no attempt any more; gives those that run until the deadline, then lets go. State is durable; the next engine goes on. */
  suspend(graceMs: number): Promise<void>;
}
