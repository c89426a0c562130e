import { describe, expect, test } from "vitest";
import { isMeant, itemId, parseItemId, toActorId } from "./item-id.ts";

describe("the name of an item", () => {
  test("is the same actor however its key is written", () => {
    const id = itemId("build", "src/a b.ts");
    expect(id).toBe("build[src%2Fa%20b.ts]");
    expect([toActorId("build[src/a b.ts]"), toActorId(id)]).toEqual([id, id]);
    expect(parseItemId(id)).toEqual({ step: "build", key: "src/a b.ts" });
  });

  test("stands for nothing else", () => {
    expect(toActorId("build")).toBe("build");
    expect(toActorId("build[50%]")).toBe("build[50%]");
    expect(isMeant("build[a]", itemId("build", "b"))).toBe(false);
  });

  test("of a step means the step and its items", () => {
    expect(["build", "build[a]", "builder", "builder[a]"].map((actor) => isMeant("build", actor))).toEqual([true, true, false, false]);
  });
});
