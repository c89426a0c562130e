/**
 * A workflow as an SVG picture that stands alone: no script, no font, no reference to anything outside. Its colours are attributes
 * that read on light and dark pages; where style sheets are allowed, one follows the reader's preference for dark.
 */
import { formatDuration } from "../core/duration.ts";
import { at } from "./at.ts";
import type { Drawing } from "./drawing.ts";
import { computeLayout, type Layout } from "./layout.ts";
import type { Item } from "./layout-items.ts";
import { BOX_HEIGHT, boxWidth, drawBox, tooltipsOf } from "./svg-box.ts";
import { ACCENT, darkStyle, QUIET, SANS } from "./svg-style.ts";
import { round, shorten, toXml } from "./svg-text.ts";

const MARGIN = 24;
const HEADER_HEIGHT = 64;
const WIDTH_MIN = 480;

export function drawSvg(drawing: Drawing): string {
  const { steps, edges } = drawing;
  const widths = steps.map(boxWidth);
  const layout = computeLayout({ widths, columnOf: steps.map(({ wave }) => wave), edges, boxHeight: BOX_HEIGHT });
  const tooltips = tooltipsOf(drawing);
  const boxes = layout.columns.flatMap(({ x, items }) =>
    items.flatMap(({ box, y }) => (box === null ? [] : [drawBox(at(steps, box), at(tooltips, box), { x, y, width: at(widths, box) })])),
  );
  const width = Math.ceil(Math.max(layout.width + 2 * MARGIN, WIDTH_MIN));
  const height = Math.ceil(layout.height + HEADER_HEIGHT + MARGIN);
  const name = drawing.title === "" ? drawing.name : drawing.title;
  const summary = toXml(summaryOf(drawing));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" font-family="${SANS}">`,
    `<title>${toXml(name)}</title>`,
    `<desc>${summary}</desc>`,
    `<style>${darkStyle(steps)}</style>`,
    `<text x="${MARGIN}" y="30" font-size="16" font-weight="600" fill="${QUIET}" class="tg-head">${toXml(shorten(name, 60))}</text>`,
    `<text x="${MARGIN}" y="48" font-size="12" fill="${QUIET}">${summary}</text>`,
    `<g transform="translate(${MARGIN} ${HEADER_HEIGHT})">`,
    ...drawLines(drawing, layout, widths),
    ...boxes,
    "</g>",
    "</svg>",
    "",
  ].join("\n");
}

function summaryOf({ steps, plan }: Drawing): string {
  const waves = `${count(steps.length, "step")} in ${count(plan.waves.length, "wave")}`;
  const gain = plan.workers === 1 ? "" : ` (${plan.speedup.toFixed(1)}×)`;
  const elapsed = `${formatDuration(plan.makespanMs)} with ${count(plan.workers, "worker")}${gain}`;
  return `${waves} · critical path ${formatDuration(plan.criticalPathMs)} · ${elapsed}`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

/** Ends of lines by where they start; several edges may share a line. */
type Lines = Map<Item, Set<Item>>;

/** Each line once, those of the critical path last and so on top. */
function drawLines({ edges }: Drawing, layout: Layout, widths: readonly number[]): string[] {
  const plain: Lines = new Map();
  const critical: Lines = new Map();
  for (const [index, route] of layout.routes.entries()) {
    const lines = at(edges, index).critical ? critical : plain;
    for (const [position, end] of route.slice(1).entries()) {
      const start = at(route, position);
      lines.set(start, (lines.get(start) ?? new Set()).add(end));
    }
  }
  const draw = (lines: Lines, colour: string, style: string): string[] => {
    if (lines.size === 0) return [];
    const paths = [...lines].flatMap(([start, ends]) => [...ends].map((end) => linePath(layout, widths, start, end)));
    const heads = new Set([...lines.values()].flatMap((ends) => [...ends].filter(({ box }) => box !== null)));
    return [
      `<path d="${paths.join("")}" fill="none" stroke="${colour}" ${style}/>`,
      `<path d="${[...heads].map((end) => headPath(layout, end)).join("")}" fill="${colour}"/>`,
    ];
  };
  return [...draw(plain, QUIET, 'stroke-opacity="0.75" stroke-width="1.25"'), ...draw(critical, ACCENT, 'stroke-width="2.5"')];
}

/** Leaves and arrives level; crosses a column that it passes in a straight line. */
function linePath({ columns }: Layout, widths: readonly number[], start: Item, end: Item): string {
  const column = at(columns, start.column - 1);
  const target = at(columns, end.column - 1);
  const boxEnd = column.x + (start.box === null ? column.width : at(widths, start.box));
  const columnEnd = column.x + column.width;
  const arrival = target.x - (end.box === null ? 0 : 5);
  const middle = round((columnEnd + arrival) / 2);
  const across = end.box === null ? `H${round(target.x + target.width)}` : "";
  const from = round(start.y);
  const to = round(end.y);
  return `M${round(boxEnd)} ${from}H${round(columnEnd)}C${middle} ${from} ${middle} ${to} ${round(arrival)} ${to}${across}`;
}

function headPath({ columns }: Layout, { column, y }: Item): string {
  return `M${round(at(columns, column - 1).x - 1)} ${round(y)}l-8 -4v8z`;
}
