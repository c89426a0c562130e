/** The known name closest to a misspelt one, for "Did you mean". */
const DISTANCE_MAX = 3;

/** Optimal-string-alignment distance, given up above `limit`. */
function distance(left: string, right: string, limit: number): number {
  if (Math.abs(left.length - right.length) > limit) return limit + 1;
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    for (let column = 1; column <= right.length; column++) {
      const cost = left[row - 1] === right[column - 1] ? 0 : 1;
      let best = Math.min((previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1, (previous[column - 1] ?? 0) + cost);
      const swapped = row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      if (swapped) best = Math.min(best, (beforePrevious[column - 2] ?? 0) + 1);
      current.push(best);
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[right.length] ?? 0;
}

/** One edit is a slip wherever a letter is left to recognise the name by. */
function isNear(found: number, left: number, right: number): boolean {
  return found <= Math.max(1, Math.max(left, right) / 3) && found < Math.max(1, Math.min(left, right));
}

/**
 * The candidate within three edits and a third of the longer name, closest first; undefined if none is near. More than that turns any
 * short name into any other, and a wrong guess is worse than a list.
 */
export function nearestName(name: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = DISTANCE_MAX + 1;
  for (const candidate of candidates) {
    const found = distance(name.toLowerCase(), candidate.toLowerCase(), bestDistance);
    if (found < bestDistance && isNear(found, name.length, candidate.length)) {
      best = candidate;
      bestDistance = found;
    }
  }
  return best;
}
