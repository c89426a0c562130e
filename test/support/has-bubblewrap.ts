import { execFileSync } from "node:child_process";

/** Debian's package; `.ci/run` installs it. */
export const hasBubblewrap = ((): boolean => {
  try {
    execFileSync("bwrap", ["--ro-bind", "/", "/", "--unshare-all", "true"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
})();
