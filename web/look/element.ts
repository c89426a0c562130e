/** Makes elements of a drawing. Texts become text nodes only, so nothing that a workflow says is ever read as markup (S-39). */
type Attributes = Readonly<Record<string, string | number | boolean>>;
type Child = Node | string;

const SVG = "http://www.w3.org/2000/svg";

export function svg<TName extends keyof SVGElementTagNameMap>(
  name: TName,
  attributes: Attributes = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[TName] {
  return filled(document.createElementNS(SVG, name), attributes, children);
}

export function filled<TElement extends Element>(element: TElement, attributes: Attributes, children: readonly Child[]): TElement {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false) continue;
    element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children);
  return element;
}
