/** Writes the schemas of workflow documents: as data for the product, and put together for editors. */
import { existsSync, globSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { DocumentFields, IncludeFields, SharedFields, StepFields } from "../src/definition/model.ts";
import { type ModelSchemas, type ObjectSchema, publishedSchema } from "../src/definition/published-schema.ts";
import type { StepTypeDeclaration } from "../src/plan/step-type.ts";
import { emitFile } from "./generated-file.ts";

/** The builder's own marks are not enumerable, so the text of a schema is the schema. */
const plain = (schema: object): ObjectSchema => JSON.parse(JSON.stringify(schema)) as ObjectSchema;

const model: ModelSchemas = {
  document: plain(DocumentFields),
  step: plain(StepFields),
  shared: plain(SharedFields),
  include: plain(IncludeFields),
};
emitFile(
  "src/definition/model.generated.ts",
  `// Generated from model.ts by \`npm run generate\`. Do not edit.\nimport type { ModelSchemas } from "./published-schema.ts";\n\nexport const modelSchemas: ModelSchemas = ${JSON.stringify(model, null, 2)};\n`,
);

const declarations: StepTypeDeclaration[] = [];
for (const file of globSync("src/steps/*/schema.ts").sort()) {
  const exported = (await import(pathToFileURL(join(process.cwd(), file)).href)) as Record<string, unknown>;
  const found = Object.values(exported).filter(isDeclaration);
  if (found.length === 0) throw new Error(`${file} exports no declaration of a step type`);
  declarations.push(...found);
}
if (declarations.length === 0) throw new Error("no step type found: run this from the root of the package");
if (!existsSync("schema")) mkdirSync("schema");
emitFile("schema/workflow.v1.schema.json", `${JSON.stringify(publishedSchema(model, declarations), null, 2)}\n`);

function isDeclaration(value: unknown): value is StepTypeDeclaration {
  return typeof value === "object" && value !== null && "inferredBy" in value && "properties" in value && "fields" in value;
}
