/** The events of a run, newest last: a list of any length of which only what is in sight is in the page. */

import { familyOf, timeOf } from "../../web/look/look.ts";
import type { WireEntry } from "../inspector/message.ts";
import { byId, html } from "./element.ts";

const ROW_HEIGHT = 42;
/** Rows made beyond both ends of what is in sight. */
const MARGIN_ROWS = 6;

export interface EventsView {
  /** `moment` is the seq that is looked at; with null the list follows the newest. */
  show(entries: readonly WireEntry[], moment: number | null): void;
  showPayload(seq: number, text: string): void;
}

export interface EventsOptions {
  readonly choose: (entry: WireEntry) => void;
  /** Goes so many events on, or back. */
  readonly walk: (by: number) => void;
}

export function createEventsView({ choose, walk }: EventsOptions): EventsView {
  const list = byId("events");
  const space = byId("events-space");
  const payload = byId("payload");
  const payloadTitle = byId("payload-title");
  let entries: readonly WireEntry[] = [];
  let moment: number | null = null;
  let following = true;

  list.addEventListener("scroll", () => {
    following = list.scrollTop + list.clientHeight >= list.scrollHeight - ROW_HEIGHT / 2;
    render();
  });
  new ResizeObserver(render).observe(list);
  list.addEventListener("keydown", (event) => {
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    walk(by);
  });

  function rowOf(entry: WireEntry, index: number): HTMLElement {
    const { seq, at, actor, on, from, to, type } = entry;
    const row = html(
      "button",
      {
        type: "button",
        class: "event",
        "data-seq": seq,
        tabindex: seq === moment ? 0 : -1,
        title: `${type} · ${new Date(at).toISOString()}`,
      },
      html("span", { class: "seq" }, String(seq)),
      html("span", { class: "who" }, actor),
      html("time", { datetime: new Date(at).toISOString() }, timeOf(at)),
      html(
        "span",
        { class: "what", title: `${on}: ${from} → ${to}` },
        `${labelOf(on)}  `,
        html("b", { "data-family": familyOf(to) }, moveOf(entry)),
      ),
    );
    row.style.transform = `translateY(${index * ROW_HEIGHT}px)`;
    row.setAttribute("aria-current", String(seq === moment));
    row.classList.toggle("later", moment !== null && seq > moment);
    row.addEventListener("click", () => choose(entry));
    return row;
  }

  function render(): void {
    const first = Math.max(0, Math.floor(list.scrollTop / ROW_HEIGHT) - MARGIN_ROWS);
    const last = Math.min(entries.length, Math.ceil((list.scrollTop + list.clientHeight) / ROW_HEIGHT) + MARGIN_ROWS);
    const hadFocus = document.activeElement instanceof HTMLElement ? document.activeElement.dataset.seq : undefined;
    const rows = entries.slice(first, last).map((entry, index) => rowOf(entry, first + index));
    if (moment === null && rows.length > 0) rows.at(-1)?.setAttribute("tabindex", "0");
    space.replaceChildren(...rows);
    if (hadFocus !== undefined) space.querySelector<HTMLElement>(`[data-seq="${hadFocus}"]`)?.focus({ preventScroll: true });
  }

  function reveal(index: number): void {
    const top = index * ROW_HEIGHT;
    if (top < list.scrollTop) list.scrollTop = top;
    else if (top + ROW_HEIGHT > list.scrollTop + list.clientHeight) list.scrollTop = top + ROW_HEIGHT - list.clientHeight;
  }

  return {
    show(shown, at) {
      const hasMoved = at !== moment;
      const hadFocus = list.contains(document.activeElement);
      entries = shown;
      moment = at;
      space.style.height = `${entries.length * ROW_HEIGHT}px`;
      if (at !== null && hasMoved) reveal(entries.findLastIndex(({ seq }) => seq <= at));
      if (at === null && (following || hasMoved)) list.scrollTop = list.scrollHeight;
      render();
      if (hadFocus && hasMoved) space.querySelector<HTMLElement>('[aria-current="true"]')?.focus({ preventScroll: true });
    },
    showPayload(seq, text) {
      payloadTitle.textContent = `Payload of event ${seq}`;
      payload.textContent = text;
    },
  };
}

function labelOf(on: string): string {
  return on.replace(/^xstate\.after\.([^.]+)\..*$/, "after $1");
}

function moveOf({ from, to }: WireEntry): string {
  return from === to ? `⟲ ${to}` : `→ ${to}`;
}
