/** What can be done with a run, or with one of its steps, in its state: null, or the reason why not. The server has the last word. */
import type { RunView, StepView } from "../../../src/contract/run-view.ts";

export type RunDeed = "cancel" | "pause" | "resume" | "retry" | "fork";
export type StepDeed = "fork" | "release";

type Stage = Pick<RunView, "state" | "detail">;

const hasEnded = ({ state }: Stage): boolean => state === "succeeded" || state === "failed" || state === "canceled";

export function whyNotRun(deed: RunDeed, run: Stage): string | null {
  const { state, detail } = run;
  switch (deed) {
    case "cancel":
      if (hasEnded(run)) return `The run has ${ENDED[state] ?? "ended"} already.`;
      return detail === "running.canceling" ? "The run is being canceled already." : null;
    case "pause":
      if (hasEnded(run)) return "The run has ended.";
      if (detail === "running.paused") return "The run is paused already.";
      return detail === "running.executing" || detail === "running.waiting" ? null : "Only a run that executes or waits can be paused.";
    case "resume":
      return detail === "running.paused" ? null : "The run is not paused.";
    case "retry":
      if (state === "succeeded") return "The run has succeeded: there is nothing to repeat.";
      return hasEnded(run) || state === "quarantined" ? null : "The run has not ended.";
    case "fork":
      return null; // What has not succeeded yet is repeated with it.
  }
}

const ENDED: Readonly<Record<string, string>> = { succeeded: "succeeded", failed: "failed", canceled: "been canceled" };

export function whyNotStep(deed: StepDeed, run: Stage, step: Pick<StepView, "state" | "itemKey">): string | null {
  switch (deed) {
    case "fork":
      return step.itemKey === null ? whyNotRun("fork", run) : "A new run begins at a step, not at one of its items.";
    case "release":
      return step.state === "quarantined" ? null : "The step is not in quarantine.";
  }
}
