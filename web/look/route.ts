/** Draws the lines of a placed statechart: from a row, through trunks that all lines to one state share, to that state's heading. */
import type { Card, CardRow, Edge } from "./drawing.ts";

type Point = readonly [x: number, y: number];

export interface Ground {
  /** Below all cards. */
  readonly bottom: number;
  /** Distance of trunks that stand side by side. */
  readonly track: number;
}

/** A vertical line shared by all edges to one state in one place. */
interface Trunk {
  readonly key: string;
  /** Where edges join it: height, and from which side. */
  readonly joins: { readonly y: number; readonly side: -1 | 1 }[];
  x: number;
}

interface Way {
  readonly edge: Omit<Edge, "points">;
  readonly source: Card;
  readonly row: CardRow;
  readonly target: Card;
}

/** Trunks between two columns, or at the left side inside a card. */
interface Shaft {
  readonly left: number;
  readonly right: number;
  readonly trunks: Map<string, Trunk>;
}

export function routeEdges(cards: readonly Card[], ground: Ground): readonly Edge[] {
  const byPath = new Map(cards.map((card) => [card.state.path, card]));
  const ways = cards.flatMap((source) => source.rows.flatMap((row) => waysOf(source, row, byPath)));
  const shafts = createShafts(cards, byPath, ground);
  const lanes = createLanes(cards, ground);
  const routes = ways.map((way) => routeOf(way, shafts, lanes));
  for (const shaft of shafts.all()) orderTrunks(shaft, ground.track);
  return ways.map(({ edge }, index) => ({ ...edge, points: simplified((routes[index] ?? (() => []))()) }));
}

function waysOf(source: Card, row: CardRow, byPath: ReadonlyMap<string, Card>): readonly Way[] {
  const [answer] = row.answers;
  if (answer === undefined) return [];
  const targets = new Set(answer.transitions.map(({ target }) => target));
  return [...targets].flatMap((to) => {
    const target = to === null || to === source.state.path ? undefined : byPath.get(to);
    if (target === undefined) return []; // It stays where it is: the row says so with a sign.
    const { event } = answer;
    const edge = { key: edgeKey(source.state.path, event, target.state.path), from: source.state.path, event, to: target.state.path };
    return [{ edge, source, row, target }];
  });
}

export function edgeKey(from: string, event: string, to: string): string {
  return `${from} ${event} ${to}`;
}

interface Shafts {
  gutter(index: 0 | 1): Shaft;
  inside(card: Card): Shaft;
  all(): readonly Shaft[];
}

function createShafts(cards: readonly Card[], byPath: ReadonlyMap<string, Card>, { track }: Ground): Shafts {
  const inner = new Map<string, Shaft>();
  const edgeOf = (column: number, side: "left" | "right"): number => {
    const own = cards.filter((card) => card.column === column && card.depth === 0);
    return side === "left" ? Math.min(...own.map(({ x }) => x)) : Math.max(...own.map(({ x, width }) => x + width));
  };
  const gutters = ([0, 1] as const).map((index) => ({
    left: edgeOf(index, "right"),
    right: Math.min(edgeOf(index + 1, "left"), edgeOf(index, "right") + 200),
    trunks: new Map<string, Trunk>(),
  }));
  return {
    gutter: (index) => gutters[index] as Shaft, // There are two.
    inside(card) {
      const parent = byPath.get(card.state.path.slice(0, card.state.path.lastIndexOf("."))) ?? card;
      const known = inner.get(parent.state.path);
      if (known !== undefined) return known;
      const made: Shaft = { left: parent.x + track / 2, right: card.x, trunks: new Map() };
      inner.set(parent.state.path, made);
      return made;
    },
    all: () => [...gutters, ...inner.values()],
  };
}

function joinTrunk(shaft: Shaft, key: string, y: number, side: -1 | 1): Trunk {
  const trunk = shaft.trunks.get(key) ?? { key, joins: [], x: 0 };
  trunk.joins.push({ y, side });
  shaft.trunks.set(key, trunk);
  return trunk;
}

/** Heights at which lines pass the middle column: above its first card, one for each target. */
function createLanes(cards: readonly Card[], { track }: Ground): (target: string, nearY: number) => number {
  const middle = cards.filter(({ column, depth }) => column === 1 && depth === 0).toSorted((one, other) => one.y - other.y);
  const gaps = middle.map(({ y }, index) => ({ y, from: index === 0 ? null : bottomOf(middle[index - 1]) }));
  const last = bottomOf(middle.at(-1));
  const used = new Map<string, number>();
  const counts = new Map<number, number>();
  return (target, nearY) => {
    const places = [...gaps.map(({ y, from }) => (from === null ? y - track : (from + y) / 2 + track / 2)), last + track];
    const place = places.toSorted((one, other) => Math.abs(one - nearY) - Math.abs(other - nearY))[0] ?? nearY;
    const key = `${place} ${target}`;
    const known = used.get(key);
    if (known !== undefined) return known;
    const index = counts.get(place) ?? 0;
    counts.set(place, index + 1);
    const lane = place === last + track ? place + index * track : place - index * track;
    used.set(key, lane);
    return lane;
  };
}

function bottomOf(card: Card | undefined): number {
  return card === undefined ? 0 : card.y + card.height;
}

/** Decides which trunks an edge takes; the points follow when all trunks have their places. */
function routeOf({ source, row, target, edge }: Way, shafts: Shafts, lane: ReturnType<typeof createLanes>): () => readonly Point[] {
  const [y, portY] = [row.y, target.portY];
  if (source.top === target.top) {
    const shaft = shafts.inside(target);
    const trunk = joinTrunk(shaft, edge.to, y, 1);
    trunk.joins.push({ y: portY, side: 1 });
    const start = source.depth < target.depth ? row.textX - 5 : source.x;
    return () => [
      [start, y],
      [trunk.x, y],
      [trunk.x, portY],
      [target.x, portY],
    ];
  }
  const [from, to] = [source.column, target.column];
  const left = [source.x, target.x] as const;
  const right = [source.x + source.width, target.x + target.width] as const;
  if (Math.abs(from - to) <= 1) {
    const isBack = to < from;
    const isBeside = to === from;
    const trunk = joinTrunk(shafts.gutter((isBack ? to : Math.min(from, 1)) as 0 | 1), edge.to, y, isBack ? 1 : -1);
    trunk.joins.push({ y: portY, side: isBack || isBeside ? -1 : 1 });
    const start = isBack ? (source.state.states.length > 0 ? row.textX - 5 : left[0]) : right[0];
    const end = isBack || isBeside ? right[1] : left[1];
    return () => [
      [start, y],
      [trunk.x, y],
      [trunk.x, portY],
      [end, portY],
    ];
  }
  const passY = lane(edge.to, y);
  const near = joinTrunk(shafts.gutter(0), `pass ${edge.to} ${passY}`, y, -1);
  near.joins.push({ y: passY, side: 1 });
  const far = joinTrunk(shafts.gutter(1), edge.to, passY, -1);
  far.joins.push({ y: portY, side: 1 });
  return () => [
    [right[0], y],
    [near.x, y],
    [near.x, passY],
    [far.x, passY],
    [far.x, portY],
    [left[1], portY],
  ];
}

/** Puts the trunks of a shaft side by side in the order in which the fewest lines cross. */
function orderTrunks(shaft: Shaft, track: number): void {
  let best = [...shaft.trunks.values()].toSorted((one, other) => topOf(one) - topOf(other));
  let fewest = crossings(best);
  for (let improved = true; improved; ) {
    improved = false;
    for (let one = 0; one < best.length; one++) {
      for (let other = one + 1; other < best.length; other++) {
        const tried = [...best];
        [tried[one], tried[other]] = [best[other] as Trunk, best[one] as Trunk]; // Both are in range.
        const count = crossings(tried);
        if (count >= fewest) continue;
        best = tried;
        fewest = count;
        improved = true;
      }
    }
  }
  const room = shaft.right - shaft.left;
  const step = Math.min(track, room / (best.length + 1));
  const first = shaft.left + (room - (best.length - 1) * step) / 2;
  for (const [index, trunk] of best.entries()) trunk.x = first + index * step;
}

const topOf = ({ joins }: Trunk): number => Math.min(...joins.map(({ y }) => y));
const endOf = ({ joins }: Trunk): number => Math.max(...joins.map(({ y }) => y));

/** A line to a trunk crosses those that stand between it and its side and pass its height. */
function crossings(order: readonly Trunk[]): number {
  let count = 0;
  for (const [index, trunk] of order.entries()) {
    for (const { y, side } of trunk.joins) {
      const between = side === -1 ? order.slice(0, index) : order.slice(index + 1);
      for (const other of between) if (topOf(other) < y && y < endOf(other)) count++;
    }
  }
  return count;
}

/** Leaves out points where a line does not turn. */
function simplified(points: readonly Point[]): readonly Point[] {
  return points.filter(([x, y], index) => {
    const [before, after] = [points[index - 1], points[index + 1]];
    if (before === undefined || after === undefined) return true;
    return !((before[0] === x && x === after[0]) || (before[1] === y && y === after[1]));
  });
}
