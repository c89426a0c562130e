/** A value of a definition, parsed: what is literal stays data, what holds expressions carries their trees. */
import type { Expression, Template, Text } from "../../grammar/ast.ts";
import type { Json } from "../core/json.ts";
import type { Place } from "../core/place.ts";

/**
 * How a step type reads one of its fields.
 * `condition`: a bare expression. `text`: text (or a list or map of texts) with `{{ … }}`. `template`: a body with statements.
 * `literal`: data taken as it is.
 */
export type FieldKind = "condition" | "text" | "template" | "literal";

export type Field =
  | { readonly kind: "literal"; readonly value: Json }
  | { readonly kind: "condition"; readonly expression: Expression; readonly source: string; readonly place: Place }
  | { readonly kind: "text"; readonly text: Text; readonly source: string; readonly place: Place }
  | { readonly kind: "template"; readonly template: Template; readonly source: string; readonly place: Place }
  | { readonly kind: "list"; readonly items: readonly Field[] }
  | { readonly kind: "map"; readonly entries: Readonly<Record<string, Field>> };
