/** The published JSON Schema of `router.yaml`, for editors. */
import type { JsonObject } from "../core/json.ts";
import { routerSchema } from "./router-model.generated.ts";

export function publishedRouterSchema(): JsonObject {
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    $id: "router.v1.schema.json",
    title: "Troupe router",
    description: "The tools of a project, for Troupe; version 1 of the language.",
    ...routerSchema,
  };
}
