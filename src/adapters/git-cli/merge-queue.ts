/** Merges into one branch, one at a time. Who waits together goes in the order of the plan; otherwise who comes first is first. */
import type { WorktreeOrder } from "../../ports/worktrees.ts";
import { compareOrders } from "./records.ts";

interface Waiting {
  readonly order: WorktreeOrder;
  readonly begin: () => void;
}

export interface MergeQueue {
  /**
   * Calls `work` when its turn comes; `stopped` when the signal is aborted before that. Between processes, git's lock on the index and
   * the compare-and-swap of the branch decide.
   */
  enter<TResult>(
    target: string,
    order: WorktreeOrder,
    turn: { readonly signal: AbortSignal; readonly waiting: (ahead: number) => void; readonly work: () => Promise<TResult> },
  ): Promise<TResult | { readonly kind: "stopped" }>;
}

export function createMergeQueue(): MergeQueue {
  const busy = new Set<string>();
  const lines = new Map<string, Waiting[]>();

  function next(target: string): void {
    const line = lines.get(target) ?? [];
    const [first] = line.sort((a, b) => compareOrders(a.order, b.order));
    if (first === undefined) {
      busy.delete(target);
      lines.delete(target);
      return;
    }
    line.shift();
    first.begin();
  }

  async function turnOf(target: string, order: WorktreeOrder, signal: AbortSignal, waiting: (ahead: number) => void): Promise<boolean> {
    if (!busy.has(target)) {
      busy.add(target);
      return true;
    }
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const line = lines.get(target) ?? [];
    lines.set(target, line);
    const entry: Waiting = { order, begin: () => resolve(true) };
    line.push(entry);
    waiting(line.length);
    const giveUp = (): void => {
      const at = line.indexOf(entry);
      if (at >= 0) line.splice(at, 1);
      resolve(false); // Without effect when its turn has come.
    };
    signal.addEventListener("abort", giveUp, { once: true });
    return await promise.finally(() => signal.removeEventListener("abort", giveUp));
  }

  return {
    async enter(target, order, { signal, waiting, work }) {
      if (signal.aborted || !(await turnOf(target, order, signal, waiting))) return { kind: "stopped" };
      try {
        return await work();
      } finally {
        next(target);
      }
    },
  };
}
