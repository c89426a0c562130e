/** Whether a tool is meant for the paths that a step is about. */
import { type PathPattern, parsePathPatterns, patternsOverlap } from "./path-overlap.ts";

/** Languages that a domain may name, as the files that they are written in. */
const LANGUAGES: Readonly<Record<string, string>> = {
  c: "**/*.{c,h}",
  cpp: "**/*.{cc,cpp,cxx,h,hh,hpp}",
  csharp: "**/*.cs",
  css: "**/*.{css,scss,less}",
  go: "**/*.go",
  html: "**/*.{html,htm}",
  java: "**/*.java",
  javascript: "**/*.{js,jsx,mjs,cjs}",
  json: "**/*.json",
  kotlin: "**/*.{kt,kts}",
  markdown: "**/*.{md,mdx}",
  php: "**/*.php",
  python: "**/*.{py,pyi}",
  ruby: "**/*.rb",
  rust: "**/*.rs",
  shell: "**/*.{sh,bash}",
  sql: "**/*.sql",
  swift: "**/*.swift",
  typescript: "**/*.{ts,tsx,mts,cts}",
  yaml: "**/*.{yaml,yml}",
};

/** Null for paths that nobody knows: then every tool may be meant. Characters such as `[` in a glob stand for anything. */
export function isInDomains(domains: readonly string[], paths: readonly string[] | null): boolean {
  if (domains.length === 0 || paths === null || paths.length === 0) return true;
  const globs = domains.flatMap((domain) => parsePathPatterns(Object.hasOwn(LANGUAGES, domain) ? (LANGUAGES[domain] ?? domain) : domain));
  return paths.every((path) =>
    parsePathPatterns(path).every((one) =>
      globs.some((glob) => (isOpen(one) ? patternsOverlap(glob, one) : covers(glob.segments, one.segments))),
    ),
  );
}

/** A path such as `src/**` may mean files of any kind. */
function isOpen({ segments }: PathPattern): boolean {
  return /^\*+$/.test(segments.at(-1) ?? "");
}

/** A glob whose last part names no file covers what lies below. */
function covers(glob: readonly string[], path: readonly string[]): boolean {
  const [first, ...rest] = glob;
  if (first === undefined) return true;
  if (first === "**") return covers(rest, path) || (path.length > 0 && covers(glob, path.slice(1)));
  const [head, ...tail] = path;
  if (head === undefined || !segmentCovers(first, head)) return false;
  return covers(rest, tail);
}

/** `*` and `?` as ever; the position of the last star is all that has to be tried again. */
function segmentCovers(pattern: string, text: string): boolean {
  if (/[[\](){}!+@]/.test(pattern)) return true;
  let [at, part] = [0, 0];
  let star = -1;
  let retry = 0;
  while (at < text.length) {
    if (pattern[part] === "*") {
      star = part++;
      retry = at;
    } else if (pattern[part] === "?" || pattern[part] === text[at]) {
      at++;
      part++;
    } else if (star !== -1) {
      part = star + 1;
      at = ++retry;
    } else return false;
  }
  while (pattern[part] === "*") part++;
  return part === pattern.length;
}
