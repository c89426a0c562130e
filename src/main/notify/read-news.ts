/** From entries of the journal and notes of the audit log to news: the only source of what people are told. */
import { derivedEvents } from "../../contract/derived-events.ts";
import { FencedError } from "../../core/errors.ts";
import type { RunId, TenantId } from "../../core/ids.ts";
import { isJsonObject, type JsonObject } from "../../core/json.ts";
import { NOTIFY_EVENTS, type NotifyRule } from "../../plan/notify-rule.ts";
import type { Anomaly } from "../../ports/anomaly.ts";
import type { AuditEntry, RunRow, StoredEntry, StoreReader } from "../../ports/store.ts";
import type { News } from "../../runtime/notify/news.ts";
import { anomaliesOf } from "../report/anomalies.ts";
import { eventView } from "../views.ts";
import { breakerFacts, runFacts } from "./facts.ts";

/** A chain of retries that is longer is nobody's. */
const ANCESTORS_MAX = 100;
/** Reading a longer journal at once would hold up the engine: some 50 ms. `troupe show` finds what this leaves out. */
const ANOMALY_ENTRIES_MAX = 5_000;
/** Which incidents an end closes. */
const STEP_ENDS: ReadonlySet<string> = new Set(["step.succeeded", "step.failed", "step.skipped", "step.canceled"]);
const SIGNALS = ["run.created", "run.succeeded", ...STEP_ENDS] as const;

/** Types of entries that rules ask for. */
export function entryTypesOf(rules: readonly NotifyRule[]): readonly string[] {
  const named = rules.flatMap(({ on }) => on.flatMap((event) => [...NOTIFY_EVENTS[event]]));
  return [...new Set<string>([...named, ...(rules.some(isPager) ? SIGNALS : [])])];
}

export function readsBreakers(rules: readonly NotifyRule[]): boolean {
  return rules.some((rule) => isPager(rule) || rule.on.some((event) => event.startsWith("breaker.")));
}

function isPager({ target }: NotifyRule): boolean {
  return target.channel === "pagerduty";
}

export interface NewsReader {
  ofEntry(stored: StoredEntry): readonly News[];
  /** Null for a note about something else. */
  ofNote(note: AuditEntry): News | null;
}

export function createNewsReader(store: StoreReader, rules: readonly NotifyRule[]): NewsReader {
  const wanted = new Set<string>(rules.flatMap(({ on }) => on));
  const hasPager = rules.some(isPager);

  function ofEntry({ runId, tenant, entry }: StoredEntry): readonly News[] {
    const row = store.run(runId);
    if (row === null) return []; // Retention was faster.
    const event = eventView({ runId, trace: null }, tenant, entry);
    const make = (type: string, key: string, data: JsonObject): News => {
      const step = event.stepId ?? (typeof data.step === "string" ? data.step : null);
      const root = hasPager ? rootOf(store, runId) : runId;
      return {
        key,
        type,
        at: entry.at,
        tenant,
        run: runId,
        subject: row.workflow,
        step,
        thread: threadOf(type, { runId, root, step, key }),
        closes: hasPager ? closedBy(type, { runId, root, step }) : [],
        acknowledges: hasPager && type === "run.created" && root !== runId ? [`run:${root}`] : [],
        facts: runFacts({ type, at: entry.at, seq: entry.seq, key, to: entry.actor === "run" ? entry.to : null, step, data, row }),
      };
    };
    const found: News[] = [];
    if (entry.type === "step.waiting") {
      const { until } = entry.data;
      const parking = isJsonObject(until) && isJsonObject(until.parking) ? until.parking : {};
      if (parking.kind === "approval" && wanted.has("approval.requested"))
        found.push(make("approval.requested", `${event.id}:approval`, isJsonObject(parking.request) ? parking.request : {}));
    } else if (wanted.has(entry.type) || hasPager) found.push(make(entry.type, event.id, entry.data));
    for (const derived of derivedEvents(event))
      if (wanted.has(derived.type) && derived.type !== entry.type) found.push(make(derived.type, derived.id, derived.data));
    if (wanted.has("anomaly.detected") && isRunEnd(entry.type) && entry.seq <= ANOMALY_ENTRIES_MAX) found.push(...anomalies(runId, make));
    return found;
  }

  /** A run's figures are compared when it has ended: then all of them are known. */
  function anomalies(runId: RunId, make: (type: string, key: string, data: JsonObject) => News): readonly News[] {
    return anomaliesIn(runId).map((anomaly) => {
      const data = anomaly as unknown as JsonObject; // It holds nothing but JSON.
      return make("anomaly.detected", `${runId}:${anomaly.seq}:anomaly.${anomaly.kind}`, data);
    });
  }

  /** What else there is to tell of the end of a run must not keep it from being told. */
  function anomaliesIn(runId: RunId): readonly Anomaly[] {
    try {
      return anomaliesOf(store, runId);
    } catch (thrown) {
      if (thrown instanceof FencedError) throw thrown;
      return [];
    }
  }

  return { ofEntry, ofNote: toBreakerNews };
}

function isRunEnd(type: string): boolean {
  return NOTIFY_EVENTS["anomaly.detected"].some((end) => end === type);
}

function toBreakerNews({ id, at, what, data }: AuditEntry): News | null {
  if (!what.startsWith("breaker.")) return null;
  const target = String(data.target);
  const tenant = String(data.tenant) as TenantId; // Written as one.
  const thread = `breaker:${tenant}:${target}`;
  return {
    key: `audit:${id}`,
    type: what,
    at,
    tenant,
    run: null,
    subject: target,
    step: null,
    thread,
    closes: what === "breaker.closed" ? [thread] : [],
    acknowledges: [],
    facts: breakerFacts({ type: what, at, id, tenant, target, data }),
  };
}

interface Place {
  readonly runId: RunId;
  readonly root: RunId;
  readonly step: string | null;
}

function threadOf(type: string, { runId, root, step, key }: Place & { readonly key: string }): string {
  if (type === "approval.requested") return `approval:${runId}:${step}`;
  if (type === "anomaly.detected") return `anomaly:${key}`;
  return step === null ? `run:${root}` : `step:${root}:${step}`;
}

function closedBy(type: string, { runId, root, step }: Place): readonly string[] {
  if (type === "run.succeeded") return [`run:${root}`];
  if (step === null || !STEP_ENDS.has(type)) return [];
  return [`approval:${runId}:${step}`, ...(type === "step.succeeded" ? [`step:${root}:${step}`] : [])];
}

/** The run that this one was retried or forked from, however often. */
function rootOf(store: StoreReader, runId: RunId): RunId {
  let root = runId;
  for (let steps = 0; steps < ANCESTORS_MAX; steps++) {
    const row: RunRow | null = store.run(root);
    if (row === null || row.parent === null) return root;
    const start = store.entries(root, 0, 1)[0]?.data.start;
    const parent = isJsonObject(start) && isJsonObject(start.parent) ? start.parent : {};
    if (parent.relation !== "retry" && parent.relation !== "fork") return root;
    root = row.parent;
  }
  return root;
}
