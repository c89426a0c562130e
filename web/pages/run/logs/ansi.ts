/**
 * Reads what a program printed for a terminal. Colours and weights become names of styles; everything else that a terminal would obey —
 * links, the clipboard, titles, bells, moves of the cursor — is left out, so that a log can only ever be text (S-39).
 */
export interface AnsiStyle {
  /** 0 to 15: the terminal's colours. Of finer ones the nearest, so that they can be read on light and on dark. */
  readonly colour: number | null;
  readonly ground: number | null;
  readonly isBold: boolean;
  readonly isDim: boolean;
  readonly isItalic: boolean;
  readonly isUnderlined: boolean;
  readonly isInverse: boolean;
}

export interface AnsiSpan {
  readonly text: string;
  readonly style: AnsiStyle;
}

export const PLAIN: AnsiStyle = {
  colour: null,
  ground: null,
  isBold: false,
  isDim: false,
  isItalic: false,
  isUnderlined: false,
  isInverse: false,
};

// An OSC, DCS, APC, PM or SOS with its text, also one that never ends; a CSI; any other escape; what is left of the control bytes.
const CONTROL =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?|(?:\x1b\[|\x9b)([0-?]*)[ -/]*([@-~])?|\x1b[ -/]*[0-~]?|[\x00-\x08\x0a-\x1f\x7f-\x9f]/g;

/** Parts of one line, and the style in which the next one begins. */
export function parseLine(line: string, before: AnsiStyle): { readonly spans: readonly AnsiSpan[]; readonly after: AnsiStyle } {
  const spans: AnsiSpan[] = [];
  let style = before;
  let end = 0;
  // What is printed after a return of the carriage lies over what was there.
  const text = line.replace(/\r+$/, "");
  const shown = text.slice(text.lastIndexOf("\r") + 1);
  for (const found of shown.matchAll(CONTROL)) {
    if (found.index > end) spans.push({ text: shown.slice(end, found.index), style });
    if (found[2] === "m") style = styled(style, found[1] ?? "");
    end = found.index + found[0].length;
  }
  if (end < shown.length) spans.push({ text: shown.slice(end), style });
  return { spans, after: style };
}

const SWITCHES: Readonly<Record<number, Partial<AnsiStyle>>> = {
  0: PLAIN,
  1: { isBold: true },
  2: { isDim: true },
  3: { isItalic: true },
  4: { isUnderlined: true },
  7: { isInverse: true },
  22: { isBold: false, isDim: false },
  23: { isItalic: false },
  24: { isUnderlined: false },
  27: { isInverse: false },
  39: { colour: null },
  49: { ground: null },
};

function styled(before: AnsiStyle, parameters: string): AnsiStyle {
  const codes = parameters.split(/[;:]/).map(Number);
  let style = before;
  for (let at = 0; at < codes.length; at++) {
    const code = codes[at] ?? 0;
    if (code === 38 || code === 48) {
      const colour =
        codes[at + 1] === 5 ? fromTable(codes[at + 2] ?? 0) : nearest(codes[at + 2] ?? 0, codes[at + 3] ?? 0, codes[at + 4] ?? 0);
      style = { ...style, [code === 38 ? "colour" : "ground"]: colour };
      at += codes[at + 1] === 5 ? 2 : 4;
    } else style = { ...style, ...(SWITCHES[code] ?? basic(code)) };
  }
  return style;
}

function basic(code: number): Partial<AnsiStyle> {
  if (code >= 30 && code <= 37) return { colour: code - 30 };
  if (code >= 90 && code <= 97) return { colour: code - 82 };
  if (code >= 40 && code <= 47) return { ground: code - 40 };
  return code >= 100 && code <= 107 ? { ground: code - 92 } : {};
}

const LEVELS = [0, 95, 135, 175, 215, 255] as const;

/** Of the 256 colours: 16, a cube of 216, and 24 greys. */
function fromTable(index: number): number {
  if (index < 16) return Math.max(0, index);
  if (index >= 232) return nearest(8 + 10 * (index - 232), 8 + 10 * (index - 232), 8 + 10 * (index - 232));
  const cube = index - 16;
  return nearest(LEVELS[Math.floor(cube / 36) % 6] ?? 0, LEVELS[Math.floor(cube / 6) % 6] ?? 0, LEVELS[cube % 6] ?? 0);
}

/** By which of red, green and blue are there; bright ones where they are strong. Without any of them it is a grey. */
function nearest(red: number, green: number, blue: number): number {
  const most = Math.max(red, green, blue);
  const least = Math.min(red, green, blue);
  if (most - least < 32) return most < 64 ? 0 : most < 128 ? 8 : most < 200 ? 7 : 15;
  const middle = (most + least) / 2;
  const hue = (red > middle ? 1 : 0) + (green > middle ? 2 : 0) + (blue > middle ? 4 : 0);
  return most > 200 ? hue + 8 : hue;
}
