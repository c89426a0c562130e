/**
 * Puts a command into its confinement: `prlimit` of util-linux for limits, `bwrap` (bubblewrap) for a file system, processes and a
 * network of its own. What a level does not stop is in `docs/security.md`.
 *
 * CF1 A confinement that cannot be made is refused before anything runs; a command never runs with less than was asked for.
 * CF2 No new session is made: the group that TERM and KILL go to is still the command's.
 */
import { spawnSync } from "node:child_process";
import { accessSync, constants, realpathSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { ResourceLimits, SandboxLevel } from "../../plan/profile.ts";
import type { Confinement } from "../../ports/confinement.ts";

type Argv = readonly [string, ...string[]];

export interface Confiner {
  /** Why a level cannot be had on this machine, with what to do about it; null when it can. */
  whyNot(level: SandboxLevel): string | null;
  /** `control`: the attempt's own directory, which it writes its output to. */
  confine(argv: Argv, confinement: Confinement, control: string): Argv;
}

const LIMIT_FLAGS: Readonly<Record<keyof ResourceLimits, string>> = {
  memoryBytes: "as",
  cpuSeconds: "cpu",
  processes: "nproc",
  openFiles: "nofile",
  fileBytes: "fsize",
};

const NAMESPACES = ["--unshare-user-try", "--unshare-ipc", "--unshare-uts", "--unshare-pid"] as const;
const VIEW = ["--dev", "/dev", "--proc", "/proc"] as const;
const PROBE_TIMEOUT_MS = 5_000;

export function createConfiner(env: Readonly<Record<string, string | undefined>>): Confiner {
  const prlimit = findProgram("prlimit", env.PATH);
  const bwrap = findProgram("bwrap", env.PATH);
  let sandboxProblem: string | null | undefined;
  return {
    whyNot(level) {
      if (level === "none") return null;
      if (prlimit === null) return "`prlimit` is not installed (Debian: util-linux)";
      if (level !== "sandboxed") return null;
      if (bwrap === null) return "`bwrap` is not installed (Debian: bubblewrap)";
      if (sandboxProblem === undefined) sandboxProblem = problemOf(bwrap);
      return sandboxProblem;
    },
    confine(argv, confinement, control) {
      const limited = [prlimit ?? "prlimit", ...limitFlags(confinement.limits), "--", ...argv] as const;
      if (confinement.level === "restricted") return limited;
      return [bwrap ?? "bwrap", ...sandboxFlags(confinement, control, env.HOME), "--", ...limited];
    },
  };
}

/** Of name spaces, which a container or the kernel may forbid (user.max_user_namespaces, AppArmor). Asked once; it takes some 5 ms. */
function problemOf(bwrap: string): string | null {
  const { status, stderr, error } = spawnSync(bwrap, [...NAMESPACES, "--unshare-net", "--ro-bind", "/", "/", ...VIEW, "--", "true"], {
    encoding: "utf8",
    timeout: PROBE_TIMEOUT_MS,
    stdio: ["ignore", "ignore", "pipe"],
  });
  if (status === 0) return null;
  const words = error === undefined ? stderr.trim().split("\n").at(-1) : error.message;
  return `\`bwrap\` cannot make a sandbox on this machine (${words || `exit code ${status}`})`;
}

function limitFlags(limits: ResourceLimits): string[] {
  return (Object.keys(LIMIT_FLAGS) as (keyof ResourceLimits)[]).flatMap((name) => {
    const value = limits[name];
    return value === null ? [] : [`--${LIMIT_FLAGS[name]}=${value}`];
  });
}

/** The root is read-only, what is private or the engine's is empty, and what may be written is bound over that, outer directories first. */
function sandboxFlags({ network, root, writable, hidden }: Confinement, control: string, home: string | undefined): string[] {
  const empty = ["/tmp", "/var/tmp", "/run", ...(home === undefined || home === "/" ? [] : [home]), ...hidden];
  const mounts = [
    ...empty.map((path) => ({ path, flags: ["--tmpfs", path] })),
    { path: root, flags: ["--ro-bind", root, root] },
    ...[...writable.filter((path) => isInside(path, root)), control].map((path) => ({ path, flags: ["--bind", path, path] })),
  ].toSorted((one, other) => depth(one.path) - depth(other.path));
  return [
    "--die-with-parent",
    ...NAMESPACES,
    ...(network ? [] : ["--unshare-net"]),
    "--ro-bind",
    "/",
    "/",
    ...VIEW,
    ...mounts.flatMap(({ flags }) => flags),
  ];
}

/** S-15: a link in a checked-out repository must not make something else writable. */
function isInside(path: string, root: string): boolean {
  try {
    const [inner, outer] = [realpathSync(path), realpathSync(root)];
    return inner === outer || inner.startsWith(`${outer}/`);
  } catch {
    return true; // It is not there, and `bwrap` says so.
  }
}

function depth(path: string): number {
  return path.split("/").length;
}

function findProgram(name: string, path = ""): string | null {
  for (const directory of path.split(delimiter)) {
    if (!directory.startsWith("/")) continue;
    const file = join(directory, name);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // Not here.
    }
  }
  return null;
}
