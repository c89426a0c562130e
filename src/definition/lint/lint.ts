/** Looks at a workflow that compiles with every rule. */
import type { Place } from "../../core/place.ts";
import type { Reporter } from "../reporter.ts";
import type { Found, LintRule, Subject } from "./rule.ts";

/** Of one rule; more of the same would only hide the rest. */
const FOUND_MAX = 20;

/**
 * What a rule finds at a place where an error or warning stands already is left out: it is the same mistake. A comment on the line, or
 * on the one before it, takes a finding back: `# troupe: allow LINT_NO_TIMEOUT`.
 */
export function lint(subject: Subject, reporter: Reporter, rules: readonly LintRule[]): void {
  const told = new Set(reporter.findings.list.map(({ line, column }) => `${line}:${column}`));
  const lines = reporter.source.text.split("\n");
  const placeOf = ({ at, part }: Found): Place => {
    if ("keyStart" in at) return reporter.source.place(at.keyStart, at.keyEnd);
    return part === undefined ? reporter.placeOf(at) : reporter.placeInside(at, part.offset, part.length);
  };
  for (const rule of rules) {
    const found = [...rule.find(subject)].filter((one) => {
      const { line, column } = placeOf(one);
      return !told.has(`${line}:${column}`) && !isAllowed(lines, line, rule.code);
    });
    for (const [index, { at, message, fix, part }] of found.slice(0, FOUND_MAX).entries()) {
      const more = index === FOUND_MAX - 1 && found.length > FOUND_MAX ? ` There are ${found.length - FOUND_MAX} more of these.` : "";
      const remark = { code: rule.code, severity: rule.severity, message: message + more, fix: fix ?? rule.fix };
      if ("keyStart" in at) reporter.atKey(at, remark);
      else if (part === undefined) reporter.at(at, remark);
      else reporter.inside(at, part.offset, part.length, remark);
    }
  }
}

function isAllowed(lines: readonly string[], line: number, code: string): boolean {
  const own = /#.*\btroupe: allow ([A-Z_ ,]+)/.exec(lines[line - 1] ?? "");
  const before = /^\s*#.*\btroupe: allow ([A-Z_ ,]+)/.exec(lines[line - 2] ?? "");
  return [own, before].some((found) => found?.[1]?.split(/[ ,]+/).includes(code) === true);
}
