/** Renders text fields and templates. What an expression gives is put in as it is and never read again as a template (S-4). */
import type { Expression, ForPart, IfPart, Position, Template, TemplatePart, Text } from "../../grammar/ast.ts";
import type { Json } from "../core/json.ts";
import { compiled } from "./compile.ts";
import { EXPRESSION_LIMITS, expressionError, Frame, type Limits, type Locals, TEMPLATE_LIMITS } from "./frame.ts";
import type { Scope } from "./scope.ts";
import { aType, charsOf, isList, isMap, isTruthy, toText } from "./values.ts";

/**
 * The value of a text field. A text that is exactly one `{{ … }}` keeps its value's type; otherwise values become text: numbers and
 * booleans as in JSON, none as nothing, lists and maps as compact JSON.
 *
 * @throws DefinitionError as `evaluate`
 */
export function renderText(text: Text, scope: Scope, limits: Limits = EXPRESSION_LIMITS): Json {
  const frame = new Frame(scope, limits);
  const { parts } = text;
  const only = parts[0];
  // a scope holds JSON, and every operator makes JSON of JSON
  if (parts.length === 1 && only?.kind === "output") return compiled(only.expression, "strict")(frame) as Json;
  let rendered = "";
  for (const part of parts) {
    rendered += part.kind === "chars" ? part.text : toText(compiled(part.expression, "strict")(frame), frame, part.at);
    if (rendered.length > limits.textChars) frame.admitText(rendered.length, part.at);
  }
  return rendered;
}

/**
 * The text of a template, with Jinja2's meaning of its tags.
 *
 * @param quote is put around what expressions give, never around what the author wrote
 * @throws DefinitionError as `evaluate`; `EXPR_LIMIT` once the text or the work exceeds `limits`
 */
export function renderTemplate(
  template: Template,
  scope: Scope,
  limits: Limits = TEMPLATE_LIMITS,
  quote: (text: string) => string = asItIs,
): string {
  const frame = new Frame(scope, limits);
  frame.locals = { names: new Map(), outer: null };
  return new Renderer(frame, quote).render(template.parts);
}

function asItIs(text: string): string {
  return text;
}

class Renderer {
  readonly #frame: Frame;
  readonly #quote: (text: string) => string;
  #text = "";

  constructor(frame: Frame, quote: (text: string) => string) {
    this.#frame = frame;
    this.#quote = quote;
  }

  render(parts: readonly TemplatePart[]): string {
    this.#parts(parts);
    return this.#text;
  }

  #parts(parts: readonly TemplatePart[]): void {
    for (const part of parts) {
      this.#frame.spend(1, part.at);
      switch (part.kind) {
        case "chars":
          this.#write(part.text, part.at);
          break;
        case "output":
          this.#write(this.#quote(toText(this.#value(part.expression), this.#frame, part.at)), part.at);
          break;
        case "set":
          // `renderTemplate` begins with locals, and loops only add to them
          (this.#frame.locals as Locals).names.set(part.name, this.#value(part.value));
          break;
        case "if":
          this.#if(part);
          break;
        case "for":
          this.#for(part);
          break;
      }
    }
  }

  #value(expression: Expression): unknown {
    return compiled(expression, "template")(this.#frame);
  }

  #write(text: string, at: Position): void {
    this.#text += text;
    if (this.#text.length > this.#frame.limits.textChars) this.#frame.admitText(this.#text.length, at);
  }

  #if(part: IfPart): void {
    const taken = part.branches.find((branch) => isTruthy(this.#value(branch.condition)));
    this.#parts(taken?.body ?? part.otherwise);
  }

  #for(part: ForPart): void {
    const all = this.#items(part);
    const items = part.condition === null ? all : this.#chosen(all, part, part.condition);
    if (items.length === 0) this.#parts(part.otherwise);
    this.#within((names) => {
      for (let index = 0; index < items.length; index++) {
        this.#frame.spend(ITERATION_FUEL, part.at);
        names.clear();
        names.set(part.name, items[index]);
        names.set("loop", loopOf(items, index));
        this.#parts(part.body);
      }
    });
  }

  /** The items to go through: those of a list, the keys of a map, the characters of a text. */
  #items(part: ForPart): readonly unknown[] {
    const value = this.#value(part.list);
    if (isList(value)) return value;
    if (isMap(value)) return Object.keys(value);
    if (typeof value === "string") return charsOf(value);
    throw expressionError("EXPR_TYPE", part.at, `A loop goes through a list, a map or a text, not ${aType(value)}.`);
  }

  #chosen(items: readonly unknown[], part: ForPart, condition: Expression): readonly unknown[] {
    this.#frame.spend(items.length * ITERATION_FUEL, part.at);
    return this.#within((names) =>
      items.filter((item) => {
        names.set(part.name, item);
        return isTruthy(this.#value(condition));
      }),
    );
  }

  /** Runs with names of its own, which end with it; those around it stay visible. */
  #within<TResult>(run: (names: Map<string, unknown>) => TResult): TResult {
    const outer = this.#frame.locals;
    const names = new Map<string, unknown>();
    this.#frame.locals = { names, outer };
    const result = run(names);
    this.#frame.locals = outer;
    return result;
  }
}

/** What a turn of a loop costs beside its body. */
const ITERATION_FUEL = 8;

/** The name `loop` inside a loop. `previtem` and `nextitem` are missing at the ends. */
function loopOf(items: readonly unknown[], index: number): Readonly<Record<string, unknown>> {
  const { length } = items;
  return {
    index: index + 1,
    index0: index,
    revindex: length - index,
    revindex0: length - index - 1,
    first: index === 0,
    last: index === length - 1,
    length,
    // Jinja2 counts levels of a recursive loop, which the language does not have
    depth: 1,
    depth0: 0,
    previtem: items[index - 1],
    nextitem: items[index + 1],
  };
}
