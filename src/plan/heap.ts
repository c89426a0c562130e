/** A binary heap of numbers (indices of steps): add and take the first in logarithmic time. */
export interface Heap {
  readonly size: number;
  add(item: number): void;
  /** Removes and answers the first item; undefined when empty. */
  take(): number | undefined;
  peek(): number | undefined;
}

/** @param precedes a strict order: whether `left` comes before `right`. */
export function createHeap(precedes: (left: number, right: number) => boolean): Heap {
  const items: number[] = [];
  const at = (position: number): number => items[position] as number;

  const swap = (one: number, other: number): void => {
    const item = at(one);
    items[one] = at(other);
    items[other] = item;
  };

  const rise = (start: number): void => {
    for (let position = start; position > 0; ) {
      const parent = (position - 1) >> 1;
      if (!precedes(at(position), at(parent))) return;
      swap(position, parent);
      position = parent;
    }
  };

  const sink = (): void => {
    for (let position = 0; ; ) {
      let first = position;
      for (const child of [2 * position + 1, 2 * position + 2]) {
        if (child < items.length && precedes(at(child), at(first))) first = child;
      }
      if (first === position) return;
      swap(position, first);
      position = first;
    }
  };

  return {
    get size() {
      return items.length;
    },
    peek: () => items[0],
    add(item) {
      items.push(item);
      rise(items.length - 1);
    },
    take() {
      const first = items[0];
      const last = items.pop();
      if (items.length > 0 && last !== undefined) {
        items[0] = last;
        sink();
      }
      return first;
    },
  };
}
