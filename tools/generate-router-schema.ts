/** Writes the schema of `router.yaml`: as data for the product, and for editors. */
import { RouterFields } from "../src/definition/router-model.ts";
import { emitFile } from "./generated-file.ts";

/** The builder's own marks are not enumerable, so the text of a schema is the schema. */
const fields = { ...(JSON.parse(JSON.stringify(RouterFields)) as Record<string, unknown>), additionalProperties: false };

emitFile(
  "src/definition/router-model.generated.ts",
  `// Generated from router-model.ts by \`npm run generate\`. Do not edit.\nimport type { JsonObject } from "../core/json.ts";\n\nexport const routerSchema: JsonObject = ${JSON.stringify(fields, null, 2)};\n`,
);
// Only now: it reads the file that has just been written.
const { publishedRouterSchema } = await import("../src/definition/router-schema.ts");
emitFile("schema/router.v1.schema.json", `${JSON.stringify(publishedRouterSchema(), null, 2)}\n`);
