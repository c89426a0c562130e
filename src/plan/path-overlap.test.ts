import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { pathsOverlap } from "./path-overlap.ts";

describe("pathsOverlap", () => {
  test.each([
    ["src/a.ts", "src/a.ts", "the same file"],
    ["src", "src/deep/a.ts", "a directory covers everything below it"],
    ["src/", "./src//a.ts", "spare slashes and dots mean nothing"],
    ["src/api/**", "src/*/x.ts", "a file fits both globs"],
    ["**/*.ts", "src/a.ts", "any depth"],
    ["**", "x", "everything"],
    [".", "x", "the workspace itself"],
    ["", "x", "an empty path is the workspace"],
    ["src/**/test", "src/test/a", "`**` may stand for no segment"],
    ["src/a*b", "src/*x*", "both stars give way"],
    ["src/?.ts", "src/a.ts", "one character"],
    ["src/\u{1f600}.ts", "src/?.ts", "a character of two code units"],
    ["src/[ab].ts", "src/a.ts", "brackets match anything"],
    ["src/+(a|b).ts", "src/ab.ts", "extended globs match anything"],
    ["src/{a,b}.ts", "src/b.ts", "one of the alternatives"],
    ["{src/{a,b},lib}/x", "src/b", "nested alternatives"],
    ["src/@(x/y|c)", "src/c", "an extended glob across directories could be anything"],
    ["v{1..3}/a", "v2", "a range counts as a star"],
    ["v{1/3}/a", "zzz", "braces across directories could be anything"],
    ["{a", "zzz", "broken braces could be anything"],
    ["{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}", "zzz", "too many alternatives could be anything"],
    ["SRC/A.ts", "src/a.ts", "letter case is no difference on every disk"],
    ["caf\u00e9", "cafe\u0301", "composed and decomposed letters are the same"],
    ["/etc/passwd", "src/a.ts", "an absolute path may lie in the workspace"],
    ["C:/work", "src/a.ts", "a drive is a root too"],
    ["../main/src", "src", "a way out of the workspace may lead back"],
    ["a/../src", "src/x", "a way up is followed"],
    ["a/*/../x", "b", "above a wildcard could be anything"],
    ["src\\*", "lib", "a backslash has two meanings"],
  ])("%s and %s overlap: %s", (left, right) => {
    expect(pathsOverlap(left, right)).toBe(true);
    expect(pathsOverlap(right, left)).toBe(true);
  });

  test.each([
    ["src/a.ts", "src/b.ts"],
    ["src/a", "src/ab"],
    ["src/api/**", "src/web/**"],
    ["src/*.ts", "src/*.js"],
    ["src/a*", "src/b*"],
    ["src/?", "src/ab"],
    ["{a,b}/x", "c/x"],
    ["/etc/a", "/etc/b"],
    ["../a", "../b"],
    ["src/*/x", "src/a/y"],
  ])("%s and %s are apart", (left, right) => {
    expect(pathsOverlap(left, right)).toBe(false);
    expect(pathsOverlap(right, left)).toBe(false);
  });

  test("agrees with trying every short name within one directory", () => {
    const name = fc
      .string({ unit: fc.constantFrom("a", "b", "*", "?"), minLength: 1, maxLength: 5 })
      .filter((text) => !/^\*\*+$/.test(text));
    fc.assert(
      fc.property(name, name, (left, right) => {
        const both = [toMatcher(left), toMatcher(right)];
        expect(pathsOverlap(left, right)).toBe(SHORT_NAMES.some((path) => both.every((covers) => covers(path))));
      }),
      { numRuns: 1_000 },
    );
  });

  test("agrees with trying every short path", () => {
    const segment = fc.constantFrom("a", "b", "ab", "*", "?", "a*", "*b", "**", "?b", "*a*", "a*b");
    const pattern = fc.array(segment, { minLength: 1, maxLength: 3 }).map((segments) => segments.join("/"));
    fc.assert(
      fc.property(pattern, pattern, (left, right) => {
        const both = [toMatcher(left), toMatcher(right)];
        expect(pathsOverlap(left, right)).toBe(PATHS.some((path) => both.every((covers) => covers(path))));
      }),
      { numRuns: 400 },
    );
  });
});

/** Every path of up to six segments: enough for two patterns of three, as one may begin where the other ends. */
const PATHS = [1, 2, 3, 4, 5, 6].flatMap(allPaths);

/** Every name of up to ten letters: enough for two patterns of five, as one's letters may follow the other's. */
const SHORT_NAMES = Array.from({ length: 10 }, (_, length) =>
  Array.from({ length: 2 ** (length + 1) }, (_, bits) =>
    bits
      .toString(2)
      .padStart(length + 1, "0")
      .replaceAll("0", "a")
      .replaceAll("1", "b"),
  ),
).flat();

function allPaths(depth: number): string[] {
  const names = ["a", "b", "ab"];
  return depth === 1 ? names : allPaths(depth - 1).flatMap((path) => names.map((name) => `${path}/${name}`));
}

/** A second reading of the rules: a regular expression over the whole path. */
function toMatcher(pattern: string): (path: string) => boolean {
  const toSource = (segment: string): string =>
    segment === "**" ? "(?:[^/]+/)*" : `${segment.replaceAll("*", "[^/]*").replaceAll("?", "[^/]")}/`;
  const whole = new RegExp(`^${pattern.split("/").map(toSource).join("")}`);
  return (path) => whole.test(`${path}/`);
}
