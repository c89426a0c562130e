/**
 * Places a statechart: states as nested cards in three columns, one row a card for each event that it answers, and an orthogonal line
 * from the row to every state that the event may lead to.
 *
 * L1 Lines to one state share one trunk, a vertical line in the gutter before it, so that many ways to `failed` read as one.
 * L2 Rows and headings stand on a grid, and each column is shifted against the others, so that horizontal lines of different columns
 *    never lie on one another.
 * L3 The result depends on the chart only: no measuring of texts, whose font is monospaced.
 */
import type { Chart, ChartAnswer, ChartState } from "../../src/contract/chart.ts";
import type { Card, CardRow, Drawing } from "./drawing.ts";
import { routeEdges } from "./route.ts";

export const PITCH = 17;
export const HEADING = 23;
const PORT = 14;
/** Below the heading. */
const AIR = 2;
const CHARACTER = 6.65;
const NAME_CHARACTER = 7.6;
const MARGIN = 14;
const INSET = 12;
/** Room for the lines between the states of one parent. */
const TRACK = 9;
const COUNT_WIDTH = 34;
const CARD_MIN_WIDTH = 104;
const COLUMN_SHIFT = [0, 6, 11] as const;

/** So many events that change nothing still have rows of their own. */
const SHARED_MIN = 2;

type Column = 0 | 1 | 2;

export function layOut(chart: Chart): Drawing {
  const columns = columnsOf(chart);
  const widths = columns.map((states) => Math.max(0, ...states.map(widthOf)));
  const gutters = [gutterWidth(columns, 0), gutterWidth(columns, 1)];
  const heights = columns.map((states) => states.map(heightOf));
  const tallest = Math.max(...heights.map((own) => sum(own) + Math.max(0, own.length - 1) * 2 * PITCH));
  const lane = lanesOf(chart) * TRACK;
  const cards: Card[] = [];
  let x = MARGIN;
  for (const [index, states] of columns.entries()) {
    const column = index as Column; // There are three.
    const width = widths[index] ?? 0;
    placeColumn({ cards, states, column, x, width, top: MARGIN + lane, height: tallest });
    x += width + (states.length > 0 || index < 2 ? (gutters[index] ?? 0) : 0);
  }
  const bottom = Math.max(...cards.map((card) => card.y + card.height));
  const right = Math.max(...cards.map((card) => card.x + card.width));
  const edges = routeEdges(cards, { bottom: bottom + TRACK, track: TRACK });
  const lowest = Math.max(bottom, ...edges.flatMap(({ points }) => points.map(([, y]) => y)));
  return { width: right + MARGIN, height: lowest + MARGIN, cards, edges };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** The beginning and what leads back to it, the life in the middle, the ends. A life without states inside it has the middle to itself. */
function columnsOf({ states, initial }: Chart): readonly (readonly ChartState[])[] {
  const isFirst = ({ path }: ChartState): boolean => initial === path || initial.startsWith(`${path}.`);
  const hasLife = states.some((state) => state.states.length > 0 && !isFirst(state));
  const columns: [ChartState[], ChartState[], ChartState[]] = [[], [], []];
  for (const state of states) {
    if (state.isFinal) columns[2].push(state);
    else if (isFirst(state) || (hasLife && state.states.length === 0)) columns[0].push(state);
    else columns[1].push(state);
  }
  return columns;
}

function targetsOf(state: ChartState): readonly string[] {
  const own = state.answers.flatMap(({ transitions }) => transitions.map(({ target }) => target).filter((target) => target !== null));
  return [...own, ...state.states.flatMap(targetsOf)];
}

/** One track a target, and air around them. */
function gutterWidth(columns: readonly (readonly ChartState[])[], gutter: number): number {
  const near = new Set([...(columns[gutter] ?? []), ...(columns[gutter + 1] ?? [])].flatMap(targetsOf));
  return 34 + Math.min(near.size, 7) * TRACK;
}

/** Lines that pass over the middle column. */
function lanesOf(chart: Chart): number {
  const [first = [], , ends = []] = columnsOf(chart);
  const names = new Set(ends.map(({ path }) => path));
  return new Set(first.flatMap(targetsOf).filter((path) => names.has(path))).size;
}

function innerTracks(state: ChartState): number {
  return state.states.length === 0 ? 0 : INSET + state.states.length * TRACK;
}

function widthOf(state: ChartState): number {
  const rows = rowsOf(state).map(({ label }) => label.length * CHARACTER + COUNT_WIDTH);
  const own = Math.max(CARD_MIN_WIDTH, state.name.length * NAME_CHARACTER + COUNT_WIDTH + 12, ...rows.map((row) => row + 2 * INSET));
  if (state.states.length === 0) return own;
  return innerTracks(state) + Math.max(own, ...state.states.map(widthOf)) + INSET;
}

/** One row an event; many events that change nothing share the last one. */
function rowsOf({ path, answers }: ChartState): readonly Pick<CardRow, "answers" | "label">[] {
  const stays = (answer: ChartAnswer): boolean => answer.transitions.every(({ target }) => target === null || target === path);
  const idle = answers.filter(stays);
  const isShared = idle.length > SHARED_MIN;
  const rows = answers
    .filter((answer) => !(isShared && stays(answer)))
    .map((answer) => ({ answers: [answer], label: stays(answer) ? `${answer.label} ⟲` : answer.label }));
  return isShared ? [...rows, { answers: idle, label: `${idle.length} others ⟲` }] : rows;
}

/** Always a number of grid lines. */
function heightOf(state: ChartState): number {
  const rows = rowsOf(state).length;
  const own = rows === 0 ? 2 * PITCH : (rows + 2) * PITCH;
  if (state.states.length === 0) return own;
  return own + sum(state.states.map((child) => heightOf(child) + PITCH));
}

interface Placing {
  readonly cards: Card[];
  readonly states: readonly ChartState[];
  readonly column: Column;
  readonly x: number;
  readonly width: number;
  readonly top: number;
  readonly height: number;
}

/** Spreads the states of a column over the height, all on the grid. */
function placeColumn({ cards, states, column, x, width, top, height }: Placing): void {
  const own = sum(states.map(heightOf));
  const room = Math.floor((height - own) / Math.max(1, states.length) / PITCH) * PITCH;
  const gap = column === 2 ? room : Math.max(2 * PITCH, Math.min(room, 6 * PITCH));
  let y = top + COLUMN_SHIFT[column] + (column === 2 ? Math.floor(room / 2 / PITCH) * PITCH : 0);
  for (const state of states) {
    placeCard(cards, state, { column, x, y, width, depth: 0, top: state.path });
    y += heightOf(state) + gap;
  }
}

interface Spot extends Pick<Card, "column" | "x" | "y" | "width" | "depth" | "top"> {}

function placeCard(cards: Card[], state: ChartState, spot: Spot): void {
  const tracks = innerTracks(state);
  const rows = rowsOf(state).map((row, index) => ({
    ...row,
    y: spot.y + PORT + (index + 1) * PITCH + AIR,
    textX: spot.x + Math.max(tracks, INSET),
  }));
  // A state without rows has its name, and its lines, in the middle.
  const portY = spot.y + (rows.length === 0 && state.states.length === 0 ? PITCH : PORT);
  cards.push({ ...spot, state, height: heightOf(state), portY, rows });
  let y = spot.y + (rows.length === 0 ? 2 : rows.length + 2) * PITCH;
  for (const child of state.states) {
    placeCard(cards, child, { ...spot, x: spot.x + tracks, y, width: spot.width - tracks - INSET, depth: spot.depth + 1 });
    y += heightOf(child) + PITCH;
  }
}
