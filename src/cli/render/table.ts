/** Columns of text. The last one takes what room is left and is cut, so that a row stays on its line. */
import { type Part, toLine } from "./line.ts";
import type { Look, Style } from "./look.ts";
import { padEnd, padStart, toOneLine, widthOf } from "./text.ts";

export interface Column {
  readonly title: string;
  readonly align?: "right";
}

/** A cell's text, or text and style. */
export type Cell = string | readonly [style: Style, text: string];

const GAP = "  ";

export function renderTable(columns: readonly Column[], rows: readonly (readonly Cell[])[], look: Look): string[] {
  const texts = rows.map((row) => row.map((cell) => toOneLine(typeof cell === "string" ? cell : cell[1])));
  const widths = columns.map(({ title }, index) => Math.max(widthOf(title), ...texts.map((row) => widthOf(row[index] ?? ""))));
  const place = (text: string, index: number): string => {
    const width = widths[index] ?? 0;
    const isLast = index === columns.length - 1;
    return columns[index]?.align === "right" ? padStart(text, width) : isLast ? text : padEnd(text, width);
  };
  const head = columns.map(({ title }, index): Part => ["gray", place(title, index) + GAP]);
  const body = texts.map((row, rowIndex) =>
    row.map((text, index): Part => {
      const cell = rows[rowIndex]?.[index];
      const placed = place(text, index) + GAP;
      return typeof cell === "string" || cell === undefined ? placed : [cell[0], placed];
    }),
  );
  return [head, ...body].map((parts) => toLine(parts, look));
}
