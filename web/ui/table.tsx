/**
 * A table of any length: only the rows that are seen are drawn. Each row has one link, which the keys j and k walk along, and which a
 * click anywhere in the row follows. Where there is little room a row is what `narrow` makes of it.
 *
 * Roles instead of `<table>`: rows that are placed one by one are no table to a browser any more. So biome.json exempts this file from three rules.
 */
import type { ComponentChildren, RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { useKeys } from "../shell/keys.ts";
import { useScrolled } from "./scrolled.ts";
import { scrolledTo, windowOf } from "./window.ts";
import "./table.css";

export interface Column<T> {
  readonly head: string;
  /** A track of a CSS grid. */
  readonly width: string;
  readonly isNumber?: boolean;
  /** Left out while the table is not so wide, in pixels. */
  readonly needs?: number;
  readonly cell: (row: T) => ComponentChildren;
}

export interface TableSelection {
  readonly keys: ReadonlySet<string>;
  readonly change: (keys: ReadonlySet<string>) => void;
}

export interface TableProps<T> {
  readonly label: string;
  readonly rows: readonly T[];
  readonly keyOf: (row: T) => string;
  readonly columns: readonly Column<T>[];
  readonly linkOf: (row: T) => string;
  /** Name of the row's link. */
  readonly nameOf: (row: T) => string;
  readonly narrow: (row: T) => ComponentChildren;
  readonly narrowHeight?: number;
  readonly rowHeight?: number;
  readonly selection?: TableSelection;
  /** The row that is looked at elsewhere on the page. */
  readonly currentKey?: string | null;
  /** Called when the last rows come into sight. */
  readonly nearEnd?: () => void;
  /** Below the last row: that more is being loaded, or that this is all. */
  readonly foot?: ComponentChildren;
  readonly empty: ComponentChildren;
}

const NEAR_END_ROWS = 20;
/** A table that is no wider has no columns. */
const NARROW_MAX = 560;
/** Of the row with the names, which stays in sight: as in table.css. */
const HEADS_HEIGHT = 32;

export function Table<T>(props: TableProps<T>) {
  const { label, rows, keyOf, columns, rowHeight = 40, narrowHeight = 72, selection, nearEnd, foot, empty } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const { top, view, width } = useScrolled(scroller);
  const isNarrow = width < NARROW_MAX;
  const height = isNarrow ? narrowHeight : rowHeight;
  const shown = columns.filter(({ needs = 0 }) => width >= needs);
  const { from, to } = windowOf(top, view, height, rows.length);
  const walked = useWalk(props, scroller, { height, heads: isNarrow ? 0 : HEADS_HEIGHT });
  useEffect(() => {
    if (rows.length > 0 && to > rows.length - NEAR_END_ROWS) nearEnd?.();
  }, [to, rows.length, nearEnd]);
  const tracks = [...(selection === undefined ? [] : ["36px"]), ...shown.map((column) => column.width)].join(" ");
  return (
    <div class={isNarrow ? "table is-narrow" : "table"} ref={scroller}>
      <div role="table" aria-label={label} aria-rowcount={rows.length + 1} style={{ "--tracks": tracks }}>
        {!isNarrow && rows.length > 0 && <Heads {...props} columns={shown} />}
        <div class="table-space" role="rowgroup" style={{ height: `${rows.length * height}px` }}>
          {rows.slice(from, to).map((row, index) => (
            <Row
              key={keyOf(row)}
              {...props}
              columns={shown}
              row={row}
              index={from + index}
              height={height}
              isNarrow={isNarrow}
              isWalked={walked === keyOf(row)}
            />
          ))}
        </div>
      </div>
      {rows.length === 0 && empty}
      {foot !== undefined && rows.length > 0 && <div class="table-foot">{foot}</div>}
    </div>
  );
}

function Heads<T>({ columns, rows, keyOf, selection }: TableProps<T>) {
  const isAll = selection !== undefined && rows.length > 0 && selection.keys.size === rows.length;
  return (
    <div class="table-heads" role="rowgroup">
      <div class="table-row heads" role="row" aria-rowindex={1}>
        {selection !== undefined && (
          <span class="table-cell check" role="columnheader">
            <input
              type="checkbox"
              aria-label="All rows that are loaded"
              checked={isAll}
              onChange={() => selection.change(new Set(isAll ? [] : rows.map(keyOf)))}
            />
          </span>
        )}
        {columns.map(({ head, isNumber }) => (
          <span key={head} class={isNumber === true ? "table-cell number" : "table-cell"} role="columnheader">
            {head}
          </span>
        ))}
      </div>
    </div>
  );
}

interface RowProps<T> extends TableProps<T> {
  readonly row: T;
  readonly index: number;
  readonly height: number;
  readonly isNarrow: boolean;
  readonly isWalked: boolean;
}

function Row<T>({ row, index, height, isNarrow, isWalked, keyOf, columns, linkOf, nameOf, narrow, selection, currentKey }: RowProps<T>) {
  const key = keyOf(row);
  const isChosen = selection?.keys.has(key) ?? false;
  return (
    <div
      class={`table-row body${isChosen ? " chosen" : ""}${key === currentKey ? " current" : ""}`}
      role="row"
      aria-rowindex={index + 2}
      style={{ transform: `translateY(${index * height}px)`, height: `${height}px` }}
    >
      {selection !== undefined && (
        <span class="table-cell check" role="cell">
          <input type="checkbox" aria-label={`Select ${nameOf(row)}`} checked={isChosen} onChange={() => toggle(selection, key)} />
        </span>
      )}
      {isNarrow ? (
        <div class="table-cell narrow" role="cell">
          <a class="row-link" href={linkOf(row)} data-key={key} tabIndex={isWalked || index === 0 ? 0 : -1} aria-label={nameOf(row)} />
          {narrow(row)}
        </div>
      ) : (
        columns.map(({ head, isNumber, cell }, at) => (
          <span key={head} class={isNumber === true ? "table-cell number" : "table-cell"} role="cell">
            {at === 0 && <a class="row-link" href={linkOf(row)} data-key={key} aria-label={nameOf(row)} />}
            {cell(row)}
          </span>
        ))
      )}
    </div>
  );
}

function toggle({ keys, change }: TableSelection, key: string): void {
  const next = new Set(keys);
  if (!next.delete(key)) next.add(key);
  change(next);
}

/** Walks with the keys. The row stays the walked one when it is scrolled away, and when the list changes. */
function useWalk<T>(
  { rows, keyOf, label, selection }: TableProps<T>,
  scroller: RefObject<HTMLDivElement | null>,
  { height, heads }: { readonly height: number; readonly heads: number },
): string | null {
  const [walked, setWalked] = useState<string | null>(null);
  /** A row that is not drawn yet; the latest one, since effects come late. */
  const wanted = useRef<string | null>(null);
  const to = (index: number): void => {
    const row = rows[Math.min(rows.length - 1, Math.max(0, index))];
    const element = scroller.current;
    if (row === undefined || element === null) return;
    element.scrollTop = scrolledTo(rows.indexOf(row), element.scrollTop, element.clientHeight - heads, height);
    const key = keyOf(row);
    setWalked(key);
    wanted.current = focusRow(element, key) ? null : key;
  };
  const at = (): number => {
    const focused = scroller.current?.contains(document.activeElement) ? document.activeElement?.getAttribute("data-key") : null;
    return rows.findIndex((row) => keyOf(row) === (focused ?? walked));
  };
  useEffect(() => {
    if (wanted.current !== null && scroller.current !== null && focusRow(scroller.current, wanted.current)) wanted.current = null;
  });
  useKeys(label, [
    { keys: "j", says: "Next row", run: () => to(at() + 1) },
    { keys: "k", says: "Previous row", run: () => to(at() < 0 ? 0 : at() - 1) },
    { keys: "Home", says: "First row", run: () => to(0) },
    { keys: "End", says: "Last row", run: () => to(rows.length - 1) },
    ...(selection === undefined
      ? []
      : [
          {
            keys: "x",
            says: "Select the row",
            run: () => {
              const row = rows[at()];
              if (row !== undefined) toggle(selection, keyOf(row));
            },
          },
        ]),
  ]);
  return walked;
}

function focusRow(scroller: HTMLElement, key: string): boolean {
  const link = scroller.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`);
  link?.focus({ preventScroll: true });
  return link !== null;
}
