/**
 * A list whose versions share what did not change: setting one item copies one page and the short list of pages, not the list.
 * It keeps a decision on one of ten thousand steps as cheap as on one of ten.
 */
const PAGE = 64;

export interface Paged<TItem> {
  readonly length: number;
  readonly pages: readonly (readonly TItem[])[];
}

export function pagedOf<TItem>(items: readonly TItem[]): Paged<TItem> {
  const pages: TItem[][] = [];
  for (let start = 0; start < items.length; start += PAGE) pages.push(items.slice(start, start + PAGE));
  return { length: items.length, pages };
}

function itemsOf<TItem>({ pages }: Paged<TItem>): TItem[] {
  return pages.flat();
}

export function itemAt<TItem>(list: Paged<TItem>, index: number): TItem {
  const page = list.pages[Math.floor(index / PAGE)];
  if (page === undefined || index < 0 || index >= list.length) throw new RangeError(`No item ${index} in a list of ${list.length}`);
  return page[index % PAGE] as TItem; // The range was checked; an item may itself be undefined by type.
}

/** A new version under construction; pages are copied once, on their first write. */
export class PagedDraft<TItem> {
  #length: number;
  #pages: readonly (readonly TItem[])[];
  #owned: Set<number> | null = null;

  constructor(base: Paged<TItem>) {
    this.#length = base.length;
    this.#pages = base.pages;
  }

  get length(): number {
    return this.#length;
  }

  get(index: number): TItem {
    return itemAt({ length: this.#length, pages: this.#pages }, index);
  }

  set(index: number, item: TItem): void {
    if (index < 0 || index >= this.#length) throw new RangeError(`No item ${index} in a list of ${this.#length}`);
    const number = Math.floor(index / PAGE);
    if (this.#owned === null) {
      this.#owned = new Set();
      this.#pages = this.#pages.slice();
    }
    const pages = this.#pages as (readonly TItem[])[]; // Ours since the copy above.
    if (!this.#owned.has(number)) {
      this.#owned.add(number);
      pages[number] = (pages[number] ?? []).slice();
    }
    (pages[number] as TItem[])[index % PAGE] = item; // Ours since the copy above.
  }

  /** Makes the list longer. */
  append(items: readonly TItem[]): void {
    const whole = itemsOf({ length: this.#length, pages: this.#pages }).concat(items);
    const { length, pages } = pagedOf(whole);
    this.#length = length;
    this.#pages = pages;
    this.#owned = new Set(pages.keys());
  }

  /** The finished version; the draft must not be written afterwards. */
  finish(): Paged<TItem> {
    return { length: this.#length, pages: this.#pages };
  }
}
