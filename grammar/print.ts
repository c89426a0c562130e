/** Syntax tree to source text, with as few parentheses as the precedences allow. Parsing the text gives the same tree again. */
import type { CharsPart, Expression, Key, Template, TemplatePart, Text } from "./ast.ts";
import { quoted } from "./literals.ts";
import { LEVEL, type Level } from "./precedence.ts";

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

export function printExpression(node: Expression): string {
  return print(node, LEVEL.choice);
}

function levelOf(node: Expression): Level {
  switch (node.kind) {
    case "choice":
      return LEVEL.choice;
    case "logic":
      return LEVEL[node.operator];
    case "not":
      return LEVEL.not;
    case "compare":
    case "test":
      return LEVEL.comparison;
    case "coalesce":
      return LEVEL.coalesce;
    case "concat":
      return LEVEL.concat;
    case "arithmetic":
      return node.operator === "+" || node.operator === "-" ? LEVEL.sum : LEVEL.product;
    case "negate":
      return LEVEL.signed;
    case "filter":
      return LEVEL.filtered;
    default:
      return LEVEL.value;
  }
}

function print(node: Expression, least: Level): string {
  const text = bare(node);
  return levelOf(node) < least ? `(${text})` : text;
}

/** The level above which an operand of `level` needs no parentheses on the side that does not repeat. */
function tighter(level: Level): Level {
  return (level + 1) as Level; // only asked below LEVEL.value
}

function bare(node: Expression): string {
  const level = levelOf(node);
  switch (node.kind) {
    case "literal":
      return typeof node.value === "string" ? quoted(node.value) : String(node.value);
    case "list":
      return `[${node.items.map(printExpression).join(", ")}]`;
    case "map":
      return `{${node.entries.map(({ key, value }) => `${quoted(key)}: ${printExpression(value)}`).join(", ")}}`;
    case "path":
      return node.root + node.keys.map(printKey).join("");
    case "member":
      return (isWord(node.target) ? `(${bare(node.target)})` : print(node.target, LEVEL.value)) + node.keys.map(printKey).join("");
    case "logic":
      return node.operands.map((operand) => print(operand, tighter(level))).join(node.operator === "and" ? " AND " : " OR ");
    case "not":
      return `NOT ${print(node.operand, LEVEL.not)}`;
    case "compare": {
      const operator = node.operator === "in" || node.operator === "not in" ? node.operator.toUpperCase() : node.operator;
      return `${print(node.left, LEVEL.coalesce)} ${operator} ${print(node.right, LEVEL.coalesce)}`;
    }
    case "test":
      return `${print(node.operand, LEVEL.coalesce)} is ${node.negated ? "not " : ""}${node.test}`;
    case "coalesce":
      return `${print(node.left, LEVEL.concat)} ?? ${print(node.right, LEVEL.coalesce)}`;
    case "concat":
      return `${print(node.left, LEVEL.concat)} ~ ${print(node.right, LEVEL.sum)}`;
    case "arithmetic":
      return `${print(node.left, level)} ${node.operator} ${print(node.right, tighter(level))}`;
    case "negate":
      return `-${isNumber(node.operand) ? `(${bare(node.operand)})` : print(node.operand, LEVEL.signed)}`;
    case "filter":
      return `${print(node.target, LEVEL.filtered)} | ${node.name}${printArguments(node.args, node.named)}`;
    case "choice":
      return `${print(node.then, LEVEL.or)} if ${print(node.condition, LEVEL.or)} else ${printExpression(node.otherwise)}`;
  }
}

/** `null.a` would be the path of a name `null`. */
function isWord(node: Expression): boolean {
  return node.kind === "literal" && (node.value === null || typeof node.value === "boolean");
}

/** `-3` is a literal, so a sign before a number would join it; a filter may stand between (`-3 | abs` is the filter of -3). */
function isNumber(node: Expression): boolean {
  if (node.kind === "filter" || node.kind === "member") return isNumber(node.target);
  return node.kind === "literal" && typeof node.value === "number";
}

function printArguments(args: readonly Expression[], named: readonly { readonly name: string; readonly value: Expression }[]): string {
  const all = [...args.map(printExpression), ...named.map(({ name, value }) => `${name}=${printExpression(value)}`)];
  return all.length === 0 ? "" : `(${all.join(", ")})`;
}

function printKey(key: Key): string {
  if (typeof key === "string") return NAME.test(key) ? `.${key}` : `[${quoted(key)}]`;
  if (typeof key === "number") return `[${String(key)}]`;
  if (key.kind !== "slice") return `[${printExpression(key)}]`;
  return `[${key.from === null ? "" : printExpression(key.from)}:${key.to === null ? "" : printExpression(key.to)}]`;
}

export function printText(text: Text): string {
  return printParts(text.parts, (chars) => chars);
}

/** The text of a template for `parseTemplate` without options, which drops one newline at the end. */
export function printTemplate(template: Template): string {
  const text = printParts(template.parts, protectOpenings);
  return text.endsWith("\n") ? `${text}\n` : text;
}

/** An opening of a tag among the characters can only have come out of a raw block. */
function protectOpenings(chars: string): string {
  return chars.replace(/\{(?=[{%#])/g, "{% raw %}{{% endraw %}");
}

function printParts(parts: readonly TemplatePart[], protect: (chars: string) => string): string {
  let text = "";
  parts.forEach((part, index) => {
    if (part.kind !== "chars") text += printPart(part, followsBrace(parts[index - 1]));
    else text += protect(part.text) + (followsBrace(part) && index < parts.length - 1 ? " " : "");
  });
  return text;
}

/** A brace right before a tag would be read as part of it: a space goes between, and the tag trims it away. */
function followsBrace(previous: TemplatePart | undefined): boolean {
  return previous?.kind === "chars" && previous.text.endsWith("{");
}

function printPart(part: Exclude<TemplatePart, CharsPart>, trims: boolean): string {
  const sign = trims ? "-" : "";
  switch (part.kind) {
    case "output":
      return `{{${sign} ${printExpression(part.expression)}${part.raw ? " | raw" : ""} }}`;
    case "set":
      return `{%${sign} set ${part.name} = ${printExpression(part.value)} %}`;
    case "if": {
      const branches = part.branches.map(({ condition, body }, index) => {
        return `${index === 0 ? `{%${sign} if` : "elif"} ${printExpression(condition)} %}${printBody(body)}`;
      });
      return `${branches.join("")}${printElse(part.otherwise)}endif %}`;
    }
    case "for": {
      const filter = part.condition === null ? "" : ` if ${printExpression(part.condition)}`;
      return `{%${sign} for ${part.name} in ${print(part.list, LEVEL.or)}${filter} %}${printBody(part.body)}${printElse(part.otherwise)}endfor %}`;
    }
  }
}

/** A body and the opening of the tag behind it. */
function printBody(parts: readonly TemplatePart[]): string {
  const text = printParts(parts, protectOpenings);
  return followsBrace(parts.at(-1)) ? `${text} {%- ` : `${text}{% `;
}

function printElse(parts: readonly TemplatePart[]): string {
  return parts.length === 0 ? "" : `else %}${printBody(parts)}`;
}
