/** Tools, breakers, money, the cache, the process. */
import type { Api } from "../api.ts";
import { callerOf } from "../guard.ts";
import type { PlantService } from "../plant-service.ts";
import { BreakerList, Cache, Charts, CostQuery, Costs, System, TenantList, ToolList, ToolParams } from "../schemas/plant.ts";
import { NoBody } from "../schemas/runs.ts";
import { about, needs } from "./about.ts";

/** @param streams how many clients follow something, by how */
export function plantRoutes(app: Api, service: PlantService, streams: () => { readonly sse: number; readonly websocket: number }): void {
  const config = needs("read");
  app.get(
    "/tools",
    { config, schema: about({ id: "listTools", summary: "Tools that steps may ask", tag: "plant", answers: { 200: ToolList } }) },
    (request) => service.tools(callerOf(request)),
  );
  app.get(
    "/breakers",
    {
      config,
      schema: about({ id: "listBreakers", summary: "Breakers that have ever opened", tag: "plant", answers: { 200: BreakerList } }),
    },
    (request) => service.breakers(callerOf(request)),
  );
  app.post(
    "/breakers/:tool/reset",
    {
      config: needs("operate"),
      schema: {
        ...about({ id: "resetBreaker", summary: "Let a tool be tried again at once", tag: "plant", answers: { 200: BreakerList } }),
        params: ToolParams,
        body: NoBody,
      },
    },
    (request) => service.resetBreaker(request.params.tool, callerOf(request)),
  );
  app.get(
    "/costs",
    {
      config,
      schema: {
        ...about({
          id: "listCosts",
          summary: "What was spent, by day, workflow, kind of step and tool",
          tag: "plant",
          answers: { 200: Costs },
        }),
        querystring: CostQuery,
      },
    },
    (request) => service.costs(request.query, callerOf(request)),
  );
  app.get(
    "/tenants",
    { config, schema: about({ id: "listTenants", summary: "What the key's tenant uses", tag: "plant", answers: { 200: TenantList } }) },
    (request) => service.tenants(callerOf(request)),
  );
  app.get(
    "/cache",
    { config, schema: about({ id: "showCache", summary: "What the step cache holds", tag: "plant", answers: { 200: Cache } }) },
    (request) => service.cache(callerOf(request)),
  );
  app.get(
    "/system",
    { config, schema: about({ id: "showSystem", summary: "The process that serves", tag: "plant", answers: { 200: System } }) },
    (request) => ({ ...service.system(callerOf(request)), streams: streams() }),
  );
  app.get(
    "/statecharts",
    {
      config,
      schema: about({ id: "showStatecharts", summary: "The statecharts of runs and steps", tag: "plant", answers: { 200: Charts } }),
    },
    () => service.charts(),
  );
}
