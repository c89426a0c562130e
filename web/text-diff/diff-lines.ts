/** Which lines of two texts differ: the shortest way from one to the other (Myers), after what both begin and end with is put aside. */
export interface DiffLine {
  readonly kind: "same" | "added" | "removed";
  readonly text: string;
  /** Numbers from 1; null where the text does not have the line. */
  readonly left: number | null;
  readonly right: number | null;
}

/** Changes looked for at most. Texts that differ more are shown as replaced as a whole. */
const CHANGES_MAX = 2_000;

export function diffLines(left: string, right: string): readonly DiffLine[] {
  const [a, b] = [left.split("\n"), right.split("\n")];
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a.at(-1 - tail) === b.at(-1 - tail)) tail++;
  const moves = shortest(a.slice(head, a.length - tail), b.slice(head, b.length - tail));
  return numbered(a, b, [...Array<Move>(head).fill("same"), ...moves, ...Array<Move>(tail).fill("same")]);
}

type Move = DiffLine["kind"];

function shortest(a: readonly string[], b: readonly string[]): readonly Move[] {
  const width = a.length + b.length + 1;
  const furthest = new Int32Array(2 * width + 1);
  const trail: Int32Array[] = [];
  for (let depth = 0; depth <= Math.min(width, CHANGES_MAX); depth++) {
    // Only the diagonals that this many changes reach are remembered.
    trail.push(furthest.slice(width - depth - 1, width + depth + 2));
    for (let k = -depth; k <= depth; k += 2) {
      const isDown = k === -depth || (k !== depth && at(furthest, width + k - 1) < at(furthest, width + k + 1));
      let x = isDown ? at(furthest, width + k + 1) : at(furthest, width + k - 1) + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++;
      furthest[width + k] = x;
      if (x >= a.length && x - k >= b.length) return walkBack(a.length, b.length, trail);
    }
  }
  return [...a.map((): Move => "removed"), ...b.map((): Move => "added")];
}

function walkBack(fromX: number, fromY: number, trail: readonly Int32Array[]): readonly Move[] {
  const moves: Move[] = [];
  let [x, y] = [fromX, fromY];
  for (let depth = trail.length - 1; depth >= 0; depth--) {
    const reached = trail[depth] ?? new Int32Array();
    const of = (diagonal: number): number => at(reached, diagonal + depth + 1);
    const k = x - y;
    const isDown = k === -depth || (k !== depth && of(k - 1) < of(k + 1));
    const before = isDown ? k + 1 : k - 1;
    const [toX, toY] = depth === 0 ? [0, 0] : [of(before), of(before) - before];
    while (x > toX && y > toY) {
      moves.push("same");
      x--;
      y--;
    }
    if (depth === 0) break;
    moves.push(isDown ? "added" : "removed");
    [x, y] = [toX, toY];
  }
  return moves.toReversed();
}

function at(array: Int32Array, index: number): number {
  return array[index] ?? 0;
}

function numbered(a: readonly string[], b: readonly string[], moves: readonly Move[]): readonly DiffLine[] {
  let [left, right] = [0, 0];
  return moves.map((kind): DiffLine => {
    if (kind !== "added") left++;
    if (kind !== "removed") right++;
    return {
      kind,
      text: (kind === "added" ? b[right - 1] : a[left - 1]) ?? "",
      left: kind === "added" ? null : left,
      right: kind === "removed" ? null : right,
    };
  });
}

/** What is shown of a difference: changed lines with some around them, and how many lines are left out between. */
export type DiffPart = { readonly kind: "lines"; readonly lines: readonly DiffLine[] } | { readonly kind: "gap"; readonly count: number };

export function foldSame(lines: readonly DiffLine[], around: number): readonly DiffPart[] {
  const near = new Uint8Array(lines.length);
  for (const [index, { kind }] of lines.entries())
    if (kind !== "same") near.fill(1, Math.max(0, index - around), Math.min(lines.length, index + around + 1));
  const parts: DiffPart[] = [];
  for (let from = 0; from < lines.length; ) {
    let to = from;
    while (to < lines.length && near[to] === near[from]) to++;
    // A line that says that one line is left out would be as long as the line.
    const isShown = near[from] === 1 || to - from === 1;
    parts.push(isShown ? { kind: "lines", lines: lines.slice(from, to) } : { kind: "gap", count: to - from });
    from = to;
  }
  return parts;
}
