/** What went wrong in SQLite, sorted by who acts next. */
import { FencedError, isTroupeError, TransientError, type TroupeError, toError } from "../../core/errors.ts";

const CODE_BUSY = 5;
const CODE_LOCKED = 6;
const CODE_IOERR = 10;
const CODE_CORRUPT = 11;
const CODE_FULL = 13;
const CODE_CONSTRAINT = 19;
const CODE_NOTADB = 26;
/** A full disk shows as this one when the shared-memory file cannot grow (seen before anything is written). */
const CODE_IOERR_SHMSIZE = 10 | (19 << 8);

/** SQLite's extended result code; 0 when the error is not SQLite's. */
export function toErrcode(error: unknown): number {
  const code = error instanceof Error ? (error as Error & { errcode?: unknown }).errcode : undefined;
  return typeof code === "number" ? code : 0;
}

export function isBusy(error: unknown): boolean {
  const code = toErrcode(error) & 0xff;
  return code === CODE_BUSY || code === CODE_LOCKED;
}

export function isFull(error: unknown): boolean {
  const code = toErrcode(error);
  return (code & 0xff) === CODE_FULL || code === CODE_IOERR_SHMSIZE;
}

export function isConstraint(error: unknown): boolean {
  return (toErrcode(error) & 0xff) === CODE_CONSTRAINT;
}

/** What is in the file is wrong; anything else that fails says nothing about it. */
export function isDamage(error: unknown): boolean {
  const code = toErrcode(error) & 0xff;
  return code === CODE_CORRUPT || code === CODE_NOTADB;
}

/** The file may be whole: a disk that was pulled, remounted or replaced gives it back. */
const LOOK_AT_DISK =
  "Look at the disk first: `dmesg` names its errors, `df` its space, `mount` whether it may be written. Then start again. Only if `troupe doctor` finds damage on a sound disk, restore a backup.";

/** The failure of a read, or of a write that surely left nothing behind. Our own errors pass through. */
export function toStoreError(thrown: unknown): TroupeError {
  const cause = toError(thrown);
  if (isTroupeError(cause)) return cause;
  if (isBusy(cause)) return new TransientError("STORE_BUSY", {}, { cause });
  if (isFull(cause)) return new TransientError("STORE_FULL", {}, { cause });
  const isDisk = (toErrcode(cause) & 0xff) === CODE_IOERR;
  const fix = isDisk ? { fix: LOOK_AT_DISK } : {};
  return new FencedError("STORE_UNUSABLE", { problem: cause.message, errcode: toErrcode(cause) }, { cause, ...fix });
}
