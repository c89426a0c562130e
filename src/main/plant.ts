/** What the API asks about what runs are made with, answered by a project and whoever drives it. */
import { statSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as breathe } from "node:timers/promises";
import { chartOf, MACHINES } from "../../observability/inspector/chart.ts";
import { DATABASE } from "../adapters/store-sqlite/directory.ts";
import type { Caller } from "../api/access.ts";
import type { CostQuery, PlantService, ProcessView } from "../api/plant-service.ts";
import type { CacheRow, CacheView } from "../contract/cache-view.ts";
import type { CostRow, CostView } from "../contract/cost-view.ts";
import type { SystemView } from "../contract/system-view.ts";
import type { BreakerView, ToolView } from "../contract/tool-view.ts";
import { RequestError } from "../core/errors.ts";
import type { Digest, TenantId } from "../core/ids.ts";
import { roundUsd } from "../core/usd.ts";
import { BREAKER_INITIAL } from "../kernel/breaker.ts";
import { toolTarget } from "../plan/tool.ts";
import type { BreakerRow } from "../ports/breaker.ts";
import type { CacheAdmin, CacheEntryView } from "./cache-admin.ts";
import type { Driver, Project } from "./project-shape.ts";
import { resetBreakers } from "./tool-desk.ts";

const DAY_MS = 86_400_000;
const DAYS_DEFAULT = 30;
const DAYS_MAX = 366;
const WORKFLOWS_COUNTED_MAX = 10_000;
/** Entries of the step cache that are looked at for one answer: each is a file. */
const CACHE_LOOKED_MAX = 2_000;
/** How long what the cache holds is believed. */
const CACHE_BELIEVED_MS = 5_000;

export interface PlantOptions {
  readonly project: Project;
  readonly driver: Driver;
  readonly version: string;
}

export function createPlant({ project, driver, version }: PlantOptions): PlantService & AsyncDisposable {
  const { store } = project;
  const startedAt = Date.now();
  const charts = { run: chartOf(MACHINES.run), step: chartOf(MACHINES.step) };
  const cached = new Map<string, { readonly at: number; readonly view: Promise<CacheView> }>();
  let cache: Promise<CacheAdmin> | null = null;

  const breakersOf = (tenant: TenantId): readonly BreakerRow[] => store.breakers(0).filter((row) => row.tenant === tenant);

  async function costs({ from, to }: CostQuery, tenant: TenantId): Promise<CostView> {
    const [first, last] = daysOf(from, to);
    const rows = new Map<string, CostRow>();
    for (let at = first; at <= last; at += DAY_MS) {
      const day = dayOf(at);
      for (const { workflow, definition, step, tool, usd, attempts } of store.costs(tenant, at, at + DAY_MS)) {
        const category = categoryOf(project, definition, step);
        const key = JSON.stringify([day, workflow, category, tool]);
        const known = rows.get(key) ?? { day, workflow, category, tool, usd: 0, attempts: 0 };
        rows.set(key, { ...known, usd: roundUsd(known.usd + usd), attempts: known.attempts + attempts });
      }
      await breathe();
    }
    const found = [...rows.values()];
    const totalUsd = roundUsd(found.reduce((sum, { usd }) => sum + usd, 0));
    return { tenant, from: dayOf(first), to: dayOf(last), totalUsd, rows: found };
  }

  async function cacheOf(tenant: string): Promise<CacheView> {
    cache ??= import("./cache-admin.ts").then(({ openCacheAdmin }) => openCacheAdmin(project.directory, project.cache));
    const admin = await cache;
    const { entries, complete } = await admin.sample(tenant, CACHE_LOOKED_MAX);
    const rows = [...Map.groupBy(entries, ({ workflow, step }) => JSON.stringify([workflow, step])).values()].flatMap(toCacheRow);
    rows.sort((one, other) => other.usedAt - one.usedAt);
    const bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0);
    return { technology: admin.technology, entries: entries.length, bytes, complete, rows };
  }

  return {
    tools({ tenant }) {
      const { tools, prober } = project.router;
      const rows = breakersOf(tenant);
      return tools.list().map((tool): ToolView => {
        const isThere = prober.locate(tool) !== null;
        const probe = isThere ? tools.lastProbe(tool) : null;
        const { calls, successes, p50Ms, costUsd } = store.toolRecord(tool.name, tenant);
        return {
          name: tool.name,
          kind: tool.adapter,
          available: isThere && probe?.status !== "unhealthy",
          version: probe?.version ?? null,
          problem: isThere ? (probe?.detail ?? null) : `\`${tool.command[0]}\` is not found on PATH`,
          capabilities: tool.capabilities,
          calls,
          successes,
          p50Ms,
          costUsd: costUsd ?? 0,
          breaker: toBreaker(tool.name, rows.find(({ target }) => target === toolTarget(tool.name)) ?? null),
        };
      });
    },
    breakers: ({ tenant }) => breakersOf(tenant).map((row) => toBreaker(toolOf(row.target), row)),
    async resetBreaker(name, { tenant, name: by }) {
      const closed = await resetBreakers(store, name, tenant, by);
      const targets = new Set(closed.map(({ target }) => target));
      return breakersOf(tenant)
        .filter(({ target }) => targets.has(target))
        .map((row) => toBreaker(toolOf(row.target), row));
    },
    costs: (query, { tenant }) => costs(query, tenant),
    async tenants({ tenant }) {
      const { runs, quarantinedSteps, pendingApprovals } = store.census(tenant);
      const today = startOfDay(Date.now());
      const spent = (days: number): number =>
        roundUsd(store.costs(tenant, today - (days - 1) * DAY_MS, today + DAY_MS).reduce((sum, { usd }) => sum + usd, 0));
      return [
        {
          tenant,
          runs: Object.fromEntries(runs),
          quarantinedSteps,
          pendingApprovals,
          workflows: store.deployments(tenant, "", WORKFLOWS_COUNTED_MAX).length,
          costTodayUsd: spent(1),
          cost30DaysUsd: spent(30),
        },
      ];
    },
    cache({ tenant }) {
      const known = cached.get(tenant);
      const now = Date.now();
      if (known !== undefined && now - known.at < CACHE_BELIEVED_MS) return known.view;
      const view = cacheOf(tenant);
      cached.set(tenant, { at: now, view });
      view.catch(() => cached.delete(tenant));
      return view;
    },
    system: (caller) => systemOf({ project, driver, caller, version, startedAt }),
    charts: () => charts,
    async [Symbol.asyncDispose]() {
      if (cache !== null) await (await cache)[Symbol.asyncDispose]();
    },
  };
}

interface SystemParts extends PlantOptions {
  readonly caller: Caller;
  readonly startedAt: number;
}

function systemOf({ project: { store, directory }, driver, caller, version, startedAt }: SystemParts): ProcessView {
  const load = driver.load();
  const { runs, quarantinedSteps, pendingApprovals } = store.census(caller.tenant);
  const depths = load?.waiting ?? [];
  const limit = load?.queueBound ?? 0;
  const backpressure = load !== null && depths.reduce((sum, depth) => sum + depth, 0) >= limit;
  const check = (name: string, ok: boolean, detail: string, fix: string): SystemView["checks"][number] => ({
    name,
    ok,
    detail,
    fix: ok ? null : fix,
  });
  return {
    version,
    startedAt,
    engine: { kind: driver.kind, epoch: store.epoch(), safeMode: driver.safeMode },
    queue: { depths, limit, backpressure },
    workers: { busy: load?.running ?? 0, limit: load?.limit ?? 0 },
    runs: Object.fromEntries(runs),
    quarantined: quarantinedSteps,
    pendingApprovals,
    store: { bytes: bytesOf(directory), lastPosition: store.lastPosition() },
    checks: [
      check(
        "engine",
        !driver.safeMode,
        driver.safeMode ? "it has crashed too often and starts nothing" : driver.kind === "local" ? "here" : "in another process",
        "`troupe recover` tells more.",
      ),
      check(
        "queue",
        !backpressure,
        `${depths.reduce((sum, depth) => sum + depth, 0)} of ${limit}`,
        "Let runs end, or give it more workers.",
      ),
    ],
  };
}

function bytesOf(directory: string): number {
  const file = join(directory, DATABASE);
  return [file, `${file}-wal`].reduce((sum, one) => sum + (statSync(one, { throwIfNoEntry: false })?.size ?? 0), 0);
}

function toBreaker(tool: string, row: BreakerRow | null): BreakerView {
  const { state, context } = row?.actor ?? BREAKER_INITIAL;
  return { tool, state, failures: context.failures, retryAt: state === "open" ? context.dueAt : null, changedAt: row?.changedAt ?? null };
}

/** Breakers of other targets, such as `webhook:api.example.org`, are called by their whole name. */
function toolOf(target: string): string {
  return target.startsWith(toolTarget("")) ? target.slice(toolTarget("").length) : target;
}

function categoryOf({ compiled }: Project, definition: Digest, step: string): string {
  try {
    const { steps, indexOf } = compiled.get(definition);
    return steps[indexOf.get(step) ?? -1]?.type ?? "unknown";
  } catch {
    return "unknown"; // A step type of another program.
  }
}

function toCacheRow(entries: readonly CacheEntryView[]): readonly CacheRow[] {
  const [first] = entries;
  if (first === undefined) return [];
  const sum = (of: (entry: CacheEntryView) => number): number => entries.reduce((total, entry) => total + of(entry), 0);
  return [
    {
      workflow: first.workflow,
      step: first.step,
      entries: entries.length,
      bytes: sum(({ bytes }) => bytes),
      tookMs: Math.round(sum(({ tookMs }) => tookMs) / entries.length),
      usedAt: entries.reduce((latest, { usedAt }) => Math.max(latest, usedAt), 0),
    },
  ];
}

/** @throws RequestError API_REQUEST */
function daysOf(from: string | undefined, to: string | undefined): readonly [number, number] {
  const last = to === undefined ? startOfDay(Date.now()) : parseDay("to", to);
  const first = from === undefined ? last - (DAYS_DEFAULT - 1) * DAY_MS : parseDay("from", from);
  if (first > last) throw new RequestError("API_REQUEST", { problem: "`from` is later than `to`" });
  if ((last - first) / DAY_MS >= DAYS_MAX) throw new RequestError("API_REQUEST", { problem: `at most ${DAYS_MAX} days are told at once` });
  return [first, last];
}

function parseDay(name: string, day: string): number {
  const at = Date.parse(`${day}T00:00:00Z`);
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day) || !Number.isFinite(at) || dayOf(at) !== day)
    throw new RequestError("API_REQUEST", { problem: `\`${name}\` is no day such as 2026-11-22` });
  return at;
}

function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

function startOfDay(at: number): number {
  return at - (at % DAY_MS);
}
