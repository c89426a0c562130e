import { expect, test } from "vitest";
import { parseConflicts } from "./merge-tree.ts";

const stage = (path: string): string => `100644 ${"0".repeat(40)} 1\t${path}`;

test("files of a conflict have the kinds that git tells, and are in order", () => {
  const members = [
    ...[stage("b"), stage("b"), stage("a"), stage("Ã¼")],
    "",
    ...["1", "b", "Auto-merging", "Auto-merging b\n"],
    ...["1", "b", "CONFLICT (contents)", "CONFLICT (content): Merge conflict in b\n"],
    ...["2", "a", "c", "CONFLICT (rename/delete)", "CONFLICT (rename/delete): c renamed to a\n"],
    ...["1", "d", "CONFLICT (submodule)", "words that git may change"],
  ];
  expect(parseConflicts(members)).toEqual([
    { path: "a", kinds: ["rename/delete"] },
    { path: "b", kinds: ["content"] },
    { path: "d", kinds: ["submodule"] },
    { path: "ü", kinds: ["content"] },
  ]);
});

test("stages without messages are conflicts all the same", () => {
  expect(parseConflicts([stage("a")])).toEqual([{ path: "a", kinds: ["content"] }]);
});
