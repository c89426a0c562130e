/** Takes the whole terminal, draws pictures over each other without flicker, and gives it back as it was, however this process ends. */
import type { Terminal } from "../terminal.ts";

export type Key = "quit" | "up" | "down" | "first" | "last";

export interface FullScreen extends Disposable {
  show(lines: readonly string[]): void;
}

const ESC = "\u001b[";
const ENTER = `${ESC}?1049h${ESC}?25l`;
const LEAVE = `${ESC}?25h${ESC}?1049l`;
/** Terminals that know synchronised updates show a picture at once; the others ignore it. */
const BEGIN = `${ESC}?2026h`;
const END = `${ESC}?2026l`;

const KEYS: Readonly<Record<string, Key>> = {
  q: "quit",
  Q: "quit",
  "\u0003": "quit",
  "\u0004": "quit",
  k: "up",
  j: "down",
  g: "first",
  G: "last",
  [`${ESC}A`]: "up",
  [`${ESC}B`]: "down",
  "\u001bOA": "up",
  "\u001bOB": "down",
  [`${ESC}H`]: "first",
  [`${ESC}F`]: "last",
};
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one.
const KEY = /\u001b(?:\[[0-9;]*[A-Za-z~]|O[A-Za-z])|[\s\S]/g;

export function openFullScreen(
  terminal: Terminal,
  process: Pick<NodeJS.Process, "on" | "off">,
  { pressed, resized }: { readonly pressed: (key: Key) => void; readonly resized: () => void },
): FullScreen {
  const { stdin } = terminal;
  let drawn: readonly string[] | null = null;
  const leave = (): void => terminal.data(LEAVE);
  const onData = (data: Buffer): void => {
    for (const [text] of data.toString("utf8").matchAll(KEY)) {
      const key = KEYS[text];
      if (key !== undefined) pressed(key);
    }
  };
  const resize = terminal.onResize(() => {
    // What stood there has been wrapped or cut by the terminal: nothing of it can be relied on.
    drawn = null;
    resized();
  });
  process.on("exit", leave);
  terminal.data(ENTER);
  if (stdin.isTTY) {
    stdin.setRawMode(true);
    stdin.on("data", onData);
    stdin.resume();
  }
  return {
    show(lines) {
      if (drawn !== null && drawn.length === lines.length && lines.every((line, index) => line === drawn?.[index])) return;
      const clear = drawn === null ? `${ESC}2J` : "";
      terminal.data(`${BEGIN}${clear}${ESC}H${lines.map((line) => `${line}${ESC}K`).join("\r\n")}${ESC}J${END}`);
      drawn = lines;
    },
    [Symbol.dispose]() {
      resize[Symbol.dispose]();
      process.off("exit", leave);
      if (stdin.isTTY) {
        stdin.off("data", onData);
        stdin.setRawMode(false);
        stdin.pause();
      }
      leave();
    },
  };
}
