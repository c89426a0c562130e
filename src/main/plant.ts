/** What the API asks about what runs are made with, answered by a project and whoever drives it. */
import { chartOf, MACHINES } from "../../observability/inspector/chart.ts";
import type { PlantService } from "../api/plant-service.ts";
import type { CacheRow, CacheView } from "../contract/cache-view.ts";
import type { BreakerView, ToolView } from "../contract/tool-view.ts";
import type { TenantId } from "../core/ids.ts";
import { BREAKER_INITIAL } from "../kernel/breaker.ts";
import { toolTarget } from "../plan/tool.ts";
import type { BreakerRow } from "../ports/breaker.ts";
import type { CacheAdmin, CacheEntryView } from "./cache-admin.ts";
import { costsOf, spentIn } from "./cost-desk.ts";
import type { Driver, Project } from "./project-shape.ts";
import { systemOf } from "./system-desk.ts";
import { resetBreakers } from "./tool-desk.ts";

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
    costs: (query, { tenant }) => costsOf(project, query, tenant),
    async tenants({ tenant }) {
      const { runs, quarantinedSteps, pendingApprovals } = store.census(tenant);
      return [
        {
          tenant,
          runs: Object.fromEntries(runs),
          quarantinedSteps,
          pendingApprovals,
          workflows: store.deployments(tenant, "", WORKFLOWS_COUNTED_MAX).length,
          costTodayUsd: spentIn(project, tenant, 1),
          cost30DaysUsd: spentIn(project, tenant, 30),
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

function toBreaker(tool: string, row: BreakerRow | null): BreakerView {
  const { state, context } = row?.actor ?? BREAKER_INITIAL;
  return { tool, state, failures: context.failures, retryAt: state === "open" ? context.dueAt : null, changedAt: row?.changedAt ?? null };
}

/** Breakers of other targets, such as `webhook:api.example.org`, are called by their whole name. */
function toolOf(target: string): string {
  return target.startsWith(toolTarget("")) ? target.slice(toolTarget("").length) : target;
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
