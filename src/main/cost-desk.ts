/** What a tenant's runs have cost, by day, workflow, kind of step and tool. */
import { setImmediate as breathe } from "node:timers/promises";
import type { CostQuery } from "../api/plant-service.ts";
import type { CostRow, CostView } from "../contract/cost-view.ts";
import { RequestError } from "../core/errors.ts";
import type { Digest, TenantId } from "../core/ids.ts";
import { roundUsd } from "../core/usd.ts";
import type { Project } from "./project-shape.ts";

const DAY_MS = 86_400_000;
const DAYS_DEFAULT = 30;
const DAYS_MAX = 366;

/** Day after day, so that a year keeps nobody waiting. @throws RequestError API_REQUEST for days that are none, or too many */
export async function costsOf(project: Project, { from, to }: CostQuery, tenant: TenantId): Promise<CostView> {
  const [first, last] = daysOf(from, to);
  const rows = new Map<string, CostRow>();
  for (let at = first; at <= last; at += DAY_MS) {
    const day = dayOf(at);
    for (const { workflow, definition, step, tool, usd, attempts } of project.store.costs(tenant, at, at + DAY_MS)) {
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

/** Of the latest so many days, today included. */
export function spentIn(project: Project, tenant: TenantId, days: number): number {
  const today = startOfDay(Date.now());
  const sums = project.store.costs(tenant, today - (days - 1) * DAY_MS, today + DAY_MS);
  return roundUsd(sums.reduce((sum, { usd }) => sum + usd, 0));
}

function categoryOf({ compiled }: Project, definition: Digest, step: string): string {
  try {
    const { steps, indexOf } = compiled.get(definition);
    return steps[indexOf.get(step) ?? -1]?.type ?? "unknown";
  } catch {
    return "unknown"; // A step type of another program.
  }
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
