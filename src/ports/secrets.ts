/** Texts that attempts may use and nobody may see: they are in no journal, log, trace, cache, or control directory (S-38). */
import type { JsonObject } from "../core/json.ts";
import type { CompiledWorkflow } from "../plan/workflow.ts";

export interface SecretTexts {
  /**
   * What expressions see as `secrets`: a member for each that the workflow declares, read when it is asked for. One that is not there
   * throws a failure with a code, so that a step which does not need it goes on.
   */
  readonly values: JsonObject;
  /** Those that are there, in every form in which they may appear, longest first. Empty for a workflow without secrets. */
  readonly masks: readonly string[];
}

export interface Secrets {
  of(workflow: Pick<CompiledWorkflow, "secrets" | "file">): SecretTexts;
}
