/** Label values that come from data, made safe and few: series are memory, here and in Prometheus, for as long as the process lives (S-40). */

/** Stands for everything beyond the cap. */
export const OTHER = "other";

const LABEL_CHARS_MAX = 80;

/** Names by which something is known as a label; those that come after the first `max` share one label. */
export type LabelCap = (name: string) => string;

export function createLabelCap(max: number): LabelCap {
  const labels = new Map<string, string>();
  const taken = new Set<string>();
  return (name) => {
    const known = labels.get(name);
    if (known !== undefined) return known;
    const label = toLabel(name);
    if (!taken.has(label) && taken.size >= max) return OTHER;
    // Two names may come out as one label; remembering both forever would be a leak of its own.
    if (labels.size < max) labels.set(name, label);
    taken.add(label);
    return label;
  };
}

/** Printable, well formed and short. The exposition formats escape quotes, backslashes and line ends themselves. */
export function toLabel(name: string): string {
  const safe = name.toWellFormed().replace(/\p{C}/gu, "\u{FFFD}");
  return safe.length <= LABEL_CHARS_MAX ? safe : `${safe.slice(0, LABEL_CHARS_MAX - 1).toWellFormed()}…`;
}
