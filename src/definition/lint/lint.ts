/** Looks at a workflow that compiles with every rule. */
import type { Reporter } from "../reporter.ts";
import type { LintRule, Subject } from "./rule.ts";

/**
 * What a rule finds at a place where an error or warning stands already is left out: it is the same mistake. A comment on the line, or
 * on the one before it, takes a finding back: `# troupe: allow LINT_NO_TIMEOUT`.
 */
export function lint(subject: Subject, reporter: Reporter, rules: readonly LintRule[]): void {
  const told = new Set(reporter.findings.list.map(({ line, column }) => `${line}:${column}`));
  const lines = reporter.source.text.split("\n");
  for (const rule of rules) {
    for (const { at, message, fix, part } of rule.find(subject)) {
      const place =
        "keyStart" in at
          ? reporter.source.place(at.keyStart, at.keyEnd)
          : part === undefined
            ? reporter.placeOf(at)
            : reporter.placeInside(at, part.offset, part.length);
      if (told.has(`${place.line}:${place.column}`) || isAllowed(lines, place.line, rule.code)) continue;
      const remark = { code: rule.code, severity: rule.severity, message, fix: fix ?? rule.fix };
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
