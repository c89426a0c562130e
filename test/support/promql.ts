/** Reads the names out of a PromQL expression: enough to know which series and labels it asks for, and to notice what it does not understand. */

export interface Selection {
  readonly series: string;
  readonly labels: readonly string[];
}

export interface QueryNames {
  readonly selections: readonly Selection[];
  /** Labels of `by`, `without`, `on` and `ignoring`. */
  readonly grouping: readonly string[];
}

const FUNCTIONS: ReadonlySet<string> = new Set(["rate", "increase", "histogram_quantile", "label_values"]);
const AGGREGATIONS: ReadonlySet<string> = new Set(["sum", "max", "min", "avg", "count", "topk"]);
const GROUPINGS: ReadonlySet<string> = new Set(["by", "without", "on", "ignoring"]);
const OPERATORS: ReadonlySet<string> = new Set(["and", "or", "unless"]);

const TOKEN = /\s*(?:([a-zA-Z_:][a-zA-Z0-9_:]*)|("(?:[^"\\]|\\.)*")|(\[[0-9a-z$_]+\])|(\d+(?:\.\d+)?)|(=~|!~|!=|>=|<=|==|[-+*/(){},=<>]))/y;

/** @throws Error on what this reader does not know. */
export function readQuery(expression: string): QueryNames {
  const tokens = tokensOf(expression);
  const selections: Selection[] = [];
  const grouping: string[] = [];
  let position = 0;
  const inside = (close: string): string[] => {
    const from = position;
    while (position < tokens.length && tokens[position] !== close) position += 1;
    return tokens.slice(from, position++);
  };
  while (position < tokens.length) {
    const word = tokens[position++] ?? "";
    if (!/^[a-zA-Z_:]/.test(word) || OPERATORS.has(word)) continue;
    const next = tokens[position];
    if (GROUPINGS.has(word)) {
      position += 1;
      grouping.push(...inside(")").filter((token) => token !== ","));
    } else if (AGGREGATIONS.has(word) && (next === "(" || GROUPINGS.has(next ?? ""))) {
    } else if (next === "(") {
      if (!FUNCTIONS.has(word)) throw new Error(`${word} is no function known here: ${expression}`);
    } else {
      if (next === "{") position += 1;
      const matchers = next === "{" ? inside("}") : [];
      selections.push({ series: word, labels: matchers.filter((_token, index) => index % 4 === 0) });
    }
  }
  return { selections, grouping };
}

function tokensOf(expression: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  const end = expression.trimEnd().length;
  while (TOKEN.lastIndex < end) {
    const from = TOKEN.lastIndex;
    const match = TOKEN.exec(expression);
    if (match === null) throw new Error(`This cannot be read from ${from} on: ${expression}`);
    tokens.push(match.slice(1).find((part) => part !== undefined) ?? "");
  }
  return tokens;
}
