/** Filters of the list of runs, as the address holds them and as the API takes them. */
import type { Query } from "../../api/request.ts";

export const STATES = ["pending", "running", "succeeded", "failed", "canceled", "quarantined"] as const;

/** Spans that are asked for often. */
export const SPANS = [
  { value: "1h", text: "Last hour", ms: 3_600_000 },
  { value: "24h", text: "Last 24 hours", ms: 86_400_000 },
  { value: "7d", text: "Last 7 days", ms: 7 * 86_400_000 },
  { value: "30d", text: "Last 30 days", ms: 30 * 86_400_000 },
] as const;

export interface Filters {
  readonly states: readonly string[];
  readonly workflow: string;
  readonly text: string;
  /** One of the spans; `custom` where `from` and `to` count; empty for any time. */
  readonly span: string;
  /** Local times, as an input of the type `datetime-local` has them. */
  readonly from: string;
  readonly to: string;
}

/** What nobody knows is left out: an address may have been written by hand. */
export function readFilters(query: URLSearchParams): Filters {
  const known: ReadonlySet<string> = new Set(STATES);
  const [from, to] = [localTime(query.get("from")), localTime(query.get("to"))];
  const span = query.get("since") ?? "";
  return {
    states: query.getAll("state").filter((state) => known.has(state)),
    workflow: query.get("workflow") ?? "",
    text: query.get("q") ?? "",
    span: from !== "" || to !== "" || span === "custom" ? "custom" : SPANS.some(({ value }) => value === span) ? span : "",
    from,
    to,
  };
}

function localTime(text: string | null): string {
  return text !== null && !Number.isNaN(Date.parse(text)) ? text : "";
}

export function toQuery({ states, workflow, text, span, from, to }: Filters, now: number): Query {
  const chosen = SPANS.find(({ value }) => value === span);
  return {
    state: states,
    workflow,
    q: text,
    from: chosen !== undefined ? now - chosen.ms : from === "" ? null : Date.parse(from),
    to: to === "" ? null : Date.parse(to),
  };
}

export function isFiltered({ states, workflow, text, span }: Filters): boolean {
  return states.length > 0 || workflow !== "" || text !== "" || span !== "";
}
