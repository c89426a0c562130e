/** Tools, breakers, money, the cache, the process. */
import { Type } from "typebox";
import type { CacheView } from "../../contract/cache-view.ts";
import type { Statecharts } from "../../contract/chart.ts";
import type { CostView } from "../../contract/cost-view.ts";
import type { SystemView } from "../../contract/system-view.ts";
import type { TenantView } from "../../contract/tenant-view.ts";
import type { BreakerView, ToolView } from "../../contract/tool-view.ts";
import { at, component, count, nullable, strict, text, textOrNull, time, usd } from "./shared.ts";

export const ToolParams = Type.Object({ tool: text("Name of a tool, or of a breaker such as `webhook:api.example.org`.") }, strict);
const day = (description: string) => Type.Optional(Type.String({ pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", description }));
export const CostQuery = Type.Object(
  { from: day("First day of UTC; 29 days before the last where it is not said."), to: day("Last day of UTC; today where it is not said.") },
  strict,
);

const Breaker = component<BreakerView>(
  "Breaker",
  Type.Object({
    tool: Type.String(),
    state: Type.Enum(["closed", "open", "half_open"] as const),
    failures: count,
    retryAt: time,
    changedAt: time,
  }),
);
export const BreakerList = Type.Unsafe<readonly BreakerView[]>(Type.Array(Breaker));
export const ToolList = Type.Unsafe<readonly ToolView[]>(
  Type.Array(
    Type.Object({
      name: Type.String(),
      kind: Type.String(),
      available: Type.Boolean(),
      version: Type.Union([Type.String(), Type.Null()], { description: "Null before anybody has asked it." }),
      problem: textOrNull,
      capabilities: Type.Array(Type.String()),
      calls: count,
      successes: count,
      p50Ms: nullable(Type.Number()),
      costUsd: usd,
      breaker: Breaker,
    }),
  ),
);
export const Costs = component<CostView>(
  "Costs",
  Type.Object({
    tenant: Type.String(),
    from: Type.String(),
    to: Type.String(),
    totalUsd: usd,
    rows: Type.Array(
      Type.Object({
        day: Type.String(),
        workflow: Type.String(),
        category: Type.String(),
        tool: textOrNull,
        usd,
        attempts: count,
      }),
    ),
  }),
);
const counts = Type.Record(Type.String(), count);
export const TenantList = Type.Unsafe<readonly TenantView[]>(
  Type.Array(
    Type.Object({
      tenant: Type.String(),
      runs: counts,
      quarantinedSteps: count,
      pendingApprovals: count,
      workflows: count,
      costTodayUsd: usd,
      cost30DaysUsd: usd,
    }),
  ),
);
export const Cache = component<CacheView>(
  "Cache",
  Type.Object({
    technology: Type.String(),
    entries: count,
    bytes: count,
    complete: Type.Boolean(),
    rows: Type.Array(
      Type.Object({
        workflow: Type.String(),
        step: Type.String(),
        entries: count,
        bytes: count,
        tookMs: Type.Number(),
        usedAt: at,
      }),
    ),
  }),
);
export const System = component<SystemView>(
  "System",
  Type.Object({
    version: Type.String(),
    startedAt: at,
    engine: Type.Object({ kind: Type.Enum(["local", "remote"] as const), epoch: count, safeMode: Type.Boolean() }),
    queue: Type.Object({ depths: Type.Array(count), limit: count, backpressure: Type.Boolean() }),
    workers: Type.Object({ busy: count, limit: count }),
    runs: counts,
    quarantined: count,
    pendingApprovals: count,
    store: Type.Object({ bytes: count, lastPosition: count }),
    streams: Type.Object({ sse: count, websocket: count }),
    checks: Type.Array(Type.Object({ name: Type.String(), ok: Type.Boolean(), detail: Type.String(), fix: textOrNull })),
  }),
);

const transition = Type.Object({ guard: textOrNull, target: textOrNull, effects: Type.Array(Type.String()) });
const ChartState = component<object>(
  "ChartState",
  Type.Object({
    path: Type.String(),
    name: Type.String(),
    isFinal: Type.Boolean(),
    initial: textOrNull,
    states: Type.Array(Type.Unsafe<object>({ $ref: "ChartState#" })),
    answers: Type.Array(Type.Object({ event: Type.String(), label: Type.String(), transitions: Type.Array(transition) })),
    entry: Type.Array(Type.String()),
    exit: Type.Array(Type.String()),
  }),
);
const Chart = Type.Object({ id: Type.String(), initial: Type.String(), states: Type.Array(ChartState) });
export const Charts = component<Statecharts>("Charts", Type.Object({ run: Chart, step: Chart }));
