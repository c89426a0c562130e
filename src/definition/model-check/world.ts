/** What the model knows at one moment of a run. */
import type { CompiledStep } from "../../plan/workflow.ts";

/** How a step has ended. A `switch` tells which step it led to, a failure that a rule hands to steps which rule that was. */
export interface Ended {
  readonly as: "succeeded" | "failed" | "skipped";
  /** Index of the step that a `switch` chose; -1 for a value, or for nothing. */
  readonly chose?: number;
  readonly caught?: number;
}

/** What was taken for true and false, by the text of the atom. */
export type Atoms = ReadonlyMap<string, boolean>;

export interface World {
  readonly steps: readonly CompiledStep[];
  readonly ended: ReadonlyMap<number, Ended>;
  readonly atoms: Atoms;
}
