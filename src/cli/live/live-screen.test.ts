import { expect, test } from "vitest";
import { createScreen } from "./live-screen.ts";

/** Sequences, line ends, and the texts between them. */
const PARTS = /\p{Cc}\[\??\d*[A-Za-z]|\r|\n|\P{Cc}+/gu;

/** As much of a terminal as the screen uses: lines, a cursor, wrapping, and the four sequences. */
function createTerminal(columns: number) {
  let rows: string[] = [""];
  let row = 0;
  let isCursorHidden = false;
  return {
    columns,
    get text() {
      return rows.join("\n");
    },
    get isCursorHidden() {
      return isCursorHidden;
    },
    write(text: string): void {
      for (const [part] of text.matchAll(PARTS)) {
        if (part === "\n") {
          row += 1;
          rows[row] ??= "";
        } else if (part === "\r") rows[row] = rows[row] ?? "";
        else if (part.endsWith("A") && part.startsWith("\u001b")) row = Math.max(0, row - Number(part.slice(2, -1)));
        else if (part === "\u001b[K") continue;
        else if (part === "\u001b[J") rows = [...rows.slice(0, row), ""];
        else if (part === "\u001b[?25l") isCursorHidden = true;
        else if (part === "\u001b[?25h") isCursorHidden = false;
        else if (!part.startsWith("\u001b")) rows[row] = part;
      }
    },
  };
}

test("a frame replaces the one before, and lines that stay stand above it", () => {
  const terminal = createTerminal(40);
  const screen = createScreen(
    (text) => terminal.write(text),
    () => terminal.columns,
  );
  screen.show(["one", "two", "three"]);
  screen.show(["one", "2"]);
  expect(terminal.text).toBe("one\n2\n");
  expect(terminal.isCursorHidden).toBe(true);
  screen.print("stays");
  expect(terminal.text).toBe("stays\none\n2\n");
  screen[Symbol.dispose]();
  expect(terminal.text).toBe("stays\n");
  expect(terminal.isCursorHidden).toBe(false);
});

test("an equal frame writes nothing, so that nothing flickers", () => {
  const written: string[] = [];
  const screen = createScreen(
    (text) => void written.push(text),
    () => 80,
  );
  screen.show(["same"]);
  screen.show(["same"]);
  expect(written).toHaveLength(1);
});

test("a terminal that became narrower has wrapped the frame, and all of its rows are taken back", () => {
  let columns = 40;
  const written: string[] = [];
  const screen = createScreen(
    (text) => void written.push(text),
    () => columns,
  );
  screen.show(["x".repeat(39), "\u001b[32mshort\u001b[39m"]);
  columns = 20;
  screen.show(["y"]);
  expect(written[1]).toContain("\u001b[3A");
});
