/** Compiled workflows by hash. A run keeps the definition it started with (I-29), so a hash never means anything else. */
import { InvariantError } from "../core/errors.ts";
import type { Digest } from "../core/ids.ts";
import { recompile } from "../definition/index.ts";
import type { StepTypeDeclaration } from "../plan/step-type.ts";
import type { CompiledWorkflow } from "../plan/workflow.ts";
import type { StoreReader } from "../ports/store.ts";

/** Bounds memory; a workflow that falls out is compiled again when a run of it wakes. */
const KEPT_MAX = 256;

export interface CompiledCache {
  get(hash: Digest): CompiledWorkflow;
  put(workflow: CompiledWorkflow): void;
}

export function createCompiledCache(reader: Pick<StoreReader, "definition">, stepTypes: readonly StepTypeDeclaration[]): CompiledCache {
  const kept = new Map<Digest, CompiledWorkflow>();

  function keep(workflow: CompiledWorkflow): void {
    kept.delete(workflow.hash);
    kept.set(workflow.hash, workflow);
    const oldest = kept.keys().next();
    if (kept.size > KEPT_MAX && !oldest.done) kept.delete(oldest.value);
  }

  return {
    get(hash) {
      const found = kept.get(hash);
      if (found !== undefined) return found;
      const row = reader.definition(hash);
      if (row === null) throw new InvariantError("INV_NO_DEFINITION", { digest: hash });
      const workflow = recompile(row.document, hash, { file: row.file, stepTypes });
      keep(workflow);
      return workflow;
    },
    put: keep,
  };
}
