/** Writes the table of metrics into `docs/observability.md`. */
import { type MetricDeclaration, metricList } from "../observability/metrics.ts";
import { emitSection } from "./generated-file.ts";

const labelsOf = ({ labels }: MetricDeclaration): string =>
  Object.entries(labels)
    .map(([name, values]) => `\`${name}\` (${values})`)
    .join("; ");

const row = (declaration: MetricDeclaration): string => {
  const { name, type, help, hasExemplars } = declaration;
  return `| \`${name}\` | ${type}${hasExemplars ? ", exemplars" : ""} | ${labelsOf(declaration)} | ${help} |`;
};

emitSection(
  "docs/observability.md",
  "metrics",
  ["| metric | type | labels | meaning |", "|---|---|---|---|", ...metricList.map(([, declaration]) => row(declaration))].join("\n"),
);
