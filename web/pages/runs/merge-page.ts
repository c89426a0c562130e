/**
 * A list of runs, newest first, of which pages come in any order and again and again.
 *
 * M1 A page tells all that there is between the run it was asked behind and its last one: what was known there and is not in it has left the list.
 * M2 A run is in the list once.
 */
import type { RunPage, RunSummary } from "../../../src/contract/run-summary.ts";

export interface RunList {
  readonly rows: readonly RunSummary[];
  /** Cursor behind the last row; null where nothing follows. */
  readonly next: string | null;
}

/** @param after the run behind which the page was asked; null for the first page */
export function mergePage(list: RunList, after: string | null, page: RunPage): RunList {
  const { rows } = list;
  const from = after === null ? 0 : rows.findIndex(({ id }) => id === after) + 1;
  if (after !== null && from === 0) return list; // What it follows has left: nobody can say where it belongs.
  const told = page.runs;
  if (page.next === null) return { rows: [...rows.slice(0, from), ...told], next: null };
  const last = told.at(-1);
  const isAtEnd = from === rows.length;
  if (last === undefined || isAtEnd) return { rows: [...rows, ...told], next: page.next };
  const to = rows.findIndex(({ id }) => id === last.id);
  if (to >= 0)
    return { rows: [...rows.slice(0, from), ...told, ...rows.slice(to + 1)], next: to === rows.length - 1 ? page.next : list.next };
  const known = new Set(told.map(({ id }) => id));
  const tail = rows.slice(from).findLastIndex(({ id }) => known.has(id));
  // Nothing in common: what lies between is not known, so what was there behind it is asked for again when it is wanted.
  if (tail < 0) return { rows: [...rows.slice(0, from), ...told], next: page.next };
  const rest = rows.slice(from + tail + 1).filter(({ createdAt }) => createdAt <= last.createdAt);
  return { rows: [...rows.slice(0, from), ...told, ...rest], next: list.next };
}

/** Runs behind which to ask, so that these are told anew; null for the first page. As few as will do, the first of the list before others. */
export function pagesOf(rows: readonly RunSummary[], wanted: ReadonlySet<string>, pageSize: number): readonly (string | null)[] {
  const found: (string | null)[] = [];
  let until = -1;
  for (const [index, { id }] of rows.entries()) {
    if (index <= until || !wanted.has(id)) continue;
    found.push(index < pageSize ? null : (rows[index - 1]?.id ?? null));
    until = index < pageSize ? pageSize - 1 : index + pageSize - 1;
  }
  return found;
}
