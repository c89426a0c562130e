/** Where compiled code is kept between calls: in the user's own cache, since a folder that others can write to would run their code. */
import { isAbsolute, join } from "node:path";

export function compileCacheDirectory(env: Readonly<Record<string, string | undefined>>): string | null {
  const { XDG_CACHE_HOME: cache, HOME: home } = env;
  if (cache !== undefined && isAbsolute(cache)) return join(cache, "troupe", "compile");
  return home !== undefined && isAbsolute(home) ? join(home, ".cache", "troupe", "compile") : null;
}
