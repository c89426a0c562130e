/** Which paths an expression, text or template reads, as far as its text alone tells: the edges of a workflow come from here. */
import type { Expression, Key, Position, Template, TemplatePart, Text } from "../../grammar/ast.ts";

export interface Reference {
  /** `input`, `steps`, `item` … or any other name; never a name that the template itself sets. */
  readonly root: string;
  /** The step, where root is `steps` and the text names it; undefined there means: any step (`steps[input.name]`). */
  readonly step?: string;
  /** What follows, up to the first key that is only known when evaluated. For steps it begins after the step's name. */
  readonly path: readonly (string | number)[];
  readonly place: Position;
  /** Stands under `??`, `default` or `is defined`, so that it may be missing. */
  readonly guarded: boolean;
}

export function referencesOf(tree: Expression | Text | Template): Reference[] {
  const found: Reference[] = [];
  if (tree.kind === "text" || tree.kind === "template") inParts(tree.parts, new Set(), found);
  else inExpression(tree, { locals: new Set(), guarded: false }, found);
  return found;
}

interface Surroundings {
  readonly locals: ReadonlySet<string>;
  readonly guarded: boolean;
}

function inExpression(node: Expression, around: Surroundings, found: Reference[]): void {
  const visit = (child: Expression, guarded = around.guarded): void => inExpression(child, { ...around, guarded }, found);
  switch (node.kind) {
    case "literal":
      return;
    case "list":
      for (const item of node.items) visit(item);
      return;
    case "map":
      for (const entry of node.entries) visit(entry.value);
      return;
    case "path":
      if (!around.locals.has(node.root)) found.push(toReference(node.root, node.keys, node.at, around.guarded));
      inKeys(node.keys, visit);
      return;
    case "member":
      visit(node.target);
      inKeys(node.keys, visit);
      return;
    case "logic":
      for (const operand of node.operands) visit(operand);
      return;
    case "not":
    case "negate":
      visit(node.operand);
      return;
    case "test":
      visit(node.operand, around.guarded || node.test === "defined");
      return;
    case "coalesce":
      visit(node.left, true);
      visit(node.right);
      return;
    case "compare":
    case "concat":
    case "arithmetic":
      visit(node.left);
      visit(node.right);
      return;
    case "filter":
      visit(node.target, around.guarded || node.name === "default");
      for (const argument of node.args) visit(argument);
      for (const argument of node.named) visit(argument.value);
      return;
    case "choice":
      visit(node.condition);
      visit(node.then);
      visit(node.otherwise);
      return;
  }
}

function inKeys(keys: readonly Key[], visit: (node: Expression) => void): void {
  for (const key of keys) {
    if (typeof key !== "object") continue;
    if (key.kind !== "slice") visit(key);
    else for (const bound of [key.from, key.to]) if (bound !== null) visit(bound);
  }
}

function toReference(root: string, keys: readonly Key[], place: Position, guarded: boolean): Reference {
  const path: (string | number)[] = [];
  for (const key of keys) {
    if (typeof key === "object") break;
    path.push(key);
  }
  const [step] = path;
  if (root !== "steps" || typeof step !== "string") return { root, path, place, guarded };
  return { root, step, path: path.slice(1), place, guarded };
}

/** Walks parts in order; names set on the way are local from there on, those of a loop only inside it. */
function inParts(parts: readonly TemplatePart[], outer: ReadonlySet<string>, found: Reference[]): Set<string> {
  const locals = new Set(outer);
  const visit = (node: Expression): void => inExpression(node, { locals, guarded: false }, found);
  for (const part of parts) {
    switch (part.kind) {
      case "chars":
        break;
      case "output":
        visit(part.expression);
        break;
      case "set":
        visit(part.value);
        locals.add(part.name);
        break;
      case "if": {
        for (const { condition } of part.branches) visit(condition);
        // after the block a name set in one branch only may still mean the outer one: it stays a reference unless all branches set it
        const ends = [...part.branches.map(({ body }) => inParts(body, locals, found)), inParts(part.otherwise, locals, found)];
        for (const name of ends[0] ?? []) if (ends.every((end) => end.has(name))) locals.add(name);
        break;
      }
      case "for": {
        visit(part.list);
        const inner = new Set([...locals, part.name]);
        if (part.condition !== null) inExpression(part.condition, { locals: inner, guarded: false }, found);
        inParts(part.body, inner.add("loop"), found);
        inParts(part.otherwise, locals, found);
        break;
      }
    }
  }
  return locals;
}
