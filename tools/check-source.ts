/**
 * Constructs that no linter rule covers and that must never appear: code made from text and in-process sandboxes (S-2), tests switched
 * off or waiting on a clock, machine paths, unfinished work. Comments and texts count too.
 */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

interface SourceRule {
  readonly name: string;
  readonly pattern: RegExp;
  readonly applies: (file: string) => boolean;
}

export interface SourceProblem {
  readonly rule: string;
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

const isTest = (file: string) => /\.(test|suite)\.ts$/.test(file) || file.startsWith("test/");
const isProduct = (file: string) => /^(src|actors|grammar|observability|web)\//.test(file) && !isTest(file);
const isScript = (file: string) => /\.(ts|tsx|mjs|js)$/.test(file);
const all = () => true;

export const rules: readonly SourceRule[] = [
  { name: "eval", pattern: /(?<![\w.$])eval\s*\(/, applies: isProduct },
  { name: "new Function", pattern: /(?<![\w.$])(new\s+)?Function\s*\(|\.constructor\s*\(/, applies: isProduct },
  { name: "node:vm", pattern: /["'`](node:)?vm["'`]/, applies: isScript },
  {
    name: "sandbox package",
    pattern: /["'`](vm2|isolated-vm|safe-eval|expr-eval|jexl|@nyariv\/sandboxjs|nunjucks)["'`/]/,
    applies: isProduct,
  },
  { name: "skipped test", pattern: /\b(test|it|describe)\.(only|skip|todo|fails)\b|\bx(it|describe|test)\(/, applies: isTest },
  { name: "retried test", pattern: /\b(test|it|describe)\(.*\{[^}]*\bretry:/, applies: isTest },
  {
    name: "sleep in a test",
    pattern: /\bsetTimeout\(\s*(resolve|done|r)\b|\bsleep\(|timers\/promises/,
    applies: (file) => isTest(file) && !file.startsWith("test/support/"),
  },
  { name: "unfinished work", pattern: /\b(TODO|FIXME|XXX|HACK)\b/, applies: all },
  {
    name: "machine path",
    pattern: /(^|[\s"'`(=:])\/(work|root|home\/\w+|Users\/\w+)\//,
    applies: all,
  },
  { name: "test that says should", pattern: /\b(test|it)\(\s*["'`](should|works)\b/i, applies: isTest },
];

/** Files of the repository that people write. Left out: generated files, recorded journals, planted violations, and this file, which spells what it forbids. */
export const SOURCE_GLOBS = [
  "{src,actors,grammar,observability,web,examples,test,tools,bench,docs}/**/*.{ts,tsx,mjs,js,json,yaml,yml,md,sh,ne,css,html,sql}",
  "*.{ts,md,json,yml}",
];
/** Fewer files than this means that the gate looked in the wrong place. */
export const SOURCE_FLOOR = 200;

export function checkSource(root: string): { problems: SourceProblem[]; files: number } {
  const files = globSync(SOURCE_GLOBS, {
    cwd: root,
    exclude: ["**/node_modules/**", "test/canary/**", "test/golden/**", "test/fixtures/**", "package-lock.json", "tools/check-source.ts"],
  })
    .map((file) => file.replaceAll("\\", "/"))
    .filter((file) => !file.includes(".generated."))
    .sort();
  const problems = files.flatMap((file) => {
    const active = rules.filter((rule) => rule.applies(file));
    const lines = readFileSync(join(root, file), "utf8").split("\n");
    return lines.flatMap((text, index) =>
      active.filter((rule) => rule.pattern.test(text)).map((rule) => ({ rule: rule.name, file, line: index + 1, text: text.trim() })),
    );
  });
  return { problems, files: files.length };
}

if (import.meta.main) {
  const { problems, files } = checkSource(process.cwd());
  for (const { file, line, rule, text } of problems) process.stdout.write(`${file}:${line}: ${rule}: ${text}\n`);
  process.stdout.write(`${files} files, ${problems.length} problems\n`);
  process.exitCode = problems.length > 0 || files < SOURCE_FLOOR ? 1 : 0;
}
