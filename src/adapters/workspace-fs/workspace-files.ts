/** Writes files below a root, whole or not at all (I-32). */
import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { open, realpath, rename, unlink } from "node:fs/promises";
import { join } from "node:path";
import { toError } from "../../core/errors.ts";
import type { WorkspaceFiles, WriteAnswer } from "../../ports/workspace.ts";
import { handlePath, modeOf, openDirectory, segmentsOf } from "./below.ts";
import { createSweep, type Sweep, temporaryName } from "./leftovers.ts";

export function createWorkspaceFiles(): WorkspaceFiles {
  const sweep = createSweep();
  return {
    async write(root, path, text): Promise<WriteAnswer> {
      try {
        const content = Buffer.from(text);
        await writeBelow(await realpath(root), segmentsOf(path), content, sweep);
        return { ok: true, file: { path, bytes: content.length, sha256: createHash("sha256").update(content).digest("hex") } };
      } catch (error) {
        const { message } = toError(error);
        return {
          ok: false,
          code: (error as NodeJS.ErrnoException).code ?? "WRITE_FAILED",
          problem: `\`${path}\` cannot be written: ${message}`,
        };
      }
    },
  };
}

async function writeBelow(root: string, segments: readonly string[], content: Buffer, sweep: Sweep): Promise<void> {
  const name = segments.at(-1) as string; // there is at least one
  const directory = await openDirectory(root, segments.slice(0, -1));
  try {
    const base = await handlePath(root, directory.handle, directory.path);
    const target = join(base, name);
    const mode = await modeOf(target);
    const temporary = join(base, temporaryName());
    try {
      await writeSynced(temporary, content, mode);
      await rename(temporary, target);
    } catch (error) {
      await unlink(temporary).catch(() => undefined);
      throw error;
    }
    await directory.handle.sync();
    await sweep(directory.path, base);
  } finally {
    await directory.handle.close();
  }
}

async function writeSynced(path: string, content: Buffer, mode: number | null): Promise<void> {
  const file = await open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o666);
  try {
    if (mode !== null) await file.chmod(mode);
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}
