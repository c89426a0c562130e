/** The secret with which a project seals its cache entries: one that several machines share, or one of its own, made once. */
import { createHmac, randomBytes } from "node:crypto";
import { link, mkdir, readFile, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { CacheSeal } from "../../ports/cache.ts";

const SECRET_BYTES = 32;

export function sealWith(secret: string): CacheSeal {
  const sign = (text: string): string => createHmac("sha256", secret).update(text).digest("hex");
  return { id: sign("id").slice(0, 16), sign };
}

/** Reads the secret of a directory, or makes it; of two that make it at once, one is taken by both. */
export async function openSeal(directory: string): Promise<CacheSeal> {
  const file = join(directory, "secret");
  const known = await readSecret(file);
  if (known !== null) return sealWith(known);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const fresh = `${file}.${process.pid}.${randomBytes(4).toString("hex")}.tmp`;
  await writeFile(fresh, randomBytes(SECRET_BYTES).toString("hex"), { mode: 0o600, flag: "wx" });
  try {
    // Unlike a rename, a link never takes the place of what is there.
    await link(fresh, file).catch((thrown: NodeJS.ErrnoException) => {
      if (thrown.code !== "EEXIST") throw thrown;
    });
  } finally {
    await unlink(fresh);
  }
  const kept = await readSecret(file);
  if (kept === null) throw new Error(`the secret in ${file} cannot be read`);
  return sealWith(kept);
}

/** Null for none, or for one that a power cut has spoilt. */
async function readSecret(file: string): Promise<string | null> {
  try {
    const text = (await readFile(file, "utf8")).trim();
    if (/^[0-9a-f]{64}$/.test(text)) return text;
    await unlink(file);
    return null;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === "ENOENT") return null; // Read only if it is there.
    throw thrown;
  }
}
