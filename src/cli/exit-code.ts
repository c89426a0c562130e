/** How the process ends, as documented in `docs/cli.md`. */
import type { RunView } from "../contract/run-view.ts";

export const EXIT = {
  succeeded: 0,
  runFailed: 1,
  usage: 2,
  waitsForPerson: 3,
  budget: 4,
  quarantined: 5,
  storeUnusable: 6,
  bug: 70,
  timedOut: 124,
  interrupted: 130,
  terminated: 143,
} as const;

/** What became of a run, for scripts. A run that somebody else canceled did not do its work: 1. */
export function exitCodeOf({ state, error }: Pick<RunView, "state" | "error">): number {
  switch (state) {
    case "succeeded":
      return EXIT.succeeded;
    case "quarantined":
      return EXIT.quarantined;
    case "failed":
      if (error?.failure.class === "timeout") return EXIT.timedOut;
      return error?.failure.class === "budget" ? EXIT.budget : EXIT.runFailed;
    default:
      return EXIT.runFailed;
  }
}
