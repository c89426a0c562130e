/** Who decides in this terminal. A command line knows no passwords: whoever may use the state directory is believed (docs/approvals.md). */
import { readFileSync } from "node:fs";
import { userInfo } from "node:os";
import { RequestError } from "../core/errors.ts";
import type { Context } from "./context.ts";

/** By this variable the processes of a step are known. */
const MARK = "TROUPE_ATTEMPT_TOKEN";
const ANCESTORS_MAX = 64;

/** @throws RequestError APPROVAL_FROM_STEP inside a step: what a workflow runs may not decide about it (S-36) */
export function approverName({ env }: Pick<Context, "env">, as: string | undefined): string {
  if (env[MARK] !== undefined || hasMarkedAncestor(process.pid)) throw new RequestError("APPROVAL_FROM_STEP");
  return as ?? userName(env);
}

/** The name that starts runs, and decides about them. */
export function userName(env: Context["env"]): string {
  const { TROUPE_USER: given = "" } = env;
  if (given !== "") return given;
  try {
    return userInfo().username;
  } catch {
    return "unknown"; // A container may run as a number that has no name.
  }
}

/** A command that has cleared its own environment still has the processes that started it. Where there is no /proc, nothing is found. */
function hasMarkedAncestor(pid: number): boolean {
  let at = pid;
  for (let depth = 0; depth < ANCESTORS_MAX && at > 1; depth++) {
    try {
      const stat = readFileSync(`/proc/${at}/stat`, "utf8");
      at = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
      if (
        readFileSync(`/proc/${at}/environ`, "latin1")
          .split("\0")
          .some((entry) => entry.startsWith(`${MARK}=`))
      )
        return true;
    } catch {
      return false; // Somebody else's process: no step of ours is above it.
    }
  }
  return false;
}
