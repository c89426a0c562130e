/** Worktrees as an engine has them: the layer around isolated steps, and order among what engines before it left. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { toError } from "../core/errors.ts";
import type { RunId } from "../core/ids.ts";
import type { AttemptLayer } from "../ports/attempt-layer.ts";
import { isIsolated } from "../runtime/isolation/is-isolated.ts";
import { createLazyLayer } from "./lazy-layer.ts";

export interface Isolation {
  readonly layer: AttemptLayer;
  /** Finishes or undoes what was interrupted, and removes worktrees of runs that have ended. Costs one look when there are none. Never rejects. */
  reconcile(isOpen: (runId: RunId) => boolean): Promise<void>;
}

export function createIsolation(
  directory: string,
  env: Readonly<Record<string, string | undefined>>,
  warn: (message: string) => void,
): Isolation {
  const { layer } = createLazyLayer("worktree", isIsolated, async () => {
    const { openWorktrees, standAround } = await import("./worktrees.ts");
    return { layer: standAround(openWorktrees(directory, env)) };
  });
  const putInOrder = async (isOpen: (runId: RunId) => boolean): Promise<readonly string[]> => {
    try {
      const { openWorktrees } = await import("./worktrees.ts");
      return (await openWorktrees(directory, env).reconcile(isOpen)).problems;
    } catch (thrown) {
      return [toError(thrown).message]; // Without git, say; attempts that need it will fail in words of their own.
    }
  };
  return {
    layer,
    async reconcile(isOpen) {
      if (!existsSync(join(directory, "worktrees"))) return;
      for (const problem of await putInOrder(isOpen)) warn(`A worktree could not be put in order: ${problem}`);
    },
  };
}
