/** The syntax tree of expressions and templates: plain data, each node with the place where it begins in its own source text. */

/** Offset counts from 0, line and column from 1, in UTF-16 code units of the source text (shifted by the origin, if one was given). */
export interface Position {
  readonly offset: number;
  readonly line: number;
  readonly column: number;
}

export type CompareOperator = "==" | "!=" | "<" | "<=" | ">" | ">=" | "in" | "not in" | "matches";
export type ArithmeticOperator = "+" | "-" | "*" | "/" | "%";

/** `from` and `to` of `x[from:to]`; null where left out. */
export interface SliceKey {
  readonly kind: "slice";
  readonly from: Expression | null;
  readonly to: Expression | null;
}

/** One step of a path: a name or position known from the text, a computed one, or a part of a list. */
export type Key = string | number | Expression | SliceKey;

export interface LiteralNode {
  readonly kind: "literal";
  readonly at: Position;
  readonly value: string | number | boolean | null;
}
export interface ListNode {
  readonly kind: "list";
  readonly at: Position;
  readonly items: readonly Expression[];
}
export interface MapEntry {
  readonly key: string;
  readonly value: Expression;
}
export interface MapNode {
  readonly kind: "map";
  readonly at: Position;
  readonly entries: readonly MapEntry[];
}
/** A path from a name: `steps.build.output`. `$build.x` arrives here as `steps.build.output.x`. */
export interface PathNode {
  readonly kind: "path";
  readonly at: Position;
  readonly root: string;
  readonly keys: readonly Key[];
}
/** A path from any other value: `(a ?? b).c`. */
export interface MemberNode {
  readonly kind: "member";
  readonly at: Position;
  readonly target: Expression;
  readonly keys: readonly Key[];
}
/** `a AND b AND c` is one node with three operands; there are always at least two. */
export interface LogicNode {
  readonly kind: "logic";
  readonly at: Position;
  readonly operator: "and" | "or";
  readonly operands: readonly Expression[];
}
export interface NotNode {
  readonly kind: "not";
  readonly at: Position;
  readonly operand: Expression;
}
export interface CompareNode {
  readonly kind: "compare";
  readonly at: Position;
  readonly operator: CompareOperator;
  readonly left: Expression;
  readonly right: Expression;
}
export interface TestNode {
  readonly kind: "test";
  readonly at: Position;
  readonly test: "defined" | "none";
  readonly negated: boolean;
  readonly operand: Expression;
}
export interface CoalesceNode {
  readonly kind: "coalesce";
  readonly at: Position;
  readonly left: Expression;
  readonly right: Expression;
}
export interface ConcatNode {
  readonly kind: "concat";
  readonly at: Position;
  readonly left: Expression;
  readonly right: Expression;
}
export interface ArithmeticNode {
  readonly kind: "arithmetic";
  readonly at: Position;
  readonly operator: ArithmeticOperator;
  readonly left: Expression;
  readonly right: Expression;
}
export interface NegateNode {
  readonly kind: "negate";
  readonly at: Position;
  readonly operand: Expression;
}
export interface NamedArgument {
  readonly name: string;
  readonly value: Expression;
}
/** `target | name(args, name=value)`, also written `name(target, args)`. */
export interface FilterNode {
  readonly kind: "filter";
  readonly at: Position;
  readonly name: string;
  readonly target: Expression;
  readonly args: readonly Expression[];
  readonly named: readonly NamedArgument[];
}
/** `then if condition else otherwise`. */
export interface ChoiceNode {
  readonly kind: "choice";
  readonly at: Position;
  readonly condition: Expression;
  readonly then: Expression;
  readonly otherwise: Expression;
}

export type Expression =
  | LiteralNode
  | ListNode
  | MapNode
  | PathNode
  | MemberNode
  | LogicNode
  | NotNode
  | CompareNode
  | TestNode
  | CoalesceNode
  | ConcatNode
  | ArithmeticNode
  | NegateNode
  | FilterNode
  | ChoiceNode;

export interface CharsPart {
  readonly kind: "chars";
  readonly at: Position;
  readonly text: string;
}
/** `{{ expression }}`; `raw` for `{{ expression | raw }}`, which only shell text gives a meaning. */
export interface OutputPart {
  readonly kind: "output";
  readonly at: Position;
  readonly expression: Expression;
  readonly raw: boolean;
}
export interface IfBranch {
  readonly condition: Expression;
  readonly body: readonly TemplatePart[];
}
export interface IfPart {
  readonly kind: "if";
  readonly at: Position;
  readonly branches: readonly IfBranch[];
  readonly otherwise: readonly TemplatePart[];
}
/** `{% for name in list if condition %}body{% else %}otherwise{% endfor %}`; `otherwise` is rendered when no item was. */
export interface ForPart {
  readonly kind: "for";
  readonly at: Position;
  readonly name: string;
  readonly list: Expression;
  readonly condition: Expression | null;
  readonly body: readonly TemplatePart[];
  readonly otherwise: readonly TemplatePart[];
}
export interface SetPart {
  readonly kind: "set";
  readonly at: Position;
  readonly name: string;
  readonly value: Expression;
}

export type TextPart = CharsPart | OutputPart;
export type TemplatePart = TextPart | IfPart | ForPart | SetPart;

/** A text field. Neighbouring characters are one part, and no part is empty. */
export interface Text {
  readonly kind: "text";
  readonly parts: readonly TextPart[];
}
export interface Template {
  readonly kind: "template";
  readonly parts: readonly TemplatePart[];
}

/** The names a path may begin with without being a local name; after `$` every other name means a step. */
export const ROOTS = ["input", "steps", "item", "run", "context", "env", "secrets"] as const;
export type Root = (typeof ROOTS)[number];

export function isRoot(name: string): name is Root {
  return (ROOTS as readonly string[]).includes(name);
}

/** Deepest nesting of operators, lists and blocks. Every walk over a tree recurses, so this bounds their stacks too. */
export const DEPTH_MAX = 100;
