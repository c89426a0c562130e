/** The actors: a run and its steps, each with its state. A list to choose from, with the keyboard too. */

import { familyOf, signOf, wordOf } from "../../web/look/look.ts";
import { byId, html } from "./element.ts";
import { createFamilyFilter } from "./family-filter.ts";

export interface ActorLine {
  readonly id: string;
  readonly type: string;
  readonly state: string;
}

export interface TreeView {
  show(actors: readonly ActorLine[], chosen: string): void;
  focusFilter(): void;
}

export function createTreeView(choose: (id: string) => void): TreeView {
  const filter = byId<HTMLInputElement>("filter");
  const families = createFamilyFilter(render);
  const list = byId("actors");
  const none = byId("no-actors");
  const items = new Map<string, HTMLElement>();
  let actors: readonly ActorLine[] = [];
  let chosen = "run";

  filter.addEventListener("input", render);
  list.addEventListener("click", ({ target }) => {
    const item = target instanceof Element ? target.closest<HTMLElement>("[data-actor]") : null;
    if (item?.dataset.actor !== undefined) choose(item.dataset.actor);
  });
  list.addEventListener("keydown", (event) => {
    const shown = visible();
    const at = shown.findIndex(({ id }) => id === chosen);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: shown.length - 1 }[event.key];
    const next = to === undefined ? undefined : shown[Math.max(0, Math.min(shown.length - 1, to))];
    if (next === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    choose(next.id);
    items.get(next.id)?.focus();
  });

  function visible(): readonly ActorLine[] {
    const text = filter.value.trim().toLowerCase();
    return actors.filter(
      ({ id, state, type }) => families.admits(state) && (text === "" || `${id} ${state} ${type}`.toLowerCase().includes(text)),
    );
  }

  function itemOf({ id, type, state }: ActorLine): HTMLElement {
    const known = items.get(id);
    const item =
      known ?? html("div", { role: "option", "data-actor": id }, html("span", { class: "actor-name" }), html("span", { class: "badge" }));
    items.set(id, item);
    const [name, badge] = item.children as unknown as [HTMLElement, HTMLElement]; // Made above.
    name.textContent = id === "run" ? "the run" : id;
    name.title = type === "" ? id : `${id} (${type})`;
    badge.replaceChildren(signOf(state), html("span", { class: "word" }, ` ${wordOf(state)}`));
    badge.dataset.family = familyOf(state);
    badge.title = state;
    item.classList.toggle("is-run", id === "run");
    item.setAttribute("aria-selected", String(id === chosen));
    item.tabIndex = id === chosen ? 0 : -1;
    return item;
  }

  function render(): void {
    families.show(actors.filter(({ id }) => id !== "run").map(({ state }) => state));
    const shown = visible();
    const made = shown.map(itemOf);
    // Only what changed is moved, so that the focus stays where it is.
    for (const [index, item] of made.entries()) if (list.children[index] !== item) list.insertBefore(item, list.children[index] ?? null);
    while (list.children.length > made.length) list.lastElementChild?.remove();
    if (made.length > 0 && !shown.some(({ id }) => id === chosen) && made[0] !== undefined) made[0].tabIndex = 0;
    none.hidden = shown.length > 0;
  }

  return {
    show(lines, current) {
      actors = lines;
      chosen = current;
      render();
    },
    focusFilter: () => filter.focus(),
  };
}
