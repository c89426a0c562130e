/** How things look: colours that can be off, signs that can be ASCII, and the width to keep to. Renderers get one and stay pure. */
import { styleText } from "node:util";

export type Style = Parameters<typeof styleText>[0];

export interface Look {
  /** Lines are cut here. */
  readonly columns: number;
  /** Paragraphs are wrapped here: nobody reads longer lines. */
  readonly textColumns: number;
  /** Puts a colour or weight around a text; with colours off, the text itself. */
  paint(style: Style, text: string): string;
  readonly signs: Signs;
}

interface Signs {
  readonly state: Readonly<Record<string, string>>;
  readonly branch: string;
  readonly lastBranch: string;
  readonly trunk: string;
  readonly bar: string;
  readonly caret: string;
  readonly arrow: string;
  readonly spinner: readonly string[];
  /** Of a progress bar. */
  readonly full: string;
  readonly empty: string;
}

const UNICODE: Signs = {
  state: {
    pending: "·",
    queued: "◦",
    running: "●",
    retrying: "↻",
    succeeded: "✔",
    failed: "✖",
    skipped: "↷",
    canceled: "⊘",
    quarantined: "⚠",
    paused: "‖",
  },
  branch: "├─",
  lastBranch: "└─",
  trunk: "│ ",
  bar: "│",
  caret: "^",
  arrow: "→",
  spinner: ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"],
  full: "█",
  empty: "░",
};

const ASCII: Signs = {
  state: {
    pending: ".",
    queued: "o",
    running: "*",
    retrying: "r",
    succeeded: "+",
    failed: "x",
    skipped: "-",
    canceled: "/",
    quarantined: "!",
    paused: "=",
  },
  branch: "|-",
  lastBranch: "`-",
  trunk: "| ",
  bar: "|",
  caret: "^",
  arrow: "->",
  spinner: ["|", "/", "-", "\\"],
  full: "#",
  empty: "-",
};

const STATE_STYLES: Readonly<Record<string, Style>> = {
  pending: "gray",
  queued: "gray",
  running: "cyan",
  retrying: "yellow",
  succeeded: "green",
  failed: "red",
  skipped: "gray",
  canceled: "magenta",
  quarantined: "yellow",
  paused: "yellow",
};

const TEXT_COLUMNS_MAX = 100;

export interface LookOptions {
  readonly columns: number;
  readonly hasColour: boolean;
  readonly isAscii?: boolean;
}

export function createLook({ columns, hasColour, isAscii = false }: LookOptions): Look {
  return {
    columns,
    textColumns: Math.min(TEXT_COLUMNS_MAX, columns),
    paint: (style, text) => (hasColour && text !== "" ? styleText(style, text, { validateStream: false }) : text),
    signs: isAscii ? ASCII : UNICODE,
  };
}

/** `running.stopping` and `pending.queued` look like their own or else their top-level state. */
function lookedUp<TValue>(table: Readonly<Record<string, TValue>>, state: string): TValue | undefined {
  const dot = state.indexOf(".");
  return dot < 0 ? table[state] : (table[state.slice(dot + 1)] ?? table[state.slice(0, dot)]);
}

export function stateStyle(state: string): Style {
  return lookedUp(STATE_STYLES, state) ?? "reset";
}

/** The sign of a state with its colour, as a part of a line. */
export function stateSign(look: Look, state: string): readonly [style: Style, sign: string] {
  return [stateStyle(state), lookedUp(look.signs.state, state) ?? "?"];
}
