import { expect, test } from "vitest";
import { createEventParser } from "./event-source.ts";

const STREAM = 'retry: 1000\n\nid: 1\nevent: run.created\ndata: {"a":1}\n\n: alive\n\nid: 2\ndata: first\ndata: second\n\n';
const FOUND = [
  { id: "1", data: '{"a":1}' },
  { id: "2", data: "first\nsecond" },
];

test("a stream that is cut anywhere has the same messages", () => {
  for (let at = 0; at <= STREAM.length; at++) {
    const parser = createEventParser();
    expect([...parser.push(STREAM.slice(0, at)), ...parser.push(STREAM.slice(at))]).toEqual(FOUND);
  }
});

test("letter by letter, and with other ends of lines, they are the same too", () => {
  for (const text of [STREAM, STREAM.replaceAll("\n", "\r\n")]) {
    const parser = createEventParser();
    expect([...text].flatMap((letter) => parser.push(letter))).toEqual(FOUND);
  }
});

test("a message that was not finished is none", () => {
  expect(createEventParser().push("id: 1\ndata: {")).toEqual([]);
});
