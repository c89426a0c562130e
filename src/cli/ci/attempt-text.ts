/** What an attempt printed, as much of its end as belongs into the log of a job. */
import { readLog } from "../../main/attempt-logs.ts";

/** A job's log as a whole is cut at 4 MiB by some servers, and whoever wants more has the command that prints it. */
export const TEXT_BYTES_MAX = 64 * 1024;

/** Whole lines of stdout, then of stderr. `more` names what was left out. */
export function attemptText(directory: string, maxBytes: number, more: string): readonly string[] {
  const streams = (["stdout", "stderr"] as const).map((stream) => {
    const { bytes, end } = readLog(directory, stream, -maxBytes, maxBytes);
    const lines = new TextDecoder().decode(bytes).split("\n");
    if (lines.at(-1) === "") lines.pop();
    if (end <= maxBytes) return lines;
    // The first of them was cut anywhere.
    return [`… ${end - bytes.length} bytes before: ${more}`, ...lines.slice(1)];
  });
  const [stdout = [], stderr = []] = streams;
  return stdout.length > 0 && stderr.length > 0 ? [...stdout, "stderr:", ...stderr] : [...stdout, ...stderr];
}
