import { expect, test } from "vitest";
import type { Expression } from "../../grammar/ast.ts";
import { TreeCache } from "./tree-cache.ts";

test("a tree in use is kept through any number of others, one that is not goes", () => {
  const cache = new TreeCache();
  const tree = (value: number): Expression => ({ kind: "literal", at: { offset: 0, line: 1, column: 1 }, value });
  const [used, unused] = [tree(0), tree(1)];
  cache.set(used, () => "used");
  cache.set(unused, () => "unused");
  for (let index = 0; index < 20_000; index++) {
    cache.set(tree(index), () => index);
    expect(cache.get(used)).toBeDefined();
  }
  expect(cache.get(unused)).toBeUndefined();
});
