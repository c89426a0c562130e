/** Requests in waiting: a level for each priority; in it a line for each tenant, and the tenants taking turns. */
import type { TenantId } from "../../core/ids.ts";
import type { Priority } from "../../plan/workflow.ts";

interface Queued {
  readonly tenant: TenantId;
  readonly priority: Priority;
  readonly askedAt: number;
}

/** First in, first out; a request that is not admitted when it comes to the front is passed over. */
interface Line<TRequest> {
  readonly items: TRequest[];
  head: number;
}

interface Level<TRequest> {
  readonly lines: Map<TenantId, Line<TRequest>>;
  /** Tenants with a line, in the order of their next turn. */
  readonly turns: TenantId[];
}

/** Passed items at the front of a line that are worth giving back. */
const COMPACT_FROM = 1_024;

export class WaitingLines<TRequest extends Queued> {
  readonly #levels: readonly Level<TRequest>[] = Array.from({ length: 5 }, () => ({ lines: new Map(), turns: [] }));
  readonly #admits: (request: TRequest) => boolean;
  readonly #agingMs: number;

  /** @param admits asked for the request at the front of a line; one that is not admitted leaves the line. */
  constructor(admits: (request: TRequest) => boolean, agingMs: number) {
    this.#admits = admits;
    this.#agingMs = agingMs;
  }

  add(request: TRequest): void {
    this.#lineOf(request).items.push(request);
  }

  /** Puts a request before all others of its tenant and priority. */
  addFirst(request: TRequest): void {
    const line = this.#lineOf(request);
    line.items.splice(0, line.head, request);
    line.head = 0;
  }

  #lineOf({ priority, tenant }: TRequest): Line<TRequest> {
    const level = this.#levels[priority - 1];
    if (level === undefined) throw new RangeError(`No priority ${priority}`);
    let line = level.lines.get(tenant);
    if (line === undefined) {
      line = { items: [], head: 0 };
      level.lines.set(tenant, line);
      level.turns.push(tenant);
    }
    return line;
  }

  /** Takes the most urgent request; one that waits gains a priority for every `agingMs`. */
  take(now: number): TRequest | null {
    let best: { readonly level: Level<TRequest>; readonly request: TRequest; readonly rank: number } | null = null;
    for (const [index, level] of this.#levels.entries()) {
      const request = this.#front(level);
      if (request === null) continue;
      const rank = index - Math.floor(Math.max(0, now - request.askedAt) / this.#agingMs);
      if (best === null || rank < best.rank) best = { level, request, rank };
    }
    if (best === null) return null;
    this.#pass(best.level, best.request.tenant);
    return best.request;
  }

  #front(level: Level<TRequest>): TRequest | null {
    for (let tenant = level.turns[0]; tenant !== undefined; tenant = level.turns[0]) {
      const line = level.lines.get(tenant);
      while (line !== undefined && line.head < line.items.length) {
        const request = line.items[line.head] as TRequest; // In range.
        if (this.#admits(request)) return request;
        line.head += 1;
      }
      level.turns.shift();
      level.lines.delete(tenant);
    }
    return null;
  }

  /** The tenant at the front has had its turn. */
  #pass(level: Level<TRequest>, tenant: TenantId): void {
    const line = level.lines.get(tenant);
    if (line === undefined) return;
    line.head += 1;
    level.turns.shift();
    if (line.head === line.items.length) {
      level.lines.delete(tenant);
      return;
    }
    level.turns.push(tenant);
    if (line.head < COMPACT_FROM || line.head * 2 < line.items.length) return;
    line.items.splice(0, line.head);
    line.head = 0;
  }
}
