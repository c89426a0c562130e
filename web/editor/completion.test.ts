import fc from "fast-check";
import { describe, expect, test } from "vitest";
import workflowSchema from "../../schema/workflow.v1.schema.json" with { type: "json" };
import type { JsonObject } from "../api/json.ts";
import { wordsAt } from "./schema-words.ts";
import { placeInYaml } from "./yaml-place.ts";

const schema = workflowSchema as unknown as JsonObject; // It is JSON.

/** `|` stands for the cursor. */
function at(text: string) {
  const position = text.indexOf("|");
  return placeInYaml(text.slice(0, position) + text.slice(position + 1), position);
}
const words = (text: string) => {
  const place = at(text);
  return place === null ? null : wordsAt(schema, place).map((word) => word.text);
};

describe("the place in a document", () => {
  test.each([
    ["na|", [], "key", "na"],
    ["name: x\nsteps:\n  - id: a\n    r|", ["steps", 0], "key", "r"],
    ["steps:\n  - id: a\n  - id: b\n    type: |", ["steps", 1, "type"], "value", ""],
    ["steps:\n- id: a\n  retry:\n    max: 1\n    st|", ["steps", 0, "retry"], "key", "st"],
    ["steps:\n- |", ["steps", 0], "key", ""],
    ["steps:\n  - { id: a, r|", ["steps", 0], "key", "r"],
    ["steps:\n  - { id: a, type: sh| }", ["steps", 0, "type"], "value", "sh"],
    ["steps:\n  - { id: a, retry: { max: 1, | } }", ["steps", 0, "retry"], "key", ""],
    ["steps:\n  - { id: a, needs: [b, c|] }", ["steps", 0, "needs", 1], "value", "c"],
    ["steps:\n  - id: a\n    env: { A: '{' }\n    re|", ["steps", 0], "key", "re"],
    ["steps:\n  - id: a\n    run: |\n\nna", null, null, null],
    ["steps:\n  - id: a\n    run: echo {{ input.x }}\n    t|", ["steps", 0], "key", "t"],
    ["steps:\n  - id: a\n\n    # why\n    t|", ["steps", 0], "key", "t"],
  ])("%j", (text, path, kind, typed) => {
    const place = at(text);
    if (path === null) return expect(place?.path).toEqual(["steps", 0, "run"]); // The bar itself was the cursor.
    expect(place).toMatchObject({ path, kind, typed });
  });

  test("is none in a text of several lines, or in a comment", () => {
    expect(placeInYaml("steps:\n  - id: a\n    run: |\n      na", 34)).toBeNull();
    expect(at("name: x # co|")).toBeNull();
  });

  test("knows the keys that stand beside, before and behind", () => {
    expect(at("name: x\n|\nsteps: []")?.around).toEqual([{ name: "x", steps: "[]" }]);
    expect(at("steps:\n  - id: a\n    |\n    run: ls\n  - id: b\n    check: y")?.around.at(-1)).toEqual({ id: "a", run: "ls" });
    expect(at("steps:\n  - { id: a, |, run: ls }")?.around.at(-1)).toEqual({ id: "a", run: "ls" });
  });

  test("is told of any text at any position, whatever it is", () => {
    const piece = fc.constantFrom("a", ":", " ", "\n", "- ", "{", "}", "[", "]", ",", '"', "'", "|", "#", "  ", "key: ", "{{ x }}");
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), fc.nat(), (pieces, seed) => {
        const text = pieces.join("");
        const position = seed % (text.length + 1);
        const place = placeInYaml(text, position);
        if (place !== null) expect(text.slice(place.from, position)).toBe(place.typed);
      }),
    );
  });

  test("is found in ten thousand lines", () => {
    const text = `steps:\n${"  - { id: a, run: ls }\n".repeat(10_000)}`;
    expect(placeInYaml(`${text}  - id: b\n    ty`, text.length + 16)?.path).toEqual(["steps", 10_000]);
  });
});

describe("words of the schema", () => {
  test("are the document's keys but for those that are there", () => {
    expect(words("name: x\n|")).toEqual(expect.arrayContaining(["title", "steps", "input", "defaults"]));
    expect(words("name: x\n|")).not.toContain("name");
  });

  test("are those of the step's type once it is known", () => {
    expect(words("steps:\n  - id: a\n    type: approval\n    |")).toEqual(expect.arrayContaining(["prompt", "who", "expires", "fields"]));
    expect(words("steps:\n  - id: a\n    type: approval\n    |")).not.toContain("cases");
    expect(words("steps:\n  - id: a\n    run: ls\n    |")).toEqual(expect.arrayContaining(["timeout", "retry", "env"]));
    expect(words("steps:\n  - id: a\n    run: ls\n    |")).not.toContain("prompt");
    expect(words("steps:\n  - id: a\n    |")).toEqual(expect.arrayContaining(["run", "prompt", "check", "call", "type"]));
  });

  test("are values where there is a list of them", () => {
    expect(words("steps:\n  - id: a\n    type: |")).toEqual(expect.arrayContaining(["shell", "approval", "wait"]));
    expect(words("steps:\n  - { id: a, run: ls, retry: { strategy: | } }")).toEqual(["fixed", "linear", "exponential"]);
    expect(words("steps:\n  - id: a\n    run: ls\n    side_effect: |")).toEqual(expect.arrayContaining(["none", "repeatable", "once"]));
    expect(words("steps:\n  - id: a\n    run: ls\n    optional: |")).toEqual(["true", "false"]);
    expect(words("steps:\n  - id: a\n    run: ls\n    retry:\n      on:\n        - |")).toEqual(
      expect.arrayContaining(["transient", "timeout"]),
    );
    expect(words("steps:\n  - { id: a, run: ls, retry: { on: [transient, |] } }")).toContain("timeout");
  });

  test("go inside what is nested", () => {
    expect(words("steps:\n  - id: a\n    run: ls\n    retry:\n      |")).toEqual(expect.arrayContaining(["max", "base", "on_exhausted"]));
    expect(words("steps:\n  - id: a\n    type: approval\n    expires:\n      after: 1h\n      |")).toEqual(
      expect.arrayContaining(["then", "to"]),
    );
    expect(words("use:\n  retry:\n    network:\n      |")).toEqual(expect.arrayContaining(["max", "base"]));
  });

  test("are none where the schema knows nothing", () => {
    expect(words("labels:\n  team: |")).toEqual([]);
    expect(words("stranger:\n  |")).toEqual([]);
  });
});
