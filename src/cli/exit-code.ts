/** How the process ends, as documented in `docs/cli.md`. */
import type { RunView } from "../contract/run-view.ts";
import type { CompiledWorkflow } from "../plan/workflow.ts";

export const EXIT = {
  succeeded: 0,
  runFailed: 1,
  usage: 2,
  waitsForPerson: 3,
  budget: 4,
  quarantined: 5,
  storeUnusable: 6,
  bug: 70,
  outputLost: 74,
  timedOut: 124,
  interrupted: 130,
  readerGone: 141,
  terminated: 143,
} as const;

/**
 * What became of a run, for scripts. A run that somebody else canceled did not do its work: 1. Of several failures the first to come is
 * an accident of time, so all that the run failed for are asked.
 */
export function exitCodeOf(
  { state, error, steps = [] }: Pick<RunView, "state" | "error"> & Partial<Pick<RunView, "steps">>,
  workflow?: Pick<CompiledWorkflow, "steps">,
): number {
  switch (state) {
    case "succeeded":
      return EXIT.succeeded;
    case "quarantined":
      return EXIT.quarantined;
    case "failed": {
      const optional = new Set<string>(workflow?.steps.filter((step) => step.optional).map(({ id }) => id));
      const deciding = steps.filter((step) => step.state === "failed" && !optional.has(step.id));
      const classes = new Set([error?.failure.class, ...deciding.map((step) => step.error?.class)]);
      if (classes.has("budget")) return EXIT.budget;
      return classes.has("timeout") ? EXIT.timedOut : EXIT.runFailed;
    }
    default:
      return EXIT.runFailed;
  }
}
