/** The functions of the C library that Node does not offer, called through koffi where that is installed (ADR-0028). */
import { createRequire } from "node:module";

type Value = number | string | Buffer | readonly (string | null)[];

const SIGNATURES = {
  pipe2: "int pipe2(void *ends, int flags)",
  waitpid: "int waitpid(int pid, void *status, int options)",
  posix_spawn: "int posix_spawn(void *pid, const char *path, void *actions, void *attributes, const char **argv, const char **env)",
  posix_spawn_file_actions_init: "int posix_spawn_file_actions_init(void *actions)",
  posix_spawn_file_actions_destroy: "int posix_spawn_file_actions_destroy(void *actions)",
  posix_spawn_file_actions_addchdir_np: "int posix_spawn_file_actions_addchdir_np(void *actions, const char *path)",
  posix_spawn_file_actions_addopen: "int posix_spawn_file_actions_addopen(void *actions, int fd, const char *path, int flags, int mode)",
  posix_spawn_file_actions_adddup2: "int posix_spawn_file_actions_adddup2(void *actions, int fd, int target)",
  posix_spawnattr_init: "int posix_spawnattr_init(void *attributes)",
  posix_spawnattr_setflags: "int posix_spawnattr_setflags(void *attributes, short flags)",
  posix_spawnattr_setsigdefault: "int posix_spawnattr_setsigdefault(void *attributes, void *signals)",
  posix_spawnattr_setsigmask: "int posix_spawnattr_setsigmask(void *attributes, void *signals)",
} as const;

type Name = keyof typeof SIGNATURES;
type Functions = Readonly<Record<Name, (...values: readonly Value[]) => number>>;

/** The functions answer as those of C do: 0 or an error number, -1 with the number in `errno`, or a pid. */
export interface Libc extends Functions {
  errno(): number;
}

/** About 10 ms. Null where there is no binary for this machine or a function is missing, and off Linux, where Node does not fork. */
export function loadLibc(): Libc | null {
  if (process.platform !== "linux") return null;
  try {
    const koffi = createRequire(import.meta.url)("koffi") as typeof import("koffi");
    const library = koffi.load(null);
    const calls = Object.entries(SIGNATURES).map(([name, signature]) => [name, library.func(signature)] as [Name, Functions[Name]]); // as declared
    return { ...(Object.fromEntries(calls) as Functions), errno: () => koffi.errno() }; // of all their names
  } catch {
    return null;
  }
}
