/** How the states of a step look in every drawing. */

/** How a family of states looks: light and dark colours, and a sign for those who cannot tell the colours apart. */
export interface Look {
  readonly fill: string;
  readonly line: string;
  readonly darkFill: string;
  readonly darkLine: string;
  readonly sign: string;
}

const look = (fill: string, line: string, darkFill: string, darkLine: string, sign: string): Look => ({
  fill,
  line,
  darkFill,
  darkLine,
  sign,
});

/** The look of a step without a state is that of `pending`, without its sign. */
export const LOOKS = {
  pending: look("#f6f8fa", "#8c959f", "#1b2028", "#6e7681", "○"),
  queued: look("#eef1f4", "#57606a", "#242a33", "#8b949e", "◔"),
  running: look("#ddf4ff", "#0969da", "#0d2847", "#58a6ff", "▶"),
  waiting: look("#fff8c5", "#9a6700", "#322700", "#d29922", "◷"),
  retrying: look("#fff1e5", "#bc4c00", "#3d1d00", "#f0883e", "↻"),
  succeeded: look("#dafbe1", "#1a7f37", "#0f2d1a", "#3fb950", "✓"),
  failed: look("#ffebe9", "#cf222e", "#3b1316", "#f85149", "✗"),
  skipped: look("#eaeef2", "#8c959f", "#161b22", "#6e7681", "–"),
  canceled: look("#eaeef2", "#57606a", "#161b22", "#8b949e", "■"),
  quarantined: look("#fbefff", "#8250df", "#2b1a47", "#bc8cff", "!"),
} as const satisfies Record<string, Look>;

export type LookName = keyof typeof LOOKS;

/** The family of a state, of whose dotted parts the last known counts: `running.waiting` is `waiting`. */
export function lookOf(state: string | null): LookName {
  const known = (state ?? "").split(".").findLast((part) => Object.hasOwn(LOOKS, part));
  // True because only own names of LOOKS pass.
  return (known ?? "pending") as LookName;
}

/** The state as a word for a label: its family's name, or itself where it belongs to none; nothing where there is no state. */
export function wordsFor(state: string | null): readonly string[] {
  if (state === null) return [];
  const name = lookOf(state);
  return [state.split(".").includes(name) ? name : state];
}
