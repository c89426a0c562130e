import { describe, expect, test } from "vitest";
import { createLook } from "./look.ts";
import { renderProblem } from "./problem.ts";

const look = createLook({ columns: 80, hasColour: false });
const SOURCE = "name: x\nsteps:\n  - id: a\n    needs: [linter]\n    run: echo\n";

test("a problem has place, message, code, the lines around it with a caret, and what to do", () => {
  const place = { file: "x.troupe.yaml", line: 4, column: 13, length: 6 };
  expect(
    renderProblem(
      {
        severity: "error",
        code: "DEF_UNKNOWN_STEP",
        message: "Step `a` needs `linter`.",
        place,
        source: SOURCE,
        fix: "Did you mean `lint`?",
      },
      look,
    ),
  ).toEqual([
    "x.troupe.yaml:4:13 error Step `a` needs `linter`. (DEF_UNKNOWN_STEP)",
    "  2 │ steps:",
    "  3 │   - id: a",
    "  4 │     needs: [linter]",
    "    │             ^^^^^^",
    "  fix: Did you mean `lint`?",
  ]);
});

test("without a place there is no frame, and a cause stands before the fix", () => {
  expect(
    renderProblem({ severity: "warning", code: "X", message: "First.\nSecond.", cause: "disk full", fix: "Free space." }, look),
  ).toEqual(["warning First. (X)", "  Second.", "  cause: disk full", "  fix: Free space."]);
});

describe("frames stay readable", () => {
  const frame = (source: string, line: number, column: number, length = 1): string[] =>
    renderProblem(
      { severity: "error", code: "X", message: "m", place: { file: "f", line, column, length }, source },
      createLook({ columns: 40, hasColour: false }),
    ).slice(1);

  test("tabs and wide signs keep the caret below its place", () => {
    expect(frame("\tab: c", 1, 6)).toEqual(["  1 │   ab: c", "    │       ^"]);
    expect(frame("日本: x", 1, 5)).toEqual(["  1 │ 日本: x", "    │       ^"]);
  });

  test("a long line is shown around the place", () => {
    const [shown = "", marks = ""] = frame(`${"a".repeat(100)}WRONG${"b".repeat(100)}`, 1, 101, 5);
    expect(shown.length).toBeLessThanOrEqual(40);
    expect(shown.slice(marks.indexOf("^"), marks.indexOf("^") + 5)).toBe("WRONG");
  });

  test("a place behind the end of the file has none", () => {
    expect(frame("one line", 9, 1)).toEqual([]);
  });

  test("control bytes of a source cannot act", () => {
    expect(frame("a: \u001b[2Jb", 1, 1).join("")).not.toMatch(/\p{Cc}/u);
  });
});
