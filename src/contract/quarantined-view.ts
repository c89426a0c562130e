/** A step that a person must look at before anything goes on. */
import type { TaskFailure } from "../core/failure.ts";

export interface QuarantinedView {
  readonly run: string;
  readonly workflow: string;
  readonly step: string;
  /** `unknown_outcome`, `crashed`, `output`, … as the journal says. */
  readonly because: string;
  readonly since: number;
  readonly attempts: number;
  readonly error: TaskFailure | null;
}
