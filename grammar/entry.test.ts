import { expect, test } from "vitest";
import { DefinitionError } from "../src/core/errors.ts";
import { refusal } from "../test/support/refusal.ts";
import { createEntry } from "./entry.ts";
import compiled from "./lang.generated.ts";

test("a grammar that reads a text in two ways is found out", () => {
  const twofold = {
    Lexer: compiled.Lexer,
    ParserRules: [
      ...compiled.ParserRules.filter(({ name }) => name !== "row"),
      { name: "row", symbols: [{ type: "kPath" }] },
      { name: "row", symbols: ["operand"] },
    ],
  };
  const read = createEntry(twofold, "expression");
  expect(refusal(() => read("a"))).toMatchObject({ code: "DEF_AMBIGUOUS", message: "The expression can be read in 2 ways." });
  expect(refusal(() => read("a", { line: 3, column: 4 })).place).toMatchObject({ line: 3, column: 4 });
});

test("an error of a rule's own code passes through", () => {
  const broken = {
    Lexer: compiled.Lexer,
    ParserRules: [{ name: "expression", symbols: [{ type: "kPath" }], postprocess: () => JSON.parse("{") }],
  };
  expect(() => createEntry(broken, "expression")("a")).toThrow(SyntaxError);
  expect(() => createEntry(broken, "expression")("a")).not.toThrow(DefinitionError);
});
