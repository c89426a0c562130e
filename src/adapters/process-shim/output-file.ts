/** The file that a child was told to write its output into, once it has ended. */
import { lstatSync, rmSync } from "node:fs";
import { join } from "node:path";
import { readPlain, writeWhole } from "./durable.ts";
import { createMasker } from "./masker.ts";

/** No step may have an output of this size; what is larger is not looked through, but removed. */
const MASKED_MAX_BYTES = 16 * 1024 * 1024;

/** Its size, once no secret stands in it any more (S-38): null when there is none, -1 when it is no plain file. */
export function settleOutputFile(directory: string, masks: readonly string[]): number | null {
  const path = join(directory, "output.json");
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return null;
  if (!stat.isFile()) return -1;
  if (masks.length === 0) return stat.size;
  try {
    const content = readPlain(path, MASKED_MAX_BYTES);
    if (!(content instanceof Buffer)) return remove(path, stat.size);
    const masker = createMasker(masks);
    const masked = Buffer.concat([masker.add(content), masker.end()]);
    if (!masked.equals(content)) writeWhole(path, masked);
    return masked.length;
  } catch {
    return remove(path, -1); // What cannot be made harmless must not stay.
  }
}

function remove(path: string, bytes: number): number {
  rmSync(path, { recursive: true, force: true });
  return bytes;
}
