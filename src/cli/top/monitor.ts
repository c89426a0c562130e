/** A state directory under watch that may not exist yet, may be removed, and may come back as another one. */
import { statSync } from "node:fs";
import { join } from "node:path";
import { toError } from "../../core/errors.ts";
import { defaultMaxWorkers } from "../../main/default-workers.ts";
import { hasLiveEngine } from "../../main/engine-alive.ts";
import { type Context, type OpenProject, openProjectFor, type SettingOptions, settingsFor } from "../context.ts";
import { createPictureReader, type PictureReader } from "./read-picture.ts";
import { emptyPicture, type TopPicture } from "./top-picture.ts";

export interface Monitor extends AsyncDisposable {
  /** Never rejects: what cannot be read is told in the picture. @param linesOf see `PictureReader` */
  look(linesOf: string | null): Promise<TopPicture>;
  /** Whether anything was written since the last look. */
  readonly isStale: boolean;
}

/** Asking for the owner's lock opens a file, so it is not done for every picture. */
const DRIVEN_KEPT_MS = 2_000;
const WATCH_EVERY_MS = 100;

interface Watched extends AsyncDisposable {
  readonly reader: PictureReader;
  /** Tells this file from another that takes its place. */
  readonly inode: bigint;
}

export async function openMonitor(context: Context, options: SettingOptions): Promise<Monitor> {
  const { values } = await settingsFor(context, options);
  const { state: directory } = values;
  let watched: Watched | null = null;
  let isStale = true;
  let isDriven = false;
  let askedAt = 0;

  const close = async (): Promise<void> => {
    const before = watched;
    watched = null;
    // A store whose files have gone may be unable to say goodbye.
    try {
      await before?.[Symbol.asyncDispose]();
    } catch {
      // Nothing of it is needed any more.
    }
  };
  const open = async (inode: bigint): Promise<Watched> => {
    const opened: OpenProject = await openProjectFor(context, options, "existing");
    const watch = opened.project.store.watch(() => {
      isStale = true;
    }, WATCH_EVERY_MS);
    const reader = createPictureReader(opened.project, values.max_workers || defaultMaxWorkers());
    return {
      reader,
      inode,
      async [Symbol.asyncDispose]() {
        watch[Symbol.dispose]();
        await opened[Symbol.asyncDispose]();
      },
    };
  };

  return {
    async look(linesOf) {
      const now = Date.now();
      isStale = false;
      try {
        const inode = inodeOf(directory);
        if (inode === null || (watched !== null && watched.inode !== inode)) await close();
        if (inode === null) return emptyPicture(directory, now);
        watched ??= await open(inode);
        if (now - askedAt >= DRIVEN_KEPT_MS) {
          isDriven = await hasLiveEngine(directory);
          askedAt = now;
        }
        return watched.reader.read(now, isDriven, linesOf);
      } catch (thrown) {
        await close();
        // Removed while it was read: then there is nothing to complain of.
        return emptyPicture(directory, now, inodeOf(directory) === null ? null : toError(thrown).message);
      }
    },
    get isStale() {
      return isStale;
    },
    [Symbol.asyncDispose]: close,
  };
}

function inodeOf(directory: string): bigint | null {
  return statSync(join(directory, "troupe.db"), { bigint: true, throwIfNoEntry: false })?.ino ?? null;
}
