import type { CompiledStep } from "../../plan/workflow.ts";

/** A step that fans out only finds its items; they are the ones that work. */
export function isIsolated({ isolation, fanOut, item }: CompiledStep): boolean {
  return isolation?.worktree === true && (fanOut === null || item !== null);
}
