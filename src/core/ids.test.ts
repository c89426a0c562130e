import { expect, test } from "vitest";
import { isBlobRef } from "./blob.ts";
import { IDENTIFIER_MAX, isIdentifier, isRunId } from "./ids.ts";
import { formatPlace } from "./place.ts";

test("an identifier starts with a letter or underscore and is bounded", () => {
  expect(["a", "_", "Step_1", "x".repeat(IDENTIFIER_MAX)].every(isIdentifier)).toBe(true);
  expect(["", "1a", "a-b", "a.b", "é", "a\n", "x".repeat(IDENTIFIER_MAX + 1)].some(isIdentifier)).toBe(false);
});

test("a run id is `run_` and 32 lower-case hexadecimal digits", () => {
  const id = `run_${"0a".repeat(16)}`;
  expect(isRunId(id)).toBe(true);
  expect([id.toUpperCase(), `${id}0`, id.slice(4), `${id}\n`].some(isRunId)).toBe(false);
});

test("only an object of exactly the two members is a blob reference", () => {
  const digest = "0f".repeat(32);
  expect(isBlobRef({ $blob: digest, bytes: 70_000 })).toBe(true);
  const others = [
    { $blob: digest },
    { $blob: digest, bytes: "1" },
    { $blob: "0f", bytes: 1 },
    { $blob: digest, bytes: 1, more: 1 },
    { $blob: 1, bytes: 1 },
    [digest],
    null,
    digest,
  ];
  expect(others.some(isBlobRef)).toBe(false);
});

test("a place reads file:line:column", () => {
  expect(formatPlace({ file: "a.troupe.yaml", line: 3, column: 7, length: 2 })).toBe("a.troupe.yaml:3:7");
});
