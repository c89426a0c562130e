/** What this machine offers to scripts. */
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";

/** `bash -euo pipefail` where bash exists, else `sh -eu` (language §5). */
export function findInterpreter(path: string | undefined): readonly [string, ...string[]] {
  return (path ?? "").split(delimiter).some((directory) => directory !== "" && isProgram(join(directory, "bash")))
    ? ["bash", "-euo", "pipefail"]
    : ["sh", "-eu"];
}

const INHERITED = ["PATH", "HOME", "LANG", "TMPDIR"] as const;

/** The allow-list of S-13. */
export function findInherited(env: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  const inherited: Record<string, string> = {};
  for (const name of INHERITED) {
    const value = env[name];
    if (value !== undefined) inherited[name] = value;
  }
  return inherited;
}

/** A file that may be executed; directories may be too, and are none. */
export function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
