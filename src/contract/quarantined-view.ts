/** A step that a person must look at before anything goes on. */
import type { TaskFailure } from "../core/failure.ts";

export interface QuarantinedView {
  readonly run: string;
  readonly workflow: string;
  readonly step: string;
  /** Why a person has to decide, in words. */
  readonly because: string;
  readonly since: number;
  readonly attempts: number;
  readonly error: TaskFailure | null;
}
