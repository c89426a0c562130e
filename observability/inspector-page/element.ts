import { filled } from "../../web/look/element.ts";

export function html<TName extends keyof HTMLElementTagNameMap>(
  name: TName,
  attributes: Readonly<Record<string, string | number | boolean>> = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[TName] {
  return filled(document.createElement(name), attributes, children);
}

/** The element of the page with this id, which `index.html` has. */
export function byId<TElement extends HTMLElement = HTMLElement>(id: string): TElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no element ${id}`);
  return found as TElement; // The caller names what index.html has.
}
