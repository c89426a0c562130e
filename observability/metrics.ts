/**
 * Every metric of Troupe, as one table: the registry, `docs/observability.md` and the checks of dashboards and alerts derive from it.
 *
 * M1 Base units (seconds, bytes, dollars), `_total` for what only grows, and closed label sets: names that come from data are capped (S-40).
 * M2 A counter starts at zero with its process: history is in the store, and is never counted twice (see `rate()`).
 * M3 A gauge is read when somebody asks, from the engine or the store, so that a restart changes nothing about it.
 */

/** Where the values come from: `server` is there where an API is served. `process` is left out of files, since node_exporter has metrics of these names for itself. */
export type MetricSource = "entries" | "commits" | "engine" | "store" | "server" | "process";

export interface MetricDeclaration {
  readonly name: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly help: string;
  /** Label names, each with the values it takes. */
  readonly labels: Readonly<Record<string, string>>;
  readonly source: MetricSource;
  /** Upper bounds of a histogram, ascending. */
  readonly buckets?: readonly number[];
  /** Buckets name the trace of an observation: the first one since they were last read. */
  readonly hasExemplars?: true;
}

/** Steps from a no-op to an hour. */
const STEP_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3_600];
/** Runs from a moment to a day. */
const RUN_SECONDS = [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 900, 3_600, 14_400, 86_400];
/** One fsync takes 0.1 to 10 ms; beyond that the disk is the problem. */
const COMMIT_SECONDS = [0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5];
const LAG_SECONDS = [0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5];
/** The default delays of retries are 2, 4, 8, 16, 32 and 60 seconds. */
const DELAY_SECONDS = [0.1, 0.5, 1, 2, 4, 8, 16, 32, 60, 300, 3_600];
/** A person answers at once, after lunch, or after the holidays. */
const WAIT_SECONDS = [1, 10, 60, 300, 900, 3_600, 14_400, 43_200, 86_400, 259_200, 604_800];
const BATCH_ENTRIES = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000];

const WORKFLOW = "name, capped";
const TYPE = "step type, capped";
const CLASS = "class of the failure; `none` without one";
const STEP_STATES = "dotted state, such as `running.executing`; empty before the first";

export const METRICS = {
  runs: {
    name: "troupe_runs_total",
    type: "counter",
    help: "Runs that ended.",
    labels: { workflow: WORKFLOW, outcome: "succeeded, failed, canceled" },
    source: "entries",
  },
  runsActive: {
    name: "troupe_runs_active",
    type: "gauge",
    help: "Runs in the store that have not ended.",
    labels: { state: "dotted state, such as `running.waiting`" },
    source: "store",
  },
  runDuration: {
    name: "troupe_run_duration_seconds",
    type: "histogram",
    help: "From the start of a run to its end.",
    labels: { workflow: WORKFLOW, outcome: "succeeded, failed, canceled" },
    source: "entries",
    buckets: RUN_SECONDS,
    hasExemplars: true,
  },
  steps: {
    name: "troupe_steps_total",
    type: "counter",
    help: "Steps that ended; each item of a fan-out is one, and so is the step that fanned out.",
    labels: { workflow: WORKFLOW, type: TYPE, outcome: "succeeded, failed, skipped, canceled" },
    source: "entries",
  },
  stepDuration: {
    name: "troupe_step_duration_seconds",
    type: "histogram",
    help: "From the start of a step's first attempt to the step's end, with the pauses between attempts.",
    labels: { type: TYPE },
    source: "entries",
    buckets: STEP_SECONDS,
    hasExemplars: true,
  },
  stepQueue: {
    name: "troupe_step_queue_seconds",
    type: "histogram",
    help: "From the request for a place to the start of the attempt.",
    labels: {},
    source: "entries",
    buckets: STEP_SECONDS,
    hasExemplars: true,
  },
  attempts: {
    name: "troupe_attempts_total",
    type: "counter",
    help: "Attempts that ended.",
    labels: {
      type: TYPE,
      outcome: "succeeded, failed, timed_out, stopped, lost; parked, fanned: the step goes on without it",
      class: CLASS,
    },
    source: "entries",
  },
  retries: {
    name: "troupe_retries_total",
    type: "counter",
    help: "Attempts that failed and are repeated.",
    labels: { class: CLASS },
    source: "entries",
  },
  retryDelay: {
    name: "troupe_retry_delay_seconds",
    type: "histogram",
    help: "Pause before an attempt is repeated.",
    labels: {},
    source: "entries",
    buckets: DELAY_SECONDS,
    hasExemplars: true,
  },
  transitions: {
    name: "troupe_transitions_total",
    type: "counter",
    help: "Entries committed to journals: every transition of every actor.",
    labels: { actor: "run, step", from: STEP_STATES, to: STEP_STATES },
    source: "entries",
  },
  timeouts: {
    name: "troupe_timeouts_total",
    type: "counter",
    help: "Time limits that were reached.",
    labels: { strategy: "what followed: fail, fallback, skip, retry, quarantine; run for the time limit of a whole run" },
    source: "entries",
  },
  skips: {
    name: "troupe_skips_total",
    type: "counter",
    help: "Steps that were skipped.",
    labels: { reason: "when, needs, switch, timeout, person, carried, caught, handler, compensation" },
    source: "entries",
  },
  quarantined: {
    name: "troupe_quarantined",
    type: "gauge",
    help: "Runs and steps in the store that wait for a person.",
    labels: { kind: "run, step" },
    source: "store",
  },
  queueDepth: {
    name: "troupe_queue_depth",
    type: "gauge",
    help: "Requests that wait for a place.",
    labels: { priority: "1 (most urgent) to 5" },
    source: "engine",
  },
  workers: {
    name: "troupe_workers",
    type: "gauge",
    help: "Places for attempts.",
    labels: { state: "busy, free" },
    source: "engine",
  },
  backpressure: {
    name: "troupe_backpressure",
    type: "gauge",
    help: "Share of the queue's bound that is in use; from 0.8 on new runs are refused.",
    labels: {},
    source: "engine",
  },
  breakerState: {
    name: "troupe_breaker_state",
    type: "gauge",
    help: "Circuit breakers in this state: 1 or 0 for a tool, a number for the tools beyond the cap.",
    labels: { tool: "name, capped", state: "closed, open, half_open" },
    source: "engine",
  },
  breakerEvents: {
    name: "troupe_breaker_events_total",
    type: "counter",
    help: "Changes of circuit breakers.",
    labels: { tool: "name, capped", state: "the state entered: closed, open, half_open" },
    source: "engine",
  },
  costUsd: {
    name: "troupe_cost_usd_total",
    type: "counter",
    help: "Dollars spent, as attempts reported them.",
    labels: { tenant: "name, capped", category: "type of the step that spent it, capped" },
    source: "entries",
  },
  cacheRequests: {
    name: "troupe_cache_requests_total",
    type: "counter",
    help: "Attempts of steps with a cache, by what it said.",
    labels: { result: "hit, miss, bypass (it was not asked, or could not be), impure (a check found that the result had changed)" },
    source: "entries",
  },
  tokens: {
    name: "troupe_tokens_total",
    type: "counter",
    help: "Tokens of language models, as attempts reported them.",
    labels: { tool: "name, capped; `none` without one", direction: "input, output" },
    source: "entries",
  },
  gateResults: {
    name: "troupe_gate_results_total",
    type: "counter",
    help: "Test gates that were asked, by what they said.",
    labels: { result: "passed, failed" },
    source: "entries",
  },
  mergeConflicts: {
    name: "troupe_merge_conflicts_total",
    type: "counter",
    help: "Branches of steps that could not be merged because of a conflict.",
    labels: {},
    source: "entries",
  },
  timeSaved: {
    name: "troupe_time_saved_seconds_total",
    type: "counter",
    help: "What `cost.manual_minutes` declares of steps that succeeded by their own work, less the time they took.",
    labels: {},
    source: "entries",
  },
  approvalsPending: {
    name: "troupe_approvals_pending",
    type: "gauge",
    help: "Steps in the store that wait for a person's approval.",
    labels: {},
    source: "store",
  },
  approvalWait: {
    name: "troupe_approval_wait_seconds",
    type: "histogram",
    help: "From the request for an approval to its answer, or to the end of its time.",
    labels: {},
    source: "entries",
    buckets: WAIT_SECONDS,
    hasExemplars: true,
  },
  journalCommit: {
    name: "troupe_journal_commit_seconds",
    type: "histogram",
    help: "From handing a batch to the store until it is on disk, with the wait for the batches before it.",
    labels: {},
    source: "commits",
    buckets: COMMIT_SECONDS,
  },
  journalBatch: {
    name: "troupe_journal_batch_size",
    type: "histogram",
    help: "Entries in one commit.",
    labels: {},
    source: "commits",
    buckets: BATCH_ENTRIES,
  },
  eventLag: {
    name: "troupe_event_lag_seconds",
    type: "histogram",
    help: "From the decision on an entry until those who watch hear of it; once a batch.",
    labels: {},
    source: "entries",
    buckets: LAG_SECONDS,
  },
  poolUtilization: {
    name: "troupe_pool_utilization",
    type: "gauge",
    help: "Share of the worker threads that are busy.",
    labels: {},
    source: "engine",
  },
  recoveries: {
    name: "troupe_recoveries_total",
    type: "counter",
    help: "Attempts found in flight after their engine had died.",
    labels: {},
    source: "entries",
  },
  anomalies: {
    name: "troupe_anomalies_total",
    type: "counter",
    help: "Steps whose result was far from usual for them.",
    labels: { kind: "duration, cost, retries, output_size" },
    source: "entries",
  },
  sseClients: {
    name: "troupe_sse_clients",
    type: "gauge",
    help: "Clients that follow a run by Server-Sent Events.",
    labels: {},
    source: "server",
  },
  websocketClients: {
    name: "troupe_websocket_clients",
    type: "gauge",
    help: "Connected WebSockets.",
    labels: {},
    source: "server",
  },
  notifications: {
    name: "troupe_notifications_total",
    type: "counter",
    help: "Notifications by what became of them.",
    labels: { channel: "slack, teams, pagerduty, webhook, email", outcome: "sent, retried, failed, dropped, grouped" },
    source: "engine",
  },
  scheduleSlots: {
    name: "troupe_schedule_slots_total",
    type: "counter",
    help: "Times at which schedules were due, by what became of them.",
    labels: { outcome: "started, skipped, missed, failed" },
    source: "server",
  },
  processCpuUser: {
    name: "process_cpu_user_seconds_total",
    type: "counter",
    help: "CPU time of this process in its own code.",
    labels: {},
    source: "process",
  },
  processCpuSystem: {
    name: "process_cpu_system_seconds_total",
    type: "counter",
    help: "CPU time of this process in the operating system.",
    labels: {},
    source: "process",
  },
  processMemory: {
    name: "process_resident_memory_bytes",
    type: "gauge",
    help: "Memory of this process in RAM.",
    labels: {},
    source: "process",
  },
  processStart: {
    name: "process_start_time_seconds",
    type: "gauge",
    help: "When this process started, in seconds since 1970.",
    labels: {},
    source: "process",
  },
  heapUsed: {
    name: "nodejs_heap_size_used_bytes",
    type: "gauge",
    help: "JavaScript heap in use on the main thread.",
    labels: {},
    source: "process",
  },
  heapTotal: {
    name: "nodejs_heap_size_total_bytes",
    type: "gauge",
    help: "JavaScript heap reserved for the main thread.",
    labels: {},
    source: "process",
  },
  externalMemory: {
    name: "nodejs_external_memory_bytes",
    type: "gauge",
    help: "Memory outside the JavaScript heap that its objects hold.",
    labels: {},
    source: "process",
  },
  loopUtilization: {
    name: "nodejs_eventloop_utilization",
    type: "gauge",
    help: "Share of the time since the last reading in which the main thread was busy.",
    labels: {},
    source: "process",
  },
} as const satisfies Readonly<Record<string, MetricDeclaration>>;

export type MetricKey = keyof typeof METRICS;

/** The table as plain declarations. */
export const metricList: readonly (readonly [MetricKey, MetricDeclaration])[] = Object.entries(METRICS) as [MetricKey, MetricDeclaration][]; // Its keys are the table's.

/** Every name under which Prometheus knows a series of this metric. */
export function seriesNames({ name, type }: MetricDeclaration): readonly string[] {
  return type === "histogram" ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name];
}
