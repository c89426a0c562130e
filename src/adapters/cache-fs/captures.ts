/** Captured output of attempts, in the layout of shell steps and their supervisors: `<run>/<step>/<attempt>/{stdout,stderr}`. */
import { closeSync, constants, createReadStream, fstatSync, openSync } from "node:fs";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { CacheContent, Captures } from "../../ports/cache.ts";

/** A directory of ours as `AttemptUsage.logs` tells it; anything else is not looked at (S-15). */
const DIRECTORY = /^run_[0-9a-f]{32}\/[^/\0]{1,255}\/\d+(\.\d+)?$/;

/** `directory` is that of all attempts. */
export function createCaptures(directory: string): Captures {
  return {
    read(logs) {
      const place = logs?.directory;
      if (typeof place !== "string" || !DIRECTORY.test(place) || place.includes("/..")) return { stdout: null, stderr: null };
      return { stdout: plainFile(join(directory, place, "stdout")), stderr: plainFile(join(directory, place, "stderr")) };
    },
    async replay({ runId, step, attempt }, { stdout, stderr }) {
      try {
        const place = `${runId}/${step.id}/${await latestDispatch(join(directory, runId, step.id), attempt)}`;
        await mkdir(join(directory, place), { recursive: true, mode: 0o700 });
        if (stdout !== null) await put(join(directory, place, "stdout"), stdout);
        if (stderr !== null) await put(join(directory, place, "stderr"), stderr);
        return place;
      } catch {
        return null; // The result counts without its log.
      }
    },
  };
}

/** An attempt that is dispatched again has `3.2`, `3.3` …; whoever shows its log looks at the last. */
async function latestDispatch(steps: string, attempt: number): Promise<string> {
  const names = await readdir(steps).catch(() => []);
  const numbers = names.map((name) => (name.startsWith(`${attempt}.`) ? Number(name.slice(`${attempt}.`.length)) : 1));
  const latest = Math.max(1, ...numbers.filter(Number.isInteger));
  return latest === 1 ? String(attempt) : `${attempt}.${latest}`;
}

/** Null for what is missing or no plain file: a step can write into its own directory. */
function plainFile(path: string): CacheContent | null {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch {
    return null;
  }
  try {
    const stat = fstatSync(file);
    if (!stat.isFile()) return null;
    const flags = constants.O_RDONLY | constants.O_NOFOLLOW;
    // As many bytes as were there, whatever is appended meanwhile; without an encoding a stream gives bytes.
    const open = (): AsyncIterable<Uint8Array> => createReadStream(path, { flags: flags as unknown as string, end: stat.size - 1 });
    return { bytes: stat.size, open };
  } finally {
    closeSync(file);
  }
}

async function put(path: string, content: CacheContent): Promise<void> {
  await writeFile(path, content.open(), {
    mode: 0o600,
    flag: constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW,
  });
}
