/** Enough of a run id to find it again: the time of its start in milliseconds, and four random digits. */
const SHOWN_LENGTH = "run_".length + 16;

export function shortRunId(id: string): string {
  return id.slice(0, SHOWN_LENGTH);
}
