/** The same tree with other paths in it. What stays the same keeps its nodes. */
import type { Expression, Key, PathNode, TemplatePart, Text } from "../../grammar/ast.ts";

/**
 * What takes the place of a path; the path itself to leave it. Names that a template has set so far are `locals`: a path that begins
 * with one means that, and is never asked about.
 */
export type ReplacePath = (path: PathNode, locals: ReadonlySet<string>) => Expression;

const NONE: ReadonlySet<string> = new Set();

export function rewriteExpression(node: Expression, replace: ReplacePath, locals = NONE): Expression {
  const again = <TNode extends Expression>(child: TNode): Expression => rewriteExpression(child, replace, locals);
  const keys = (list: readonly Key[]): readonly Key[] => list.map((key) => rewriteKey(key, again));
  switch (node.kind) {
    case "literal":
      return node;
    case "list":
      return { ...node, items: node.items.map(again) };
    case "map":
      return { ...node, entries: node.entries.map(({ key, value }) => ({ key, value: again(value) })) };
    case "path": {
      const path = { ...node, keys: keys(node.keys) };
      return locals.has(node.root) ? path : replace(path, locals);
    }
    case "member":
      return joinKeys(again(node.target), keys(node.keys));
    case "logic":
      return { ...node, operands: node.operands.map(again) };
    case "not":
    case "negate":
    case "test":
      return { ...node, operand: again(node.operand) };
    case "compare":
    case "concat":
    case "arithmetic":
    case "coalesce":
      return { ...node, left: again(node.left), right: again(node.right) };
    case "filter":
      return {
        ...node,
        target: again(node.target),
        args: node.args.map(again),
        named: node.named.map(({ name, value }) => ({ name, value: again(value) })),
      };
    case "choice":
      // biome-ignore lint/suspicious/noThenProperty: a part of the syntax tree; nobody awaits it
      return { ...node, condition: again(node.condition), then: again(node.then), otherwise: again(node.otherwise) };
  }
}

function rewriteKey(key: Key, again: (node: Expression) => Expression): Key {
  if (typeof key !== "object") return key;
  if (key.kind !== "slice") return again(key);
  return { ...key, from: key.from && again(key.from), to: key.to && again(key.to) };
}

/** A path into any value. */
export function joinKeys(target: Expression, keys: readonly Key[]): Expression {
  if (keys.length === 0) return target;
  if (target.kind === "path" || target.kind === "member") return { ...target, keys: [...target.keys, ...keys] };
  return { kind: "member", at: target.at, target, keys };
}

export function rewriteText(text: Text, replace: ReplacePath): Text {
  return {
    ...text,
    parts: text.parts.map((part) => (part.kind === "chars" ? part : { ...part, expression: rewriteExpression(part.expression, replace) })),
  };
}

/** In order, as `referencesOf` walks: names set on the way are local from there on. */
export function rewriteParts(parts: readonly TemplatePart[], replace: ReplacePath, outer = NONE): readonly TemplatePart[] {
  const locals = new Set(outer);
  const again = (node: Expression): Expression => rewriteExpression(node, replace, locals);
  return parts.map((part) => rewritePart(part, replace, again, locals));
}

function rewritePart(part: TemplatePart, replace: ReplacePath, again: (node: Expression) => Expression, locals: Set<string>): TemplatePart {
  switch (part.kind) {
    case "chars":
      return part;
    case "output":
      return { ...part, expression: again(part.expression) };
    case "set": {
      const value = again(part.value);
      locals.add(part.name);
      return { ...part, value };
    }
    case "if": {
      const branches = part.branches.map(({ condition, body }) => ({
        condition: again(condition),
        body: rewriteParts(body, replace, locals),
      }));
      const rewritten = { ...part, branches, otherwise: rewriteParts(part.otherwise, replace, locals) };
      // A name that only one branch sets may mean either from here on. Taken for local, it is left alone.
      for (const name of [...branches.map(({ body }) => body), part.otherwise].flatMap(namesSet)) locals.add(name);
      return rewritten;
    }
    case "for": {
      const list = again(part.list);
      const inner = new Set([...locals, part.name]);
      const condition = part.condition && rewriteExpression(part.condition, replace, inner);
      const body = rewriteParts(part.body, replace, inner.add("loop"));
      return { ...part, list, condition, body, otherwise: rewriteParts(part.otherwise, replace, locals) };
    }
  }
}

function namesSet(parts: readonly TemplatePart[]): string[] {
  return parts.flatMap((part) => {
    if (part.kind === "set") return [part.name];
    return part.kind === "if" ? [...part.branches.flatMap(({ body }) => namesSet(body)), ...namesSet(part.otherwise)] : [];
  });
}
