/**
 * How the log of a CI server is written to: groups, remarks at a line of a file, and text.
 *
 * CI1 Nothing that is written as text is obeyed by the server, whoever made it (S-12, CVE-2020-15228).
 * CI2 Behind the last word the server is as it was before, since more commands may follow in the same script.
 */
import type { Place } from "../../core/place.ts";

export interface Remark {
  readonly severity: "error" | "warning" | "note";
  readonly title: string;
  readonly message: string;
  /** `file` is relative to what the server shows; null where no file is meant. */
  readonly place: Pick<Place, "file" | "line" | "column"> | null;
}

/** Each member answers with what has to be written for it, whole lines. */
export interface Dialect {
  text(text: string): string;
  /** @param key names the group in this log */
  open(key: string, title: string, nowMs: number): string;
  close(key: string, nowMs: number): string;
  remark(remark: Remark): string;
  /** See CI2. */
  end(): string;
}

export type CiServer = "github" | "gitlab" | "plain";

export function serverOf(env: Readonly<Record<string, string | undefined>>): CiServer {
  if (env.GITHUB_ACTIONS === "true") return "github";
  return env.GITLAB_CI === "true" ? "gitlab" : "plain";
}
