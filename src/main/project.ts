/** Opens a state directory: reading needs nobody's leave, driving needs ownership or its owner. */
import { setMaxListeners } from "node:events";
import { resolve } from "node:path";
import { openStore } from "../adapters/store-sqlite/store.ts";
import type { RunView } from "../contract/run-view.ts";
import { RequestError } from "../core/errors.ts";
import type { Digest, RunId, TenantId } from "../core/ids.ts";
import { check, compile } from "../definition/index.ts";
import { LINT_RULES } from "../definition/lint/rules.ts";
import { createReadRun, type ReadRun, type SeenRun } from "../hosts/embedded/read-run.ts";
import { fold } from "../kernel/fold.ts";
import { stepById } from "../kernel/roster.ts";
import type { RunSnapshot } from "../kernel/snapshot.ts";
import { type Waiting, whyNot } from "../kernel/why-not.ts";
import type { CompiledWorkflow } from "../plan/workflow.ts";
import type { StepType } from "../ports/attempt.ts";
import type { RunListing, Store } from "../ports/store.ts";
import type { StepFunction } from "../steps/function/execute.ts";
import { createCompiledCache } from "./compiled-cache.ts";
import { declarationsOf } from "./declarations.ts";
import { openDriver } from "./driver.ts";
import { type EventSource, readEvents, readPages, readTenant } from "./events.ts";
import { findRun } from "./find-run.ts";
import { loadWorkflow } from "./load-workflow.ts";
import { openProfiles, type ProfileOptions } from "./profiles.ts";
import type { EventsOptions, Project } from "./project-shape.ts";
import { createRunWatch } from "./run-watch.ts";
import { createSnapshots } from "./snapshots.ts";
import { createTroubleReport } from "./store-trouble.ts";
import type { CacheOptions, RunListOptions, RunSummary } from "./troupe.ts";
import { runView } from "./views.ts";
import { createWorkshop } from "./workshop.ts";

export interface ProjectOptions {
  /** @defaultValue `.troupe` below the working directory */
  readonly state?: string;
  readonly memory?: boolean;
  readonly durability?: "full" | "relaxed";
  readonly functions?: Readonly<Record<string, StepFunction>>;
  readonly stepTypes?: readonly StepType[];
  /** Starts the writer at once, beside what comes next; for those who surely write. @defaultValue false */
  readonly willWrite?: boolean;
  readonly cache?: CacheOptions;
  /** A file instead of the `router.yaml` that is found from a workflow upwards. */
  readonly router?: string;
  readonly profiles?: ProfileOptions;
}

const RUNS_LISTED_DEFAULT = 50;
/** Where a workflow that was sent counts as being, for the tools that it finds and the modules that it names. */
const sentAs = (name: string): string => `${name}.troupe.yaml`;
const SENT_NAME = "request";

export async function openProject(options: ProjectOptions = {}): Promise<Project> {
  const directory = resolve(options.state ?? ".troupe");
  const trouble = createTroubleReport();
  const { durability = "full", memory = false, willWrite = false } = options;
  const store = await openStore({ directory, durability, memory, willWrite, onTrouble: trouble.note });
  const closing = new AbortController();
  setMaxListeners(0, closing.signal); // One for each reader that follows.
  const profiles = openProfiles(options.profiles ?? {});
  const workshop = createWorkshop({
    directory,
    functions: options.functions ?? {},
    stepTypes: options.stepTypes ?? [],
    cache: options.cache ?? {},
    warn: trouble.say,
    profiles,
    history: store,
    ...(options.router !== undefined && { router: options.router }),
  });
  const declarations = declarationsOf(options.stepTypes ?? []);
  const compiled = createCompiledCache(store, declarations);
  /** The store while it is open: whoever asks afterwards has made a mistake, and the store has none. */
  const opened = (): typeof store => {
    if (closing.signal.aborted) throw new RequestError("ENGINE_STOPPED");
    return store;
  };
  const watch = createRunWatch(store);
  const source: EventSource = { store, watch, closing: closing.signal };
  const read = createReadRun(store, (hash) => compiled.get(hash));
  const snapshotOf: ReadRun = (runId) => {
    opened();
    return read(runId);
  };

  return {
    directory,
    store,
    cache: options.cache ?? {},
    compiled,
    snapshots: createSnapshots(store, compiled),
    router: workshop.router,
    load: (file) => profiles.admit(loadWorkflow(file, declarations)),
    compile: (source, name = SENT_NAME) => profiles.admit(compile(source, { file: sentAs(name), stepTypes: declarations })),
    check: (source, name = SENT_NAME) => check(source, { file: sentAs(name), stepTypes: declarations, rules: LINT_RULES }),
    deployed(tenant, name, version) {
      const find = (wanted?: Digest) => opened().deployment(tenant as TenantId, name, wanted); // Any text names a tenant.
      const found = find(version as Digest | undefined); // A text that names no version finds none.
      if (found !== null) return profiles.admit(compiled.get(found.version));
      throw version === undefined || find() === null
        ? new RequestError("WORKFLOW_NOT_FOUND", { workflow: name })
        : new RequestError("WORKFLOW_VERSION_NOT_FOUND", { workflow: name, version });
    },
    version: (hash) => profiles.admit(compiled.get(hash)),
    runId: (name) => findRun(opened(), name),
    snapshot: snapshotOf,
    view: (runId, atSeq) => viewOf(opened(), snapshotOf(runId), atSeq),
    why(runId, step): readonly Waiting[] {
      const { workflow, snapshot } = snapshotOf(runId);
      if (step !== undefined && stepById({ workflow, fans: snapshot.fans }, step) === undefined)
        throw new RequestError("STEP_NOT_FOUND", { run: runId, step });
      return whyNot(workflow, snapshot, step, (ref) => store.blob(ref));
    },
    events: (runId, how: EventsOptions = {}) => readEvents(source, runId, how),
    eventPages: (runId, how) => readPages(source, runId, { ...how, follow: true }),
    tenantEvents: (tenant, how) => readTenant(source, tenant, how),
    list: (how = {}) => listRuns(opened(), how),
    interrupted: () =>
      opened()
        .unfinishedRuns()
        .map((id) => summaryOf(store.run(id)))
        .filter((run) => run !== null),
    drive: async (how = {}) =>
      openDriver({
        store: opened(),
        compiled,
        read,
        workshop,
        trouble,
        workspace: process.cwd(),
        profile: profiles.floor,
        ...how,
        observers: [...(how.observers ?? []), watch.observer],
      }),
    async [Symbol.asyncDispose]() {
      closing.abort();
      watch[Symbol.dispose]();
      await workshop[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
    },
  };
}

function viewOf(store: Store, { workflow, snapshot }: SeenRun, atSeq: number | undefined): RunView {
  const { runId } = snapshot.start;
  const shown = atSeq === undefined ? snapshot : foldUntil(store, workflow, runId, atSeq);
  const attempts = store
    .attempts(runId)
    .filter(({ startedAt }) => atSeq === undefined || startedAt <= (shown.run.context.endedAt ?? Number.POSITIVE_INFINITY));
  const createdAt = store.run(runId)?.createdAt ?? 0;
  return runView(workflow, shown, { attempts, createdAt, load: (ref) => store.blob(ref) });
}

function foldUntil(store: Store, workflow: CompiledWorkflow, runId: RunId, atSeq: number): RunSnapshot {
  const entries = store.entries(runId, 0, atSeq);
  if (atSeq < 1 || entries.length < atSeq)
    throw new RequestError("SEQ_NOT_FOUND", { run: runId, seq: atSeq, last: store.run(runId)?.lastSeq ?? 0 });
  return fold(workflow, entries);
}

function listRuns(store: Store, { limit = RUNS_LISTED_DEFAULT, ...filter }: RunListOptions): readonly RunSummary[] {
  const { before, tenant, ...rest } = filter;
  const rows = store.runs({
    ...rest,
    limit,
    ...(tenant !== undefined && { tenant: tenant as TenantId }), // Any text names a tenant.
    ...(before !== undefined && { before: findRun(store, before) }),
  });
  return rows.map(toSummary);
}

function summaryOf(row: RunListing | null): RunSummary | null {
  return row && toSummary(row);
}

function toSummary(row: RunListing): RunSummary {
  const { id, workflow, state, createdAt, startedAt, endedAt, costUsd, stepsDone, stepsTotal, parent } = row;
  const percent = stepsTotal === 0 ? 100 : Math.floor((100 * stepsDone) / stepsTotal);
  const durationMs = startedAt === null || endedAt === null ? null : endedAt - startedAt;
  return {
    id,
    workflow,
    state,
    createdAt,
    startedAt,
    endedAt,
    durationMs,
    costUsd,
    progress: { done: stepsDone, total: stepsTotal, percent },
    parent,
  };
}
