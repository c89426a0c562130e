/** What a person can decide about a quarantined step. */
import type { QuarantinedView } from "../../../src/contract/quarantined-view.ts";
import type { Right } from "../../api/session.ts";
import type { IconName } from "../../ui/icon.tsx";

export interface WayOut {
  readonly kind: "release" | "skip" | "override" | "fail";
  readonly name: string;
  /** What was done, of several. */
  readonly done: string;
  readonly icon: IconName;
  readonly right: Right;
  /** What it does. */
  readonly does: string;
  /** When it is the one. */
  readonly when: string;
}

export const WAYS_OUT: readonly WayOut[] = [
  {
    kind: "release",
    name: "Run it again",
    done: "run again",
    icon: "retry",
    right: "operate",
    does: "The step gets another attempt, and the run goes on as after any other.",
    when: "What was wrong is gone, and doing it once more does no harm.",
  },
  {
    kind: "skip",
    name: "Skip it",
    done: "skipped",
    icon: "right",
    right: "operate",
    does: "The step counts as skipped. Steps that need it are skipped too, unless their `join` says otherwise.",
    when: "Nobody needs its result any more, or it was done by hand and gives none.",
  },
  {
    kind: "override",
    name: "Give its output",
    done: "given an output",
    icon: "done",
    right: "edit",
    does: "The step counts as succeeded with the output that you give, which is checked as its own would be.",
    when: "It has been done, and you know what came of it.",
  },
  {
    kind: "fail",
    name: "Let it fail",
    done: "failed",
    icon: "close",
    right: "operate",
    does: "The step counts as failed for good. A `catch` can deal with it; else the run fails when all others have ended.",
    when: "There is nothing to be saved.",
  },
];

/** `<run>/<step>`. */
export function keyOf({ run, step }: Pick<QuarantinedView, "run" | "step">): string {
  return `${run}/${step}`;
}

/** How many of each workflow, most first. */
export function byWorkflow(all: readonly QuarantinedView[]): readonly { readonly workflow: string; readonly count: number }[] {
  const counts = new Map<string, number>();
  for (const { workflow } of all) counts.set(workflow, (counts.get(workflow) ?? 0) + 1);
  return [...counts]
    .map(([workflow, count]) => ({ workflow, count }))
    .toSorted((left, right) => right.count - left.count || left.workflow.localeCompare(right.workflow));
}
