/** Addresses of a run's page: which view, which step, which moment. */
import { place } from "../../shell/router.ts";

export const TABS = ["graph", "waterfall", "events", "statechart", "steps", "compare"] as const;
export type TabName = (typeof TABS)[number];

export function tabOf(part: string | undefined): TabName {
  return TABS.find((name) => name === part) ?? "graph";
}

/** The chosen step and the moment stay when one goes to another view. */
export function tabAddress(run: string, tab: TabName): string {
  const kept = new URLSearchParams();
  for (const name of ["step", "at"]) {
    const value = place.value.query.get(name);
    if (value !== null) kept.set(name, value);
  }
  return `/runs/${run}/${tab}${kept.size === 0 ? "" : `?${kept}`}`;
}

/** The present view with this step beside it. */
export function stepAddress(step: string): string {
  const { path, query } = place.value;
  const next = new URLSearchParams(query);
  next.set("step", step);
  return `${path}?${next}`;
}

/** Number of the event that is looked back to; null for now. */
export function momentOf(query: URLSearchParams): number | null {
  const at = query.get("at");
  return at !== null && /^[1-9]\d{0,14}$/.test(at) ? Number(at) : null;
}
