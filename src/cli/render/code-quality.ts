/** Findings as GitLab reads them for its code quality report: the part of the Code Climate format that it names. */
import { hash } from "node:crypto";
import { relative, resolve } from "node:path";
import type { Finding } from "../../definition/finding.ts";

const SEVERITIES = { error: "major", warning: "minor", note: "info" } as const;

export interface CodeQualityIssue {
  readonly description: string;
  readonly check_name: string;
  /** Stays the same while lines move, so that a finding is not new in every merge request. */
  readonly fingerprint: string;
  readonly severity: "major" | "minor" | "info";
  readonly location: { readonly path: string; readonly lines: { readonly begin: number } };
}

/** @param root what paths are relative to: the working directory, which in a job is that of the repository */
export function toCodeQuality(findings: readonly Finding[], root: string): readonly CodeQualityIssue[] {
  const seen = new Map<string, number>();
  return findings.map(({ code, severity, message, path, file, line, fix }) => {
    const location = relative(root, resolve(root, file));
    const same = [location, code, path, message].join("\u0000");
    const count = (seen.get(same) ?? 0) + 1;
    seen.set(same, count);
    return {
      description: fix === null ? message : `${message} ${fix}`,
      check_name: code,
      fingerprint: hash("sha256", `${same}\u0000${count}`, "hex"),
      severity: SEVERITIES[severity],
      location: { path: location, lines: { begin: line } },
    };
  });
}
