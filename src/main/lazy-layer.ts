/** A layer that is loaded by the first attempt which needs it: what no step asks for costs no start (W6). */
import type { CompiledStep, CompiledWorkflow } from "../plan/workflow.ts";
import type { AttemptLayer } from "../ports/attempt-layer.ts";

interface Made extends Partial<AsyncDisposable> {
  readonly layer: AttemptLayer;
  /** Gets ready what its first attempt will need. */
  warm?(): void;
}

export interface LazyLayer extends AsyncDisposable {
  readonly layer: AttemptLayer;
  /** Loads it beside what comes next, where a step of the workflow will need it. */
  warm(workflow: CompiledWorkflow): void;
}

export function createLazyLayer(name: string, isFor: (step: CompiledStep) => boolean, make: () => Promise<Made>): LazyLayer {
  let made: Promise<Made> | null = null;
  const load = (): Promise<Made> => {
    made ??= make().catch((thrown: unknown) => {
      made = null;
      throw thrown;
    });
    return made;
  };
  return {
    warm(workflow) {
      if (!workflow.steps.some(isFor)) return;
      load()
        .then((layer) => layer.warm?.())
        .catch(() => {}); // Its first attempt will say so.
    },
    layer: { name, applies: ({ step }) => isFor(step), run: async (context, inner) => (await load()).layer.run(context, inner) },
    async [Symbol.asyncDispose]() {
      const layer = await made?.catch(() => null);
      await layer?.[Symbol.asyncDispose]?.();
    },
  };
}
