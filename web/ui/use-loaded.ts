/** Data from the server for a component: asked when it appears, when what it depends on changes, and again from time to time. */
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { type Problem, problemOf } from "../api/problem.ts";

export type Loaded<T> =
  | { readonly kind: "loading" }
  /** `problem` where it could not be refreshed: what is there may be old. */
  | { readonly kind: "ready"; readonly value: T; readonly problem: Problem | null }
  | { readonly kind: "failed"; readonly problem: Problem };

export interface Loading<T> {
  readonly state: Loaded<T>;
  /** Asks again; what is shown stays until the answer is there. */
  readonly reload: () => void;
}

export interface LoadHow {
  /** Asks again after so long, while the page is looked at. */
  readonly everyMs?: number;
}

/** @param depends text that changes when something else is to be loaded; null for nothing yet */
export function useLoaded<T>(depends: string | null, load: (signal: AbortSignal) => Promise<T>, { everyMs }: LoadHow = {}): Loading<T> {
  const [{ of, state }, setState] = useState<{ readonly of: string | null; readonly state: Loaded<T> }>({
    of: null,
    state: { kind: "loading" },
  });
  const latest = useRef(load);
  latest.current = load;
  const again = useRef<() => void>(() => {});
  useEffect(() => {
    if (depends === null) return;
    const gone = new AbortController();
    let isAsking = false;
    let isWanted = false;
    const run = async (): Promise<void> => {
      isWanted = isAsking;
      if (isAsking) return;
      isAsking = true;
      const found = await latest.current(gone.signal).then(
        (value): Loaded<T> => ({ kind: "ready", value, problem: null }),
        (thrown: unknown): Loaded<T> => ({ kind: "failed", problem: problemOf(thrown) }),
      );
      isAsking = false;
      if (gone.signal.aborted) return;
      setState((before) => ({ of: depends, state: before.of === depends ? keep(before.state, found) : found }));
      if (isWanted) await run();
    };
    again.current = () => void run();
    void run();
    const timer = everyMs === undefined ? 0 : setInterval(() => document.visibilityState === "visible" && void run(), everyMs);
    return () => {
      gone.abort();
      clearInterval(timer);
    };
  }, [depends, everyMs]);
  return { state: of === depends ? state : { kind: "loading" }, reload: useCallback(() => again.current(), []) };
}

/** What was there stays, if what came instead is a problem. */
function keep<T>(before: Loaded<T>, found: Loaded<T>): Loaded<T> {
  if (found.kind === "failed" && before.kind === "ready") return { ...before, problem: found.problem };
  // An answer that did not change is the same object: nothing is drawn anew for it.
  if (found.kind === "ready" && before.kind === "ready" && before.value === found.value && before.problem === null) return before;
  return found;
}
