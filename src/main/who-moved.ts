/** Which runs have moved since somebody asked last (RW1). */
import type { RunId, TenantId } from "../core/ids.ts";
import type { CommittedEntry } from "../ports/observer.ts";
import type { StoreReader } from "../ports/store.ts";

/** For the store to be asked all the same, while somebody tells. */
export const ASK_EVERY_MS = 1_000;

export interface Moved {
  /** Null for any of them: the store cannot say. */
  readonly runs: readonly RunId[] | null;
  /** Null for any of them. */
  readonly tenants: readonly TenantId[] | null;
  /** What was told; there may be more. */
  readonly isHearsay: boolean;
}

export interface WhoMoved {
  /** What happened before does not count. */
  begin(): void;
  tell(batch: readonly CommittedEntry[]): void;
  take(): Moved;
}

export interface Followed {
  readonly runs: { has(run: RunId): boolean };
  readonly tenants: { has(tenant: TenantId): boolean };
}

export function createWhoMoved(store: Pick<StoreReader, "moves" | "lastPosition">, followed: Followed): WhoMoved {
  const told = { runs: new Set<RunId>(), tenants: new Set<TenantId>(), at: Number.NEGATIVE_INFINITY };
  const asked = { at: Number.NEGATIVE_INFINITY, position: 0 };

  function ask(): Moved {
    asked.at = performance.now();
    try {
      const { position, lastSeqs } = store.moves(asked.position);
      asked.position = position;
      return { runs: [...lastSeqs.keys()], tenants: lastSeqs.size === 0 ? [] : null, isHearsay: false };
    } catch {
      // Whoever reads next meets the reason, and can say what it means.
      return { runs: null, tenants: null, isHearsay: false };
    }
  }

  return {
    begin() {
      asked.position = store.lastPosition();
    },
    tell(batch) {
      for (const { run } of batch) {
        if (followed.runs.has(run.runId)) told.runs.add(run.runId);
        if (followed.tenants.has(run.tenant)) told.tenants.add(run.tenant);
      }
      told.at = performance.now();
    },
    take() {
      const isEnough = Math.min(told.at, asked.at) > performance.now() - ASK_EVERY_MS;
      const moved = isEnough ? { runs: [...told.runs], tenants: [...told.tenants], isHearsay: true } : ask();
      told.runs.clear();
      told.tenants.clear();
      return moved;
    },
  };
}
