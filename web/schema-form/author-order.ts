/** A definition is stored with its names in alphabetical order; its author wrote them in an order that says something. */
import type { Field, Member } from "./shape.ts";

/** @param source text of the workflow. Names that it does not have as keys stay behind the others. */
export function inAuthorsOrder(field: Field, source: string): Field {
  const input = source.slice(Math.max(0, source.search(/^\s*["']?input["']?\s*:/m)));
  const places = new Map<string, number>();
  for (const { index, 1: name = "" } of input.matchAll(/(?<=^|[\s{,])["']?([A-Za-z_$][\w$-]*)["']?\s*:/gm))
    if (!places.has(name)) places.set(name, index);
  return sorted(field, places);
}

function sorted(field: Field, places: ReadonlyMap<string, number>): Field {
  const { shape } = field;
  if (shape.kind === "list") return { ...field, shape: { ...shape, item: sorted(shape.item, places) } };
  if (shape.kind !== "object") return field;
  const place = ({ name }: Member): number => places.get(name) ?? Number.MAX_SAFE_INTEGER;
  const members = shape.members.map((member) => ({ ...member, field: sorted(member.field, places) }));
  return { ...field, shape: { ...shape, members: members.toSorted((left, right) => place(left) - place(right)) } };
}
