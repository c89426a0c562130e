import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compilePattern } from "../../grammar/pattern.ts";
import { hasMatch } from "./match.ts";
import { matchesPattern } from "./matches-pattern.ts";

function matches(pattern: string, text: string, spend: (amount: number) => void = () => {}): boolean {
  const program = compilePattern(pattern);
  if (typeof program === "string") throw new Error(program);
  return hasMatch(program, text, spend);
}

describe("patterns", () => {
  test.each([
    ["b", "abc", true],
    ["^b", "abc", false],
    ["c$", "abc", true],
    ["^$", "", true],
    ["", "anything", true],
    ["^a.c$", "a\nc", false],
    ["(?s)^a.c$", "a\nc", true],
    ["^b$", "a\nb\nc", false],
    ["(?m)^b$", "a\nb\nc", true],
    ["(?i)^STRASSE é$", "strasse É", true],
    ["(?i)[^a]", "A", false],
    ["(?i)[^a]", "b", true],
    ["(?im)^[x-z]$", "1\nY", true],
    ["^(ab|cd)+$", "abcdab", true],
    ["^(?:ab|cd|)$", "", true],
    ["^a{3}$", "aaa", true],
    ["^a{2,}$", "a", false],
    ["^a{2,3}$", "aaaa", false],
    ["^a{0,1}b$", "b", true],
    ["^a{,3}$", "a{,3}", true],
    ["^x{$", "x{", true],
    ["^(a+)+$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", false],
    ["^a+?b*?c??$", "aab", true],
    ["^[]$", "a", false],
    ["^[^]$", "\n", true],
    ["^[a\\]b-]+$", "a]-b", true],
    ["^[\\d\\-x]+$", "1-x", true],
    ["^[\\W\\S]$", "_", true],
    ["^[^\\d]$", "5", false],
    ["^[\\b]$", "\b", true],
    ["^\\d\\D\\w\\W\\s\\S$", "1a_- x", true],
    ["\\bfoo\\b", "a foo b", true],
    ["\\bfoo\\b", "afoob", false],
    ["\\Boo", "foo", true],
    ["^\\x41\\u0042\\u{1F600}\\n\\t\\r\\f\\v\\0\\.\\/$", "AB😀\n\t\r\f\v\0./", true],
    ["^.$", "😀", true],
    ["^[😀-😂]$", "😁", true],
    ["^\\s$", "\u00a0", true],
  ])("%j on %j gives %j", (pattern, text, expected) => {
    expect(matches(pattern, text)).toBe(expected);
  });

  test.each([
    ["(a", "a `(` has no `)`"],
    ["a)", "a `)` has no `(`"],
    ["[a", "a `[` has no `]`"],
    ["*a", "nothing before `*`"],
    ["a**", "a repetition is repeated"],
    ["a{3,2}", "upside down"],
    ["a{2000}", "repeats more than 1000 times"],
    ["a{1,2000}", "repeats more than 1000 times"],
    ["(a{1000}){1000}", "too large"],
    ["[z-a]", "upside down"],
    ["[a-\\d]", "ends in a class"],
    ["[\\w-z]", "ends in a class"],
    ["a\\", "ends too early"],
    ["[a\\", "ends too early"],
    ["(a)\\1", "back-references are not supported"],
    ["\\p{L}", "`\\p` is not supported"],
    ["\\x4", "needs the number of a character"],
    ["\\u{110000}", "no such character"],
    ["(?=a)", "look-around"],
    ["(?<name>a)", "look-around, named groups"],
    ["a(?i)b", "flags inside the pattern"],
    ["(".repeat(51) + ")".repeat(51), "nested more than 50 deep"],
    ["a".repeat(1_001), "longer than 1000 characters"],
  ])("%j is refused", (pattern, problem) => {
    expect(compilePattern(pattern)).toContain(problem);
  });

  test("a fault of ours is not taken for a problem of the pattern", () => {
    expect(() => compilePattern({ length: 1 } as never)).toThrow(TypeError);
  });

  test("a pattern on its own: one that does not compile is found nowhere, and only the beginning of a text counts", () => {
    expect(matchesPattern("^a+$", "aaa")).toBe(true);
    expect(matchesPattern("(a", "(a")).toBe(false);
    expect(matchesPattern("b", `${"a".repeat(70_000)}b`)).toBe(false);
  });

  test("agrees with the platform's regular expressions on everything both know", () => {
    const atom = fc.constantFrom("a", "b", "c", ".", "[ab]", "[^a]", "[a-c]", "\\d", "\\w", "\\s", "\\b", "\\B", "^", "$", "\\W", "😀");
    const { pattern } = fc.letrec<{ pattern: string }>((tie) => ({
      pattern: fc.oneof(
        { maxDepth: 4 },
        atom,
        fc.tuple(tie("pattern"), tie("pattern")).map(([left, right]) => left + right),
        fc.tuple(tie("pattern"), tie("pattern")).map(([left, right]) => `(?:${left}|${right})`),
        fc
          .tuple(tie("pattern"), fc.constantFrom("*", "+", "?", "{2}", "{1,}", "{0,2}", "*?"))
          .map(([item, times]) => `(?:${item})${times}`),
      ),
    }));
    const text = fc.array(fc.constantFrom("a", "b", "c", "1", "_", " ", "\n", "😀", "-"), { maxLength: 8 }).map((chars) => chars.join(""));
    fc.assert(
      fc.property(pattern, text, fc.boolean(), (source, subject, isMultiline) => {
        const flags = isMultiline ? "(?m)" : "";
        // the platform also tries `\\B` in the middle of a character beyond the basic plane
        const plain = source.includes("\\B") ? subject.replaceAll("😀", "") : subject;
        expect(matches(flags + source, plain)).toBe(new RegExp(source, isMultiline ? "um" : "u").test(plain));
      }),
      { numRuns: 3_000 },
    );
  });

  test.each(["^(a+)+$", "^(a|a)*$", "^(a|aa)+$", "(.*)*x", "^(([a-z])+.)+[A-Z]([a-z])+$", "^(a?){50}a{50}$"])(
    "work on %s grows with the text, not faster",
    (pattern) => {
      const work = (length: number): number => {
        let spent = 0;
        matches(pattern, `${"a".repeat(length)}!`, (amount) => {
          spent += amount;
        });
        return spent;
      };
      expect(work(4_000)).toBeLessThan(work(1_000) * 4.5);
    },
  );
});
