/** `TROUPE_CRASH_AT=point:n` kills this process the n-th time it reaches that point; for crash tests and `troupe chaos`. */
import type { ReachCrashPoint } from "../ports/crash-points.ts";

const NOWHERE: ReachCrashPoint = () => {};

/** `any:n` counts every point. */
export function crashPointsFrom(setting: string | undefined): ReachCrashPoint {
  if (setting === undefined || setting === "") return NOWHERE;
  const [name, count] = setting.split(":");
  let left = Number(count ?? "1");
  return (point) => {
    if (name !== "any" && name !== point) return;
    left -= 1;
    if (left === 0) process.kill(process.pid, "SIGKILL");
  };
}
