/** Sums of cost rows by what the user wants to see. */
import type { CostRow } from "../../../src/contract/cost-view.ts";

export const DIMENSIONS = ["day", "workflow", "category", "tool"] as const;
export type Dimension = (typeof DIMENSIONS)[number];

export interface Sum {
  readonly name: string;
  readonly usd: number;
  readonly attempts: number;
}

const NO_TOOL = "(no tool)";

/** Days in their order, all of them; the others with what cost most first. */
export function sumBy(rows: readonly CostRow[], dimension: Dimension, days: readonly string[]): readonly Sum[] {
  const sums = new Map<string, Sum>();
  if (dimension === "day") for (const name of days) sums.set(name, { name, usd: 0, attempts: 0 });
  for (const row of rows) {
    const name = row[dimension] ?? NO_TOOL;
    const sum = sums.get(name) ?? { name, usd: 0, attempts: 0 };
    sums.set(name, { name, usd: sum.usd + row.usd, attempts: sum.attempts + row.attempts });
  }
  const found = [...sums.values()];
  return dimension === "day" ? found : found.toSorted((left, right) => right.usd - left.usd || left.name.localeCompare(right.name));
}

/** RFC 4180. A text that a spreadsheet would take for a formula is kept from being one. */
export function toCsv(rows: readonly CostRow[]): string {
  const lines = rows.map(({ day, workflow, category, tool, usd, attempts }) =>
    [day, workflow, category, tool ?? "", String(usd), String(attempts)].map(cell).join(","),
  );
  return ["day,workflow,category,tool,usd,attempts", ...lines, ""].join("\r\n");
}

function cell(text: string): string {
  const tame = /^[=+\-@\t\r]/.test(text) && !/^-?\d/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(tame) ? `"${tame.replaceAll('"', '""')}"` : tame;
}

/** Where the highest bar ends: 1, 2 or 5 times a power of ten. */
export function niceMax(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 5, 10].find((step) => step * power >= value * (1 - 1e-9)) ?? 10) * power;
}
