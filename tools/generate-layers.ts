/** Draws the layer table into `docs/architecture.md`. */
import { emitSection } from "./generated-file.ts";
import { type Layer, layers } from "./layers.ts";

/** Arrows that follow from others are left out, so that the picture stays readable; the table has every permission. */
function directImports(layer: Layer): string[] {
  return layer.imports.filter((name) => !layer.imports.some((other) => other !== name && reaches(other, name)));
}

function reaches(from: string, target: string): boolean {
  const imports = layers.find((layer) => layer.name === from)?.imports ?? [];
  return imports.includes(target) || imports.some((name) => reaches(name, target));
}

const id = (name: string) => name.replaceAll("-", "_");
const nodes = layers.map(({ name, folder, pure }) => `  ${id(name)}["${name}<br/>${folder}/"]${pure ? ":::pure" : ""}`);
const arrows = layers.flatMap((layer) => directImports(layer).map((name) => `  ${id(layer.name)} --> ${id(name)}`));
const rows = layers.map(({ name, folder, alone, imports, modules, pure, doors }) => {
  const packages = modules === "any" ? "any, `node:`" : modules.map((module) => `\`${module}\``).join(", ");
  const targets = imports.map((target) => (doors?.[target] ? `${target} (\`${doors[target]}\` only)` : target)).join(", ");
  return `| ${name}${pure ? " (pure)" : ""} | \`${folder}/${alone ? "*" : ""}\` | ${targets} | ${packages} |`;
});

emitSection(
  "docs/architecture.md",
  "layers",
  [
    "```mermaid",
    "flowchart BT",
    "  classDef pure fill:#e7f5e7,stroke:#3a7d44",
    ...nodes,
    ...arrows,
    "```",
    "",
    "| layer | folder | may import layers | may import packages |",
    "|---|---|---|---|",
    ...rows,
  ].join("\n"),
);
