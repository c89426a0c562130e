/** A state directory opened for reading, and the ways to drive it. What the command line is built on. */
import type { EventView } from "../contract/event-view.ts";
import type { PlacedEvent } from "../contract/placed-event.ts";
import type { RunView } from "../contract/run-view.ts";
import type { Digest, Epoch, RunId, TenantId } from "../core/ids.ts";
import type { JsonObject } from "../core/json.ts";
import type { CheckResult } from "../definition/index.ts";
import type { CauseEvent } from "../kernel/cause.ts";
import type { RunSnapshot } from "../kernel/snapshot.ts";
import type { Waiting } from "../kernel/why-not.ts";
import type { CompiledWorkflow } from "../plan/workflow.ts";
import type { BreakerStore } from "../ports/breaker.ts";
import type { DeploymentStore } from "../ports/deployments.ts";
import type { EngineState } from "../ports/engine-meter.ts";
import type { Observer } from "../ports/observer.ts";
import type { Outbox } from "../ports/outbox.ts";
import type { Store, StoreAdmin } from "../ports/store.ts";
import type { ToolHistory } from "../ports/tools.ts";
import type { TriggerStore } from "../ports/triggers.ts";
import type { CompiledCache } from "./compiled-cache.ts";
import type { NotifyOptions } from "./notify/shape.ts";
import type { Snapshots } from "./snapshots.ts";
import type { OpenTools } from "./tools.ts";
import type { CacheOptions, RunListOptions, RunOptions, RunSummary } from "./troupe.ts";

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
  readonly store: Store & StoreAdmin & BreakerStore & DeploymentStore & ToolHistory & TriggerStore & Outbox;
  /** Where results of steps are kept. */
  readonly cache: CacheOptions;
  /** Compiled definitions of the store. */
  readonly compiled: CompiledCache;
  /** Runs as those who look at them see them. */
  readonly snapshots: Snapshots;
  /** The tools that there are, and which of them would be chosen. */
  readonly router: OpenTools;
  /** @throws DefinitionErrors with places in the file */
  load(file: string): CompiledWorkflow;
  /** A workflow that somebody sends: it inlines no files. `name`: where it says none itself. @throws DefinitionErrors */
  compile(source: string | JsonObject, name?: string): CompiledWorkflow;
  /** The same, with findings, those of the rules too, instead of an exception. */
  check(source: string, name?: string): CheckResult;
  /**
   * The workflow that a tenant has deployed under this name, to be run.
   *
   * @throws RequestError WORKFLOW_NOT_FOUND, WORKFLOW_VERSION_NOT_FOUND; DefinitionErrors where no profile of today allows it
   */
  deployed(tenant: string, name: string, version?: string): CompiledWorkflow;
  /** `@latest`, a whole id or an unambiguous prefix. @throws RequestError RUN_NOT_FOUND, RUN_AMBIGUOUS */
  runId(name: string): RunId;
  /** A stored definition, with the profiles of this place. @throws DefinitionErrors when it cannot be compiled any more */
  version(hash: Digest): CompiledWorkflow;
  snapshot(runId: RunId): { readonly workflow: CompiledWorkflow; readonly snapshot: RunSnapshot };
  /** The state after this entry (time travel); the latest without it. */
  view(runId: RunId, atSeq?: number): RunView;
  why(runId: RunId, step?: string): readonly Waiting[];
  events(runId: RunId, options?: EventsOptions): AsyncIterable<EventView>;
  /** What follows in a run, by pages that all its followers share; ends as `events` does. */
  eventPages(runId: RunId, how: { readonly afterSeq: number; readonly signal: AbortSignal }): AsyncIterable<readonly PlacedEvent[]>;
  /** What follows in all runs of a tenant, in one order; ends with the signal only. */
  tenantEvents(
    tenant: TenantId,
    how: { readonly afterPosition: number; readonly signal: AbortSignal },
  ): AsyncIterable<readonly PlacedEvent[]>;
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
  /** Who is told of what while the engine is here. @defaultValue nobody of anything */
  readonly notify?: NotifyOptions;
  readonly warn?: (message: string) => void;
}

export interface Driver extends AsyncDisposable {
  /** `remote` while another process is the engine; observers then hear nothing, `Project.events` does. */
  readonly kind: "local" | "remote";
  /** Of the engine in this process; null while another process owns the store. */
  readonly epoch: Epoch | null;
  /** What went wrong before: safe mode after repeated crashes (I-20) refuses to dispatch. */
  readonly safeMode: boolean;
  /** What the engine here has to do; null while another process is the engine. */
  load(): EngineState | null;
  /** Gets ready what the steps of a workflow will need, where the engine is here. */
  warm(workflow: CompiledWorkflow): void;
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
