/** The OpenAPI document: made from the schemas by which requests are judged, so that it cannot say anything else. */
import swagger from "@fastify/swagger";
import type { Api } from "./api.ts";
import { TAGS } from "./routes/about.ts";
import { components } from "./schemas/shared.ts";

export async function describe(app: Api, version: string): Promise<void> {
  for (const schema of components) app.addSchema(schema);
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Troupe",
        version,
        description: "Workflows and their runs: deployed, started, watched, steered.",
        license: { name: "Apache-2.0", identifier: "Apache-2.0" },
      },
      servers: [{ url: "/", description: "This server." }],
      tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
      components: { securitySchemes: { key: { type: "http", scheme: "bearer", description: "A key of `troupe keys create`." } } },
      security: [{ key: [] }],
    },
    refResolver: { buildLocalReference: ({ $id }, _base, _fragment, index) => (typeof $id === "string" ? $id : `def-${index}`) },
  });
}
