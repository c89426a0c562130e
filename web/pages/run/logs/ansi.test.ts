import fc from "fast-check";
import { expect, test } from "vitest";
import { PLAIN, parseLine } from "./ansi.ts";

const ESC = "\u001b";
const textOf = (line: string) =>
  parseLine(line, PLAIN)
    .spans.map(({ text }) => text)
    .join("");
const first = (line: string) => parseLine(line, PLAIN).spans[0]?.style;

test("colours and weights become styles, and what they end with is carried to the next line", () => {
  const { spans, after } = parseLine(`a${ESC}[1;31mred${ESC}[22m thin`, PLAIN);
  expect(spans).toEqual([
    { text: "a", style: PLAIN },
    { text: "red", style: { ...PLAIN, isBold: true, colour: 1 } },
    { text: " thin", style: { ...PLAIN, colour: 1 } },
  ]);
  expect(parseLine("next", after).spans[0]?.style.colour).toBe(1);
  expect(parseLine(`${ESC}[m`, after).after).toEqual(PLAIN);
});

test.each([
  ["38;5;9", { colour: 9 }],
  ["38;5;208", { colour: 11 }],
  ["38;2;200;30;30", { colour: 1 }],
  ["38;2;90;90;90", { colour: 8 }],
  ["48;5;22", { ground: 2 }],
  ["97;44", { colour: 15, ground: 4 }],
  ["4;7", { isUnderlined: true, isInverse: true }],
])("the parameters %s mean %j", (parameters, style) => {
  expect(first(`${ESC}[${parameters}mx`)).toEqual({ ...PLAIN, ...style });
});

test.each([
  ["a link", `${ESC}]8;;javascript:alert(1)\u0007click${ESC}]8;;\u0007`, "click"],
  ["a link that ends otherwise", `${ESC}]8;;https://evil.test${ESC}\\click${ESC}]8;;${ESC}\\`, "click"],
  ["the clipboard", `${ESC}]52;c;aGVsbG8=\u0007after`, "after"],
  ["a title that never ends", `before${ESC}]0;title`, "before"],
  ["a bell", "ding\u0007dong", "dingdong"],
  ["a device string", `${ESC}Pq#0;2;0;0;0${ESC}\\after`, "after"],
  ["moves of the cursor", `${ESC}[2J${ESC}[1;1Hhome${ESC}[K`, "home"],
  ["the short forms of C1", "\u009b31mred\u009d52;c;eA==\u009cafter", "redafter"],
  ["a sequence that is cut off", `text${ESC}[`, "text"],
  ["an escape at the end", `text${ESC}`, "text"],
])("%s leaves nothing but its text", (_, line, text) => {
  expect(textOf(line)).toBe(text);
});

test("markup is text as any other", () => {
  expect(textOf('<img src=x onerror="alert(1)">')).toBe('<img src=x onerror="alert(1)">');
});

test("what follows a return of the carriage takes the place of the line", () => {
  expect(textOf("10%\r50%\r100%")).toBe("100%");
  expect(textOf("windows\r")).toBe("windows");
});

test("S-39: whatever is printed, no control byte is left, and nothing is added", () => {
  const piece = fc.oneof(fc.string(), fc.constantFrom(ESC, `${ESC}[`, `${ESC}]`, "\u0007", "\u009b", "38;5;", "m", "\r", `${ESC}\\`));
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
      const line = pieces.join("");
      const text = textOf(line);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
      expect(text).not.toMatch(/[\x00-\x08\x0a-\x1f\x7f-\x9f]/);
      expect(text.length).toBeLessThanOrEqual(line.length);
    }),
  );
});
