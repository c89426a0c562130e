/** The greatest amount; 0 for an empty list. Spreading a column into Math.max could overflow the stack. */
export function greatest<TItem>(list: readonly TItem[], amount: (item: TItem) => number): number {
  return list.reduce((most, item) => Math.max(most, amount(item)), list.length === 0 ? 0 : Number.NEGATIVE_INFINITY);
}
