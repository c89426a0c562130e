/** The end of what an attempt has printed so far. */
import { readLog } from "./attempt-logs.ts";

const TAIL_LINES = 5;
const TAIL_BYTES = 4_096;

/** Of stderr, or where it is silent of stdout. */
export function lastLines(directory: string, count = TAIL_LINES): readonly string[] {
  for (const stream of ["stderr", "stdout"] as const) {
    const { bytes } = readLog(directory, stream, -TAIL_BYTES, TAIL_BYTES);
    const lines = new TextDecoder()
      .decode(bytes)
      .split("\n")
      .filter((line) => line.trim() !== "");
    if (lines.length > 0) return lines.slice(-count);
  }
  return [];
}
