/** TAP 12 to 14, with subtests as Node (indented, before their parent) and Vitest (in braces, behind it) write them. */
import type { TestCounts } from "../../ports/reports.ts";
import { Tally } from "./tally.ts";
import { Unparsable } from "./unparsable.ts";

const POINT = /^(?<not>not )?ok\b(?:\s+(?<number>\d+))?(?:\s+-)?\s*(?<rest>.*)$/;
const PLAN = /^1\.\.(?<count>\d+)\s*(?:#.*)?$/;
const DIRECTIVE = /(?:^|[^\\])#\s*(?<kind>skip|todo)\S*\b(?<reason>.*)$/i;
const BAIL = /^Bail out!\s*(?<reason>.*)$/i;
const DIAGNOSTIC_MAX = 2_000;

interface Level {
  readonly indent: number;
  points: number;
  /** Points that failed, or held something that failed. */
  failed: number;
  plan: number | null;
}

interface Point {
  readonly name: string;
  readonly isOk: boolean;
  readonly directive: string | null;
  readonly line: number;
  message: string;
  /** Written as `… {`: its subtests follow. */
  readonly isOpen: boolean;
}

/** @throws Unparsable for what ends too early or contradicts its plan */
export function parseTap(source: string): TestCounts {
  const reader = new TapReader();
  for (const [index, line] of source.split(/\r?\n/).entries()) reader.read(line, index + 1);
  return reader.end();
}

class TapReader {
  readonly #tally = new Tally();
  readonly #levels: Level[] = [{ indent: 0, points: 0, failed: 0, plan: null }];
  /** Subtests that have ended and whose parent is the next point. */
  #ended: Level | null = null;
  /** The last point: what follows may explain it. */
  #last: Point | null = null;
  #yamlIndent: number | null = null;
  #hasBailed = false;
  #line = 0;

  read(line: string, number: number): void {
    this.#line = number;
    const text = line.trim();
    if (text === "" || this.#hasBailed) return;
    const indent = line.length - line.trimStart().length;
    if (this.#readYaml(text, indent)) return;
    const bail = BAIL.exec(text);
    if (bail !== null) this.#bail(bail.groups?.reason ?? "");
    else if (text === "}") this.#closeBrace();
    else if (isTap(text)) this.#tap(text, indent);
  }

  #tap(text: string, indent: number): void {
    this.#enter(indent);
    const plan = PLAN.exec(text);
    if (plan !== null) this.#top().plan = Number(plan.groups?.count);
    else this.#point(text);
  }

  #readYaml(text: string, indent: number): boolean {
    if (this.#yamlIndent !== null) {
      if (text === "...") this.#yamlIndent = null;
      else if (this.#last !== null && this.#last.message.length < DIAGNOSTIC_MAX) this.#explain(text);
      return true;
    }
    if (text !== "---" || this.#last === null) return false;
    this.#yamlIndent = indent;
    return true;
  }

  /** Writers call it `error`, `message`, or `error:` with a `message:` below. */
  #explain(text: string): void {
    const said = /^(?:error|message):\s*(?<said>.+)$/.exec(text)?.groups?.said;
    if (this.#last !== null && said !== undefined && !/^[|>]-?$/.test(said)) this.#last.message ||= said.replace(/^(["'])(.*)\1$/, "$2");
  }

  #top(): Level {
    return this.#levels.at(-1) as Level; // The outermost is never taken away.
  }

  /** Goes to the level that a line's indentation says. */
  #enter(indent: number): void {
    if (indent > this.#top().indent) {
      this.#settle();
      this.#levels.push({ indent, points: 0, failed: 0, plan: null });
    }
    while (indent < this.#top().indent && this.#levels.length > 1) this.#leave();
  }

  #leave(): void {
    this.#settle();
    const level = this.#levels.pop() as Level; // Only called while there is one to leave.
    if (level.plan !== null && level.plan !== level.points)
      throw new Unparsable(`a plan says ${level.plan} subtests, and ${level.points} came`, { line: this.#line, column: 1 });
    this.#ended = level;
  }

  #point(text: string): void {
    const groups = POINT.exec(text)?.groups ?? {};
    const rest = groups.rest ?? "";
    const directive = DIRECTIVE.exec(rest)?.groups ?? null;
    this.#settle();
    const name = rest
      .replace(DIRECTIVE, "")
      .replace(/\s*\{$/, "")
      .replace(/\s*# time=\S+$/, "")
      .replaceAll("\\#", "#")
      .trim();
    const point: Point = {
      name: name === "" ? `test ${groups.number ?? this.#top().points + 1}` : name,
      isOk: groups.not === undefined,
      directive: directive?.kind?.toLowerCase() ?? null,
      line: this.#line,
      message: "",
      isOpen: rest.endsWith("{"),
    };
    this.#top().points += 1;
    if (!point.isOk && point.directive === null) this.#top().failed += 1;
    const inside = this.#ended;
    this.#ended = null;
    // A parent only repeats what its subtests said, unless it failed by itself.
    if (inside !== null && inside.points > 0 && (point.isOk || inside.failed > 0)) return;
    this.#last = point;
  }

  /** Counts the last point, once it is clear that nothing more explains it. */
  #settle(): void {
    const point = this.#last;
    this.#last = null;
    if (point === null || point.isOpen) return;
    if (point.directive !== null) this.#tally.skipped();
    else if (point.isOk) this.#tally.passed();
    else this.#tally.failed({ name: point.name, file: null, message: point.message });
  }

  #closeBrace(): void {
    if (this.#levels.length > 1) this.#leave();
    // In braces the parent came before.
    this.#ended = null;
  }

  #bail(reason: string): void {
    this.#settle();
    this.#hasBailed = true;
    this.#tally.error({ name: "Bail out!", file: null, message: reason });
  }

  end(): TestCounts {
    if (this.#yamlIndent !== null) throw new Unparsable("it ends inside a diagnostic", { line: this.#line, column: 1 });
    while (this.#levels.length > 1) this.#leave();
    this.#settle();
    const { plan, points } = this.#top();
    if (this.#hasBailed) return this.#tally.counts();
    if (plan === null) throw new Unparsable("it has no plan, so nobody knows whether it is whole", { line: this.#line, column: 1 });
    if (plan !== points) throw new Unparsable(`its plan says ${plan} tests, and ${points} came`, { line: this.#line, column: 1 });
    return this.#tally.counts();
  }
}

function isTap(text: string): boolean {
  return POINT.test(text) || PLAN.test(text);
}
