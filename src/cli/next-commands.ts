/** What a person can do about a run or a step as it is now: exact commands, each with what it does. */
import type { RunView, StepView } from "../contract/run-view.ts";
import { stepNameOf } from "../core/item-id.ts";
import type { CompiledStep } from "../plan/workflow.ts";
import { shortRunId } from "./render/run-id.ts";

export interface NextCommand {
  readonly command: string;
  readonly meaning: string;
}

/** An id as a shell takes it: the brackets of an item are a pattern there. Ids hold no quotes. */
export function shellWord(id: string): string {
  return /^[\w@.:-]+$/.test(id) ? id : `'${id}'`;
}

const next = (command: string, meaning: string): NextCommand => ({ command, meaning });

/** Where several steps wait and a person has to choose. */
const ANY_STEP = "<step>";

/** What decides about a quarantined step, as `troupe quarantine` takes it. */
function quarantineCommands(runId: string, stepId: string): readonly NextCommand[] {
  const id = shortRunId(runId);
  const step = stepId === ANY_STEP ? ANY_STEP : shellWord(stepId);
  return [
    next(`troupe quarantine release ${id} ${step}`, "let it run again"),
    next(`troupe quarantine skip ${id} ${step}`, "go on without it"),
    next(`troupe quarantine override ${id} ${step} --value '<json>'`, "it had worked: give its output"),
    next(`troupe quarantine discard ${id} ${step}`, "count it as failed"),
  ];
}

function approvalCommands(runId: string, stepId: string): readonly NextCommand[] {
  const id = shortRunId(runId);
  const step = stepId === ANY_STEP ? ANY_STEP : shellWord(stepId);
  return [next(`troupe approve ${id} ${step}`, "say yes to what it asks"), next(`troupe reject ${id} ${step}`, "say no")];
}

export function stepCommands(runId: string, { id, state, detail }: StepView, { type }: CompiledStep): readonly NextCommand[] {
  const run = shortRunId(runId);
  const step = shellWord(id);
  // Only commands have captured output.
  const logs = type === "shell" ? [next(`troupe logs ${run} ${step}`, "all that it printed")] : [];
  switch (state) {
    case "failed":
      return [
        ...logs,
        next(`troupe retry ${run}`, "run again what did not succeed"),
        next(`troupe fork ${run} --from ${stepNameOf(id)}`, "run it and all behind it again"),
      ];
    case "quarantined":
      return [...logs, ...quarantineCommands(runId, id)];
    case "running":
      if (detail === "running.parked") return type === "approval" ? approvalCommands(runId, id) : [];
      return detail === "running.waiting" || type !== "shell" ? [] : [next(`troupe logs ${run} ${step} --follow`, "what it prints")];
    case "retrying":
      return logs;
    default:
      return [];
  }
}

export function runCommands({ id, state, detail, error, steps }: RunView): readonly NextCommand[] {
  const run = shortRunId(id);
  if (state === "failed" || state === "canceled") {
    const failed = error?.step ?? null;
    return [
      ...(failed === null ? [] : [next(`troupe why ${run} ${shellWord(failed)}`, "more about the first failure")]),
      next(`troupe retry ${run}`, "run again what did not succeed"),
    ];
  }
  const quarantined = steps.filter((step) => step.state === "quarantined");
  if (quarantined[0] !== undefined) return quarantineCommands(id, quarantined.length === 1 ? quarantined[0].id : ANY_STEP);
  // Nobody can decide about a step: the run itself cannot be computed.
  if (state === "quarantined") return [next(`troupe verify ${run}`, "is its journal whole?"), next(`troupe cancel ${run}`, "give it up")];
  const asking = steps.filter((step) => step.detail === "running.parked" && step.type === "approval");
  if (asking[0] !== undefined && state === "running") return approvalCommands(id, asking.length === 1 ? asking[0].id : ANY_STEP);
  if (detail === "running.paused") return [next(`troupe resume ${run}`, "let it go on")];
  return [];
}
