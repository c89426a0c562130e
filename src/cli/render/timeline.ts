/** A time axis for a terminal: moments become columns, and long times in which nothing ran take only a few of them. */

export interface Interval {
  readonly from: number;
  readonly to: number;
}

/** A stretch of idle time that was folded, and the columns that stand for it. */
export interface Fold extends Interval {
  readonly column: number;
}

export interface Timeline {
  readonly columns: number;
  readonly folds: readonly Fold[];
  /** 0 for the beginning, `columns` for the end; in between with fractions. */
  columnOf(at: number): number;
  /** What lies at the left edge of a column. */
  timeAt(column: number): number;
}

/** Columns that a fold takes. */
export const FOLD_COLUMNS = 3;
/** Shorter idle times are shown as they are. */
const FOLD_MIN_MS = 1_000;
/** So is idle time that takes less than this share of the whole. */
const FOLD_MIN_SHARE = 0.2;
/** More folds than fit would leave no room for what happened. */
const FOLDED_SHARE_MAX = 0.4;

interface Piece extends Interval {
  readonly left: number;
  readonly right: number;
  readonly isFold: boolean;
}

export function createTimeline({ from, to }: Interval, busy: readonly Interval[], columns: number): Timeline {
  const pieces = layOut({ from, to }, foldable({ from, to }, busy, columns), columns);
  const find = (isIn: (piece: Piece) => boolean): Piece | undefined => pieces.find(isIn) ?? pieces.at(-1);
  return {
    columns,
    folds: pieces.filter(({ isFold }) => isFold).map((piece) => ({ from: piece.from, to: piece.to, column: Math.round(piece.left) })),
    columnOf: (at) =>
      between(
        at,
        find((piece) => at <= piece.to),
      ),
    timeAt(column) {
      const piece = find(({ right }) => column <= right);
      if (piece === undefined || piece.right === piece.left) return from;
      return piece.from + ((column - piece.left) / (piece.right - piece.left)) * (piece.to - piece.from);
    },
  };
}

function between(at: number, piece: Piece | undefined): number {
  if (piece === undefined || piece.to === piece.from) return piece?.left ?? 0;
  const share = Math.min(1, Math.max(0, (at - piece.from) / (piece.to - piece.from)));
  return piece.left + share * (piece.right - piece.left);
}

/** The longest idle stretches that are worth it, as many as there is room for, in the order of time. */
function foldable(whole: Interval, busy: readonly Interval[], columns: number): readonly Interval[] {
  const lengthOf = ({ from, to }: Interval): number => to - from;
  return idleIn(whole, busy)
    .filter((gap) => lengthOf(gap) >= FOLD_MIN_MS && lengthOf(gap) >= FOLD_MIN_SHARE * lengthOf(whole))
    .sort((one, other) => lengthOf(other) - lengthOf(one))
    .slice(0, Math.floor((FOLDED_SHARE_MAX * columns) / FOLD_COLUMNS))
    .sort((one, other) => one.from - other.from);
}

function idleIn(whole: Interval, busy: readonly Interval[]): Interval[] {
  const gaps: Interval[] = [];
  let until = whole.from;
  for (const { from, to } of [...busy].sort((one, other) => one.from - other.from)) {
    if (from > until) gaps.push({ from: until, to: from });
    until = Math.max(until, to);
  }
  if (until < whole.to) gaps.push({ from: until, to: whole.to });
  return gaps;
}

function layOut(whole: Interval, folds: readonly Interval[], columns: number): readonly Piece[] {
  const foldedMs = folds.reduce((sum, { from, to }) => sum + to - from, 0);
  const shownMs = whole.to - whole.from - foldedMs;
  const perMs = shownMs <= 0 ? 0 : (columns - folds.length * FOLD_COLUMNS) / shownMs;
  const pieces: Piece[] = [];
  let [left, at] = [0, whole.from];
  const add = (to: number, width: number, isFold: boolean): void => {
    if (to > at || isFold) pieces.push({ from: at, to, left, right: left + width, isFold });
    left += width;
    at = to;
  };
  for (const { from, to } of folds) {
    add(from, (from - at) * perMs, false);
    add(to, FOLD_COLUMNS, true);
  }
  add(whole.to, (whole.to - at) * perMs, false);
  return pieces;
}
