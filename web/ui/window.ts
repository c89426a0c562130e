/** Which rows of a long list are drawn: those that are seen, and a few beyond, so that scrolling shows no holes. */
export interface ListWindow {
  readonly from: number;
  /** First that is not drawn. */
  readonly to: number;
}

const BEYOND = 8;

/** @param top how far it is scrolled, in pixels */
export function windowOf(top: number, height: number, rowHeight: number, count: number): ListWindow {
  const first = Math.floor(Math.max(0, top) / rowHeight);
  const seen = Math.ceil(height / rowHeight) + 1;
  const from = Math.min(Math.max(0, first - BEYOND), Math.max(0, count - seen - BEYOND));
  return { from, to: Math.min(count, first + seen + BEYOND) };
}

/** How far to scroll so that the row is seen whole; as it is where it is seen already. */
export function scrolledTo(index: number, top: number, height: number, rowHeight: number): number {
  const above = index * rowHeight;
  if (above < top) return above;
  return above + rowHeight > top + height ? above + rowHeight - height : top;
}
