/** What the routes ask about what runs are made with: tools, breakers, the cache, money, the process. Of the caller's tenant alone (S-31). */
import type { CacheView } from "../contract/cache-view.ts";
import type { Statecharts } from "../contract/chart.ts";
import type { CostView } from "../contract/cost-view.ts";
import type { SystemView } from "../contract/system-view.ts";
import type { TenantView } from "../contract/tenant-view.ts";
import type { BreakerView, ToolView } from "../contract/tool-view.ts";
import type { Caller } from "./access.ts";

export interface CostQuery {
  /** Days of UTC as `2026-11-22`, both included. */
  readonly from?: string;
  readonly to?: string;
}

/** All but the streams, which the server counts. */
export type ProcessView = Omit<SystemView, "streams">;

export interface PlantService {
  tools(caller: Caller): readonly ToolView[];
  breakers(caller: Caller): readonly BreakerView[];
  /** By a tool's name, or a breaker's. @throws RequestError BREAKER_UNKNOWN */
  resetBreaker(name: string, caller: Caller): Promise<readonly BreakerView[]>;
  /** @throws RequestError API_REQUEST for days that are none, or too many */
  costs(query: CostQuery, caller: Caller): Promise<CostView>;
  tenants(caller: Caller): Promise<readonly TenantView[]>;
  cache(caller: Caller): Promise<CacheView>;
  system(caller: Caller): ProcessView;
  charts(): Statecharts;
}
