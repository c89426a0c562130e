/** What a run still waits for from its host: a new owner asks for it all after a fold, as if it had just been decided. */
import type { StepId } from "../core/ids.ts";
import type { CompiledWorkflow } from "../plan/workflow.ts";
import { mayStart } from "./answer.ts";
import type { Effect } from "./effect.ts";
import { itemAt } from "./paged.ts";
import { stepsOf } from "./roster.ts";
import { countOf, type RunSnapshot, runState } from "./snapshot.ts";

export interface InFlight {
  readonly step: StepId;
  readonly attempt: number;
  readonly deadlineAt: number | null;
  /** Why it was being stopped when its engine died; null when it was not. */
  readonly stopping: "cancel" | "timeout" | null;
}

export interface Outstanding {
  /** Attempts that may or may not be alive (reliability §5). */
  readonly inFlight: readonly InFlight[];
  /** Requests for permits, and the run's output if it was being made. Timers are in the store. */
  readonly effects: readonly Effect[];
}

export function outstanding(workflow: CompiledWorkflow, snapshot: RunSnapshot): Outstanding {
  const inFlight: InFlight[] = [];
  const effects: Effect[] = [];
  const state = runState(snapshot);
  if (state === "running.finishing") effects.push({ kind: "makeOutput", id: "output" });
  if (isAtRest(snapshot) && countOf(snapshot.counts, "running.parked") === 0) return { inFlight, effects };
  const grants = mayStart(state);
  for (const step of stepsOf({ workflow, fans: snapshot.fans })) {
    const slot = itemAt(snapshot.steps, step.index);
    const { attempt, dueAt, stopping } = slot.actor.context;
    if (slot.state === "running.executing" || slot.state === "running.stopping") {
      inFlight.push({ step: step.id, attempt, deadlineAt: dueAt, stopping });
    } else if (slot.state === "running.parked") {
      const { parked } = slot.actor.context;
      if (parked !== null)
        effects.push({ kind: "park", id: `${step.id}/${attempt}/park`, step: step.id, attempt, parking: parked.parking });
    } else if (grants && (slot.state === "pending.queued" || slot.state === "running.waiting")) {
      const priority = step.priority ?? snapshot.start.priority;
      effects.push({ kind: "requestPermit", id: `${step.id}/permit`, step: step.id, attempt: attempt + 1, priority });
    }
  }
  return { inFlight, effects };
}

/** Nothing of the run is running or asks to: it can be put to sleep until its next cause. */
export function isAtRest({ counts }: RunSnapshot): boolean {
  const busy = countOf(counts, "pending.queued") + countOf(counts, "running.executing");
  return busy + countOf(counts, "running.waiting") + countOf(counts, "running.stopping") === 0;
}
