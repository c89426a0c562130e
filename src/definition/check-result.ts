import type { CompiledWorkflow } from "../plan/workflow.ts";
import type { Finding } from "./finding.ts";

/** What a check says about a document. */
export interface CheckResult {
  /** Null when a finding is an error. */
  readonly workflow: CompiledWorkflow | null;
  /** In the order of the text. */
  readonly findings: readonly Finding[];
}
