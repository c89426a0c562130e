/**
 * An element that is known to be there: indices of steps come from the compiled workflow, which checked them, and arrays by step
 * index have one element for each step.
 */
export function at<TItem>(list: { readonly [index: number]: TItem }, index: number): TItem {
  // True by the above; a check for each of a million reads would cost more than the work itself.
  return list[index] as TItem;
}

/** The last element of a list that is known not to be empty. */
export function lastOf<TItem>(list: readonly TItem[]): TItem {
  return at(list, list.length - 1);
}
