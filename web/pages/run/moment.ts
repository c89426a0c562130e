/** The run at a moment of its past: at once as its events tell it, then as the server does. */
import { useEffect, useState } from "preact/hooks";
import type { EventView } from "../../../src/contract/event-view.ts";
import type { RunAnswer } from "../../../src/contract/run-view.ts";
import { rewind } from "./patch-run.ts";
import { loadRun } from "./run-store.ts";

/** While the scrubber moves, the server is left alone. */
const SETTLED_MS = 200;

export function useMoment(run: RunAnswer, events: readonly EventView[], at: number | null): RunAnswer {
  const [told, setTold] = useState<{ readonly at: number; readonly run: RunAnswer } | null>(null);
  useEffect(() => {
    if (at === null) return;
    const gone = new AbortController();
    const timer = setTimeout(() => {
      // Without an answer, the events have told what there is to see.
      loadRun(run.id, gone.signal, at).then(
        (answer) => setTold({ at, run: answer }),
        () => {},
      );
    }, SETTLED_MS);
    return () => {
      clearTimeout(timer);
      gone.abort();
    };
  }, [run.id, at]);
  if (at === null) return run;
  if (told?.at === at && told.run.id === run.id && told.run.stepsNext === null) return told.run;
  return rewind(run, events, at);
}
