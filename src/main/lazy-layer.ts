/** A layer that is loaded by the first attempt which needs it: what no step asks for costs no start (W6). */
import type { CompiledStep } from "../plan/workflow.ts";
import type { AttemptLayer } from "../ports/attempt-layer.ts";

interface Made extends Partial<AsyncDisposable> {
  readonly layer: AttemptLayer;
}

export interface LazyLayer extends AsyncDisposable {
  readonly layer: AttemptLayer;
}

export function createLazyLayer(name: string, isFor: (step: CompiledStep) => boolean, make: () => Promise<Made>): LazyLayer {
  let made: Promise<Made> | null = null;
  const load = (): Promise<Made> => {
    made ??= make();
    return made;
  };
  return {
    layer: { name, applies: ({ step }) => isFor(step), run: async (context, inner) => (await load()).layer.run(context, inner) },
    async [Symbol.asyncDispose]() {
      if (made !== null) await (await made)[Symbol.asyncDispose]?.();
    },
  };
}
