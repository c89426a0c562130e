/** Shows one statechart: drawn once, lit anew at every change. */
import type { Chart, ChartAnswer } from "../../src/contract/chart.ts";
import { familyOf } from "../../web/look/look.ts";
import type { Card, CardRow, Drawing, Edge } from "./drawing.ts";
import { svg } from "./element.ts";
import { HEADING, layOut, PITCH } from "./layout.ts";
import { prefixes, rowKey, type Traffic } from "./traffic.ts";

export interface ChartView {
  readonly element: SVGSVGElement;
  /** `state` is where the actor is; the traffic is what brought it there. */
  show(state: string, traffic: Traffic): void;
}

const CORNER = 5;

interface Parts {
  /** Of each state the ground and what stands on it. */
  readonly cards: Map<string, readonly SVGElement[]>;
  readonly rows: { readonly keys: readonly string[]; readonly path: string; readonly group: SVGGElement; readonly count: SVGTextElement }[];
  readonly edges: Map<string, SVGGElement>;
}

export function createChartView(chart: Chart): ChartView {
  const drawing = layOut(chart);
  const element = svg("svg", {
    viewBox: `0 0 ${drawing.width} ${drawing.height}`,
    role: "img",
    class: "chart",
  });
  element.style.maxWidth = `${drawing.width * 1.3}px`;
  const parts: Parts = { cards: new Map(), rows: [], edges: new Map() };
  const [grounds, lines, cards] = [svg("g"), svg("g"), svg("g")];
  for (const card of drawing.cards) {
    const ground = drawGround(card);
    grounds.append(ground);
    cards.append(drawCard(card, ground, parts));
  }
  for (const edge of drawing.edges) lines.append(drawEdge(edge, parts));
  // The cards' grounds first, then the lines, then the texts, so that no line runs over a word.
  element.append(grounds, lines, cards);
  watchPointer(element, drawing);
  return { element, show: (state, traffic) => light(parts, lines, state, traffic) };
}

function drawGround({ x, y, width, height, state }: Card): SVGRectElement {
  return svg("rect", { x, y, width, height, rx: 7, class: "ground", "data-family": familyOf(state.path) });
}

function drawCard({ state, x, y, width, height, rows, portY }: Card, ground: SVGElement, parts: Parts): SVGGElement {
  const heading = svg("text", { x: rows[0]?.textX ?? x + 12, y: portY + 4, class: "name" }, state.name);
  const title = svg("title", {}, titleOf(state.path, state.entry, state.exit));
  const group = svg("g", { class: "card", "data-state": state.path, "data-family": familyOf(state.path) }, title, heading);
  if (state.isFinal) group.append(svg("rect", { x: x + 3, y: y + 3, width: width - 6, height: height - 6, rx: 5, class: "final" }));
  if (rows.length > 0) group.append(svg("line", { x1: x, x2: x + width, y1: y + HEADING, y2: y + HEADING, class: "divider" }));
  for (const row of rows) group.append(drawRow(state.path, row, x + width - 9, parts));
  parts.cards.set(state.path, [ground, group]);
  return group;
}

function drawRow(path: string, { answers, label, y, textX }: CardRow, countX: number, parts: Parts): SVGGElement {
  const count = svg("text", { x: countX, y: y + 4, class: "count" });
  const group = svg(
    "g",
    { class: "row", "data-row": rowKey(path, answers[0]?.event ?? "") },
    svg("title", {}, answers.map(describe).join("\n")),
    svg("rect", { x: textX - 4, y: y - PITCH / 2, width: countX - textX + 8, height: PITCH, rx: 3, class: "row-ground" }),
    svg("text", { x: textX, y: y + 4, class: "event" }, label),
    count,
  );
  parts.rows.push({ keys: answers.map(({ event }) => rowKey(path, event)), path, group, count });
  return group;
}

function describe({ label, transitions }: ChartAnswer): string {
  const ways = transitions.map(({ guard, target }) => `${guard === null ? "" : `[${guard}] `}→ ${target ?? "stays"}`);
  return [label, ...ways].join("\n  ");
}

function titleOf(path: string, entry: readonly string[], exit: readonly string[]): string {
  const asks = [...entry.map((name) => `entry: ${name}`), ...exit.map((name) => `exit: ${name}`)];
  return [path, ...asks].join("\n");
}

function drawEdge({ key, points }: Edge, parts: Parts): SVGGElement {
  const [start, end, before] = [points[0] ?? [0, 0], points.at(-1) ?? [0, 0], points.at(-2) ?? [0, 0]];
  const way = Math.sign(end[0] - before[0]) || 1;
  const arrow = `M${end[0]},${end[1]} l${-6 * way},-3.5 v7 z`;
  const group = svg(
    "g",
    { class: "edge", "data-edge": key },
    svg("path", { d: rounded(points), class: "line" }),
    svg("circle", { cx: start[0], cy: start[1], r: 2, class: "tail" }),
    svg("path", { d: arrow, class: "arrow" }),
  );
  parts.edges.set(key, group);
  return group;
}

/** A line through the points whose corners are rounded. */
function rounded(points: Edge["points"]): string {
  return points
    .map(([x, y], index) => {
      const [before, after] = [points[index - 1], points[index + 1]];
      if (before === undefined) return `M${x},${y}`;
      if (after === undefined) return `L${x},${y}`;
      const into = Math.min(CORNER, distance(before, [x, y]) / 2, distance([x, y], after) / 2);
      const [a, b] = [towards([x, y], before, into), towards([x, y], after, into)];
      return `L${a[0]},${a[1]} Q${x},${y} ${b[0]},${b[1]}`;
    })
    .join(" ");
}

type Point = readonly [number, number];
const distance = ([ax, ay]: Point, [bx, by]: Point): number => Math.abs(ax - bx) + Math.abs(ay - by);
const towards = ([x, y]: Point, [tx, ty]: Point, by: number): Point => [x + Math.sign(tx - x) * by, y + Math.sign(ty - y) * by];

function light(parts: Parts, lines: SVGGElement, state: string, { rows, edges, last }: Traffic): void {
  const along = new Set(prefixes(state));
  for (const [path, elements] of parts.cards) {
    for (const element of elements) {
      element.classList.toggle("lit", path === state);
      element.classList.toggle("around", along.has(path) && path !== state);
    }
  }
  for (const { keys, path, group, count: text } of parts.rows) {
    const count = keys.reduce((total, key) => total + (rows.get(key) ?? 0), 0);
    group.classList.toggle("taken", count > 0);
    group.classList.toggle("open", along.has(path));
    group.classList.toggle("last", last !== null && keys.includes(last.row));
    text.textContent = count === 0 ? "" : `×${count}`;
  }
  for (const [key, group] of parts.edges) {
    const isTaken = edges.has(key);
    group.classList.toggle("taken", isTaken);
    group.classList.toggle("open", along.has(key.slice(0, key.indexOf(" "))));
    group.classList.toggle("last", last?.edge === key);
  }
  // What was taken lies above what was not, the latest above all.
  const rank = (edge: Element): number =>
    edge.classList.contains("last") ? 3 : edge.classList.contains("taken") ? 2 : edge.classList.contains("open") ? 1 : 0;
  lines.append(...[...lines.children].toSorted((one, other) => rank(one) - rank(other)));
}

/** Pointing at a row or at a state brings out its lines. */
function watchPointer(element: SVGSVGElement, { edges }: Drawing): void {
  const point = (target: EventTarget | null): void => {
    const part = target instanceof Element ? target : null;
    const row = part?.closest("[data-row]")?.getAttribute("data-row") ?? null;
    const state = part?.closest("[data-state]")?.getAttribute("data-state") ?? null;
    for (const { key, from, event, to } of edges) {
      const isMeant = row === null ? state !== null && to === state : rowKey(from, event) === row;
      element.querySelector(`[data-edge="${CSS.escape(key)}"]`)?.classList.toggle("pointed", isMeant);
    }
    element.classList.toggle("pointing", row !== null || state !== null);
  };
  element.addEventListener("pointermove", ({ target }) => point(target));
  element.addEventListener("pointerleave", () => point(null));
}
