/** Tables for people. */
import { type Figures, spreadOf } from "./tally.ts";
import type { Workload } from "./workloads.ts";

export interface Row {
  readonly name: string;
  readonly kind: "ours" | "limit" | "peer";
  readonly durability: string;
  readonly repeats: readonly Figures[];
  readonly median: Figures;
  /** Why there are no figures. */
  readonly problem: string | null;
}

export function printTable({ id, title, figures, isLessBetter }: Workload, rows: readonly Row[]): void {
  const [first = ""] = figures;
  const own = rows.find(({ kind, problem }) => kind === "ours" && problem === null)?.median[first];
  const shown = figures.filter((figure) => rows.some(({ median }) => median[figure] !== undefined));
  const lines = rows.map(({ name, durability, median, problem, repeats }) => {
    if (problem !== null) return [name, durability, `not measured: ${problem}`];
    const value = median[first];
    const ratio = own === undefined || value === undefined ? "" : `${round(isLessBetter ? own / value : value / own)}`;
    return [
      name,
      durability,
      ...shown.map((figure) => (median[figure] === undefined ? "" : round(median[figure]))),
      ratio,
      repeats.length < 2 ? "" : `±${Math.round(spreadOf(repeats, first) * 100)} %`,
    ];
  });
  const header = ["", "durability", ...shown, isLessBetter ? `ours / its ${first}` : `its / our ${first}`, "spread"];
  process.stdout.write(`\n${id.toUpperCase()} ${title}\n${align([header, ...lines])}\n`);
}

export function printFigures(title: string, figures: Figures): void {
  const lines = Object.entries(figures).map(([name, value]) => [name, round(value)]);
  process.stdout.write(`\n${title}\n${align(lines)}\n`);
}

function round(value: number): string {
  if (value >= 1_000) return Math.round(value).toLocaleString("en-US");
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

function align(lines: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  // A remark in place of figures is the last cell of its line and sets no width.
  for (const line of lines)
    for (const [column, cell] of line.entries())
      if (column < 2 || line.length > 3) widths[column] = Math.max(widths[column] ?? 0, cell.length);
  return lines
    .map((line) =>
      `  ${line.map((cell, column) => (column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join("  ")}`.trimEnd(),
    )
    .join("\n");
}
