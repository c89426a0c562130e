/**
 * Who may run next. Five priorities; inside each, tenants take turns; inside a tenant, first come first served; a run at its own
 * limit stands aside until one of its places is free.
 *
 * P1 Never more places are granted than `limit`, nor more to one run than its own limit.
 * P2 A request that waits gains one priority for every `agingMs`, so nothing starves (I-37).
 * P3 Asking twice for the same place is asking once; giving back what is not held changes nothing.
 */
import type { RunId, StepId, TenantId } from "../../core/ids.ts";
import { PRIORITIES, type Priority } from "../../plan/workflow.ts";
import { WaitingLines } from "./waiting-lines.ts";

export interface PermitRequest {
  readonly runId: RunId;
  readonly step: StepId;
  readonly attempt: number;
  readonly tenant: TenantId;
  readonly priority: Priority;
  /** Places that this run may hold at once; null for no limit of its own. */
  readonly runLimit: number | null;
  readonly askedAt: number;
}

export interface DispatcherOptions {
  /** Attempts that may run at once. */
  readonly limit: number;
  readonly agingMs: number;
}

/** Half a minute: long against a step, short against a person's patience. */
export const AGING_MS_DEFAULT = 30_000;

export interface DispatcherLoad {
  readonly running: number;
  readonly limit: number;
  readonly waiting: number;
}

interface RunPlaces {
  held: number;
  /** Requests that stand aside because the run is at its limit. */
  readonly aside: PermitRequest[];
}

export class Dispatcher {
  readonly #limit: number;
  readonly #lines: WaitingLines<PermitRequest>;
  readonly #waiting = new Map<string, PermitRequest>();
  readonly #held = new Set<string>();
  readonly #runs = new Map<RunId, RunPlaces>();

  constructor({ limit, agingMs }: DispatcherOptions) {
    this.#limit = limit;
    this.#lines = new WaitingLines((request) => this.#admits(request), agingMs);
  }

  request(request: PermitRequest): void {
    const key = keyOf(request.runId, request.step);
    if (this.#waiting.has(key) || this.#held.has(key)) return;
    this.#waiting.set(key, request);
    this.#lines.add(request);
  }

  /** Gives a place back, or withdraws the request for one. */
  release(runId: RunId, step: StepId): void {
    const key = keyOf(runId, step);
    const places = this.#runs.get(runId);
    if (!this.#waiting.delete(key) && !this.#held.has(key)) return;
    if (places === undefined) return;
    if (this.#held.delete(key)) places.held -= 1;
    // Withdrawing one that had come back from aside leaves its chance to the next.
    const next = this.#nextAside(places);
    if (next !== null) this.#lines.addFirst(next);
    else if (places.held === 0) this.#runs.delete(runId);
  }

  /** Takes the next request that may run, and counts its place as held; null if none may. */
  grant(now: number): PermitRequest | null {
    const request = this.#held.size < this.#limit ? this.#lines.take(now) : null;
    if (request === null) return null;
    const key = keyOf(request.runId, request.step);
    this.#waiting.delete(key);
    this.#held.add(key);
    this.#placesOf(request.runId).held += 1;
    return request;
  }

  load(): DispatcherLoad {
    return { running: this.#held.size, limit: this.#limit, waiting: this.#waiting.size };
  }

  /** Requests that wait, by priority; the first is priority 1. */
  waitingByPriority(): readonly number[] {
    const counts = PRIORITIES.map(() => 0);
    for (const { priority } of this.#waiting.values()) counts[priority - 1] = (counts[priority - 1] ?? 0) + 1;
    return counts;
  }

  /** A request whose run is at its limit steps aside, so that its tenant's turn goes to one that can run. */
  #admits(request: PermitRequest): boolean {
    if (!this.#isLive(request)) return false;
    const places = this.#runs.get(request.runId);
    if (request.runLimit === null || places === undefined || places.held < request.runLimit) return true;
    places.aside.push(request);
    return false;
  }

  #isLive(request: PermitRequest): boolean {
    return this.#waiting.get(keyOf(request.runId, request.step)) === request;
  }

  #placesOf(runId: RunId): RunPlaces {
    let places = this.#runs.get(runId);
    if (places === undefined) {
      places = { held: 0, aside: [] };
      this.#runs.set(runId, places);
    }
    return places;
  }

  /** While the run has a free place, one request that stood aside goes back to the front of its line: it had come that far. */
  #nextAside({ aside, held }: RunPlaces): PermitRequest | null {
    for (let request = aside[0]; request !== undefined; request = aside[0]) {
      const isLive = this.#isLive(request);
      if (isLive && held >= (request.runLimit ?? Number.POSITIVE_INFINITY)) return null;
      aside.shift();
      if (isLive) return request;
    }
    return null;
  }
}

function keyOf(runId: RunId, step: StepId): string {
  return `${runId}/${step}`;
}
