/** The list of runs, page by page as it is scrolled, kept up to date by the feed: pages in which something happened are asked for again. */
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import type { RunPage } from "../../../src/contract/run-summary.ts";
import { type Problem, problemOf } from "../../api/problem.ts";
import { get } from "../../api/request.ts";
import { useFeed } from "../../live/use-feed.ts";
import { type Filters, toQuery } from "./filters.ts";
import { mergePage, pagesOf, type RunList } from "./merge-page.ts";

const PAGE = 100;
/** So often, at most, the pages in which something happened are asked for. */
const REFRESH_MS = 1_000;
const REFRESHED_AT_ONCE = 3;
/** New runs since the last look, at most, that are looked for before the list begins anew. */
const CATCH_UP_PAGES = 3;

export interface RunListState extends RunList {
  readonly kind: "loading" | "ready" | "failed";
  /** Why it could not be loaded, or is not the latest. */
  readonly problem: Problem | null;
  readonly isLoadingMore: boolean;
}

export interface UsedRunList extends RunListState {
  readonly more: () => void;
  readonly reload: () => void;
}

const NOTHING: RunListState = { kind: "loading", rows: [], next: null, problem: null, isLoadingMore: false };

export function useRunList(filters: Filters): UsedRunList {
  const key = JSON.stringify(filters);
  const [state, setState] = useState<RunListState>(NOTHING);
  const work = useRef<Worker>(null);
  useEffect(() => {
    setState(NOTHING);
    const worker = createWorker(filters, setState);
    work.current = worker;
    return () => worker.stop();
  }, [key]);
  useFeed({
    heard: ({ runId, type }) => work.current?.touch(runId, type === "run.created"),
    joined: () => work.current?.reload(),
  });
  const more = useCallback(() => work.current?.more(), []);
  const reload = useCallback(() => work.current?.reload(), []);
  return { ...state, more, reload };
}

interface Worker {
  touch(run: string, isNew: boolean): void;
  more(): void;
  reload(): void;
  stop(): void;
}

function createWorker(filters: Filters, show: (change: (before: RunListState) => RunListState) => void): Worker {
  const gone = new AbortController();
  const touched = new Set<string>();
  let list: RunList = { rows: [], next: null };
  let isTopWanted = true;
  let isBusy = false;
  let timer = 0;

  const load = (cursor: string | null): Promise<RunPage> =>
    get<RunPage>("/runs", { query: { ...toQuery(filters, Date.now()), limit: PAGE, cursor }, signal: gone.signal });

  /** The first page, and those behind it until what is known begins. */
  const loadTop = async (): Promise<void> => {
    const known = list.rows[0]?.id;
    let after: string | null = null;
    for (let pages = 0; pages < CATCH_UP_PAGES; pages++) {
      const page: RunPage = await load(after);
      const hasMet = known === undefined || page.runs.some(({ id }) => id === known) || page.next === null;
      list = mergePage(list, after, page);
      if (hasMet) return;
      after = page.runs.at(-1)?.id ?? null;
    }
  };

  const run = async (job: () => Promise<void>): Promise<void> => {
    if (isBusy || gone.signal.aborted) return;
    isBusy = true;
    try {
      await job();
      show((before) => ({ ...before, ...list, kind: "ready", problem: null, isLoadingMore: false }));
    } catch (thrown) {
      const problem = problemOf(thrown);
      if (!gone.signal.aborted)
        show((before) => ({ ...before, kind: before.kind === "ready" ? "ready" : "failed", problem, isLoadingMore: false }));
    } finally {
      isBusy = false;
    }
  };

  const refresh = async (): Promise<void> => {
    const pages = pagesOf(list.rows, touched, PAGE);
    const isTop = isTopWanted || pages[0] === null;
    const others = pages.filter((page) => page !== null).slice(0, REFRESHED_AT_ONCE);
    if (others.length === pages.length - (pages[0] === null ? 1 : 0)) touched.clear();
    isTopWanted = false;
    if (isTop) await loadTop();
    for (const after of others) list = mergePage(list, after, await load(after));
  };

  const schedule = (): void => {
    if (timer !== 0) return;
    timer = setTimeout(() => {
      timer = 0;
      if (isBusy) schedule();
      else void run(refresh);
    }, REFRESH_MS);
  };
  void run(refresh);
  return {
    touch(id, isNew) {
      touched.add(id);
      // With filters, a run that was not in the list may come into it by what happened.
      isTopWanted ||= isNew || filters.states.length > 0;
      schedule();
    },
    more() {
      const { next } = list;
      if (next === null || isBusy) return;
      show((before) => ({ ...before, isLoadingMore: true }));
      void run(async () => {
        list = mergePage(list, list.rows.at(-1)?.id ?? null, await load(next));
      });
    },
    reload() {
      isTopWanted = true;
      for (const { id, endedAt } of list.rows) if (endedAt === null) touched.add(id);
      if (isBusy) schedule();
      else void run(refresh);
    },
    stop() {
      clearTimeout(timer);
      gone.abort();
    },
  };
}
