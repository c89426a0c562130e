import { expect, test } from "vitest";
import { hideSecrets } from "./hide-secrets.ts";

const MASKS = ["long-secret", 'a"b\nc', 'a\\"b\\nc', "12345"];

test("secrets are taken out of texts, names, lists and numbers, and all else stays (S-38)", () => {
  const value = { plain: "x", text: "<long-secret>", "long-secret": 1, list: ['a"b\nc', null, true, 7], number: 12345 };
  expect(hideSecrets(value, MASKS)).toEqual({ plain: "x", text: "<***>", "***": 1, list: ["***", null, true, 7], number: "***" });
});

test("a value without secrets is not copied", () => {
  const value = { plain: ["x"] };
  expect(hideSecrets(value, MASKS)).toBe(value);
  expect(hideSecrets(value, [])).toBe(value);
  expect(hideSecrets(undefined, MASKS)).toBeUndefined();
});
