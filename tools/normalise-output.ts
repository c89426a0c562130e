/** Replaces what differs between two runs of the same thing: ids, digests, times, durations, percentages of speed, folders of this machine. */
import { stripVTControlCharacters } from "node:util";

const PATTERNS: readonly (readonly [pattern: RegExp, replacement: string])[] = [
  [/\brun_[0-9a-f]{6,32}\b/g, "run_ID"],
  [/\b[0-9a-f]{64}\b/g, "DIGEST"],
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, "UUID"],
  [/\b\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})?/g, "TIME"],
  [/\b\d{2}:\d{2}:\d{2}(\.\d+)?\b/g, "TIME"],
  [/"(\w+(?:Ms|At))": ?\d+(\.\d+)?/g, '"$1": N'],
  [/\b\d+ d \d+ h\b|\b\d+ h \d+ m\b|\b\d+ m \d+ s\b|\b\d+(\.\d+)? ?m?s\b/g, "DURATION"],
  [/\b\d+(\.\d+)?(×|x)(?=\s|$)/gm, "N×"],
  [/(\/private)?\/(tmp|var\/folders)\/[^\s"'`:)]*troupe-[^\s/"'`:)]*/g, "TMP"],
  [/[ \t]+$/gm, ""],
];

export function normaliseOutput(text: string): string {
  return PATTERNS.reduce((result, [pattern, replacement]) => result.replace(pattern, replacement), stripVTControlCharacters(text));
}
