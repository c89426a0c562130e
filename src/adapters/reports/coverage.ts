/** Covered lines, from Istanbul's summary, Cobertura or LCOV. */
import { type Members, membersOf, parseJson } from "./json-report.ts";
import { Unparsable } from "./unparsable.ts";
import { type Element, walkXml } from "./xml.ts";

export interface CoveredLines {
  readonly covered: number;
  readonly total: number;
}

/** @throws Unparsable, also for a report that speaks of no lines */
export function parseCoverage(source: string): CoveredLines {
  const start = source.trimStart();
  const lines = start.startsWith("<") ? parseCobertura(source) : start.startsWith("{") ? parseIstanbul(source) : parseLcov(source);
  if (lines.total === 0) throw new Unparsable("it speaks of no lines");
  if (!(lines.covered >= 0 && lines.covered <= lines.total))
    throw new Unparsable(`it speaks of ${lines.covered} covered lines among ${lines.total}`);
  return lines;
}

function parseIstanbul(source: string): CoveredLines {
  const lines = membersOf(membersOf(membersOf(parseJson(source)).total).lines);
  return { covered: numberAt(lines, "covered"), total: numberAt(lines, "total") };
}

function numberAt(members: Members, name: string): number {
  const value = members[name];
  if (typeof value !== "number" || !Number.isFinite(value)) throw new Unparsable(`its \`total.lines.${name}\` is no number`);
  return value;
}

/** Its own sums where it has them, otherwise the lines of its classes. */
function parseCobertura(source: string): CoveredLines {
  let claimed: CoveredLines | null = null;
  let [covered, total] = [0, 0];
  const open = (element: Element, path: readonly string[]): void => {
    if (path.length === 0) {
      if (element.name !== "coverage") throw new Unparsable(`its root is \`${element.name}\`, not \`coverage\``, { line: 1, column: 1 });
      const [hit, valid] = [element.attribute("lines-covered"), element.attribute("lines-valid")];
      if (hit !== null && valid !== null) claimed = { covered: toCount(hit), total: toCount(valid) };
    } else if (element.name === "line" && path.at(-2) === "class") {
      total += 1;
      if (toCount(element.attribute("hits") ?? "0") > 0) covered += 1;
    }
  };
  walkXml(source, { open, close: () => {}, text: () => {}, doctype: "external" });
  return claimed ?? { covered, total };
}

function toCount(text: string): number {
  if (!/^\d+$/.test(text)) throw new Unparsable(`it has \`${text.slice(0, 40)}\` where a number of lines belongs`);
  return Number(text);
}

function parseLcov(source: string): CoveredLines {
  let [covered, total] = [0, 0];
  let isOpen = false;
  const lines = source.split(/\r?\n/);
  for (const [index, line] of lines.entries()) {
    if (line === "end_of_record") isOpen = false;
    else if (/^[A-Z]+:/.test(line)) {
      if (line.startsWith("SF:")) isOpen = true;
      const count = /^DA:\d+,(-?\d+)/.exec(line)?.[1];
      if (count === undefined) continue;
      total += 1;
      if (Number(count) > 0) covered += 1;
    } else if (line !== "" && !line.startsWith("#"))
      throw new Unparsable("this line is neither LCOV nor any other coverage report", { line: index + 1, column: 1 });
  }
  if (isOpen) throw new Unparsable("it ends inside a record", { line: lines.length, column: 1 });
  return { covered, total };
}
