/** What programs and modules consist of, for keys of the step cache. */
import { realpath, stat } from "node:fs/promises";
import { delimiter, join, resolve } from "node:path";
import type { FileDigests } from "../adapters/workspace-fs/file-digests.ts";

/** What is larger is told by size and time instead of content: reading it costs more than it is worth. */
const READ_MAX_BYTES = 16 * 1024 ** 2;
/** How long a name is believed to be the same program: looking through PATH costs more than all else of a look-up. */
const PLACE_BELIEVED_MS = 1_000;

/** Null for what is missing or cannot be read; the step will say so itself. */
export interface ProgramContents {
  /** A name of the PATH, or a path from `directory`. */
  ofProgram(program: string, directory: string): Promise<string | null>;
  ofFile(path: string): Promise<string | null>;
}

export function createProgramContents(digests: FileDigests, path: string | undefined): ProgramContents {
  const locate = createLocator(path ?? "");
  const underWay = new Map<string, Promise<unknown>>();
  /**
   * Steps of one wave ask for the same program at once. Who comes second waits and looks for itself, which is a glance at a file that has not
   * changed: the one that is being read may be replaced before the second step was ready.
   */
  const ofFile = async (file: string): Promise<string | null> => {
    const first = underWay.get(file);
    if (first !== undefined) {
      await first;
      return await readContent(file, digests);
    }
    const reading = readContent(file, digests).finally(() => underWay.delete(file));
    underWay.set(file, reading);
    return await reading;
  };
  return {
    async ofProgram(program, directory) {
      const file = program.includes("/") ? resolve(directory, program) : await locate(program);
      return file === null ? null : await ofFile(file);
    },
    ofFile,
  };
}

function createLocator(path: string): (name: string) => Promise<string | null> {
  const directories = path.split(delimiter).filter((directory) => directory !== "");
  const known = new Map<string, { readonly at: number; readonly place: Promise<string | null> }>();
  const search = async (name: string): Promise<string | null> => {
    for (const directory of name === "" ? [] : directories) {
      const place = join(directory, name);
      const found = await stat(place).catch(() => null);
      if (found?.isFile()) return place;
    }
    return null;
  };
  return (name) => {
    const now = performance.now();
    const before = known.get(name);
    if (before !== undefined && now - before.at < PLACE_BELIEVED_MS) return before.place;
    const place = search(name);
    known.set(name, { at: now, place });
    return place;
  };
}

async function readContent(path: string, digests: FileDigests): Promise<string | null> {
  try {
    const real = await realpath(path);
    const { size, mtimeMs } = await stat(real);
    if (size > READ_MAX_BYTES) return `${size} bytes of ${new Date(mtimeMs).toISOString()}`;
    return (await digests.of(real))?.sha256 ?? null;
  } catch {
    return null;
  }
}
