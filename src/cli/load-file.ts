/** Reads a workflow without opening a state directory. Loads no code (S-46). */
import type { CompiledWorkflow } from "../plan/workflow.ts";

/** @throws RequestError FILE_UNREADABLE; DefinitionErrors */
export async function loadFile(file: string): Promise<CompiledWorkflow> {
  const [{ loadWorkflow }, { declarationsOf }] = await Promise.all([import("../main/load-workflow.ts"), import("../main/declarations.ts")]);
  return loadWorkflow(file, declarationsOf([]));
}
