/** Draws frames over each other at the bottom of a terminal, without flicker, whatever its width becomes. */
import { stripVTControlCharacters } from "node:util";
import { widthOf } from "../render/text.ts";

export interface Screen extends Disposable {
  /** Replaces what was drawn last. */
  show(lines: readonly string[]): void;
  /** Writes lines that stay, above the frame. */
  print(text: string): void;
  /** Removes the frame. */
  clear(): void;
}

const ESC = "\u001b[";
/** Terminals that know synchronised updates show a frame at once; the others ignore it. */
const BEGIN = `${ESC}?2026h`;
const END = `${ESC}?2026l`;

export function createScreen(write: (text: string) => void, columns: () => number): Screen {
  let drawn: readonly string[] = [];
  let isHidden = false;

  /** A narrower terminal has wrapped what stands there, so lines are counted by its width now. */
  const back = (): string => {
    const width = Math.max(1, columns());
    const rows = drawn.reduce((sum, line) => sum + Math.max(1, Math.ceil(widthOf(stripVTControlCharacters(line)) / width)), 0);
    return rows === 0 ? "\r" : `\r${ESC}${rows}A`;
  };
  const frame = (lines: readonly string[]): string => lines.map((line) => `${line}${ESC}K\n`).join("");

  return {
    show(lines) {
      if (lines.length === drawn.length && lines.every((line, index) => line === drawn[index])) return;
      write(`${BEGIN}${isHidden ? "" : `${ESC}?25l`}${back()}${frame(lines)}${ESC}J${END}`);
      isHidden = true;
      drawn = lines;
    },
    print(text) {
      write(`${BEGIN}${back()}${ESC}J${text.endsWith("\n") ? text : `${text}\n`}${frame(drawn)}${END}`);
    },
    clear() {
      if (drawn.length > 0) write(`${back()}${ESC}J`);
      drawn = [];
    },
    [Symbol.dispose]() {
      this.clear();
      if (isHidden) write(`${ESC}?25h`);
      isHidden = false;
    },
  };
}
