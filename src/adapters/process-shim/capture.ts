/**
 * Keeps head and tail of a stream in a file of bounded size (I-34), with true size and digest. Memory does not depend on how much
 * is written: once the file is full, its second half is used as a ring and put in order at the end.
 */
import { createHash } from "node:crypto";
import type { CapturedStream } from "../../ports/processes.ts";
import { createArrivalTimes } from "./arrival-times.ts";
import { createMasker } from "./masker.ts";
import { createPatientFile, type OpenFile, type PatientFile } from "./patient-file.ts";

export interface Capture {
  write(chunk: Buffer): void;
  /** Closes the file. Writing afterwards is ignored. */
  finish(): CapturedStream;
}

const EMPTY_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/** The file is created with the first byte, so that a silent command costs none. */
export function openCapture(path: string, maxBytes: number, masks: readonly string[], open?: OpenFile): Capture {
  const masker = createMasker(masks);
  const hash = createHash("sha256");
  const file = createPatientFile(path, open);
  let bytes = 0;
  let done: CapturedStream | null = null;
  const ring = createRing(maxBytes, file);
  const times = createArrivalTimes(`${path}.times`);

  const keep = (chunk: Buffer): void => {
    if (chunk.length === 0) return;
    hash.update(chunk);
    ring.add(chunk);
    times.note(ring.total, Date.now());
  };
  const close = (): CapturedStream => {
    keep(masker.end());
    const layout = ring.finish();
    file.close();
    times.finish();
    return { bytes, sha256: bytes === 0 ? EMPTY_SHA256 : hash.digest("hex"), ...layout };
  };
  return {
    write(chunk) {
      if (done !== null) return;
      bytes += chunk.length;
      keep(masker.add(chunk));
    },
    finish() {
      done ??= close();
      return done;
    },
  };
}

type Layout = Pick<CapturedStream, "headBytes" | "tailBytes" | "truncated">;

interface Ring {
  add(chunk: Buffer): void;
  /** Bytes that were added. */
  readonly total: number;
  finish(): Layout;
}

function createRing(maxBytes: number, file: PatientFile): Ring {
  const head = Math.ceil(maxBytes / 2);
  const tail = maxBytes - head;
  let total = 0;
  /** A full disk costs the log, never the attempt (F-7). */
  let kept: number | null = null;
  const place = (part: Buffer, at: number): void => {
    if (kept !== null) return;
    try {
      file.write(part, at);
    } catch {
      kept = Math.min(at, total);
    }
  };
  return {
    get total() {
      return total;
    },
    add(chunk) {
      let rest = chunk;
      if (total < maxBytes) {
        const first = rest.subarray(0, maxBytes - total);
        place(first, total);
        total += first.length;
        rest = rest.subarray(first.length);
      }
      if (rest.length > tail) {
        total += rest.length - tail;
        rest = rest.subarray(rest.length - tail);
      }
      while (rest.length > 0) {
        const at = head + ((total - head) % tail);
        const part = rest.subarray(0, maxBytes - at);
        place(part, at);
        total += part.length;
        rest = rest.subarray(part.length);
      }
    },
    finish() {
      try {
        file.settle();
      } catch {
        kept = 0;
      }
      if (kept !== null) return { headBytes: kept, tailBytes: 0, truncated: true };
      if (total <= maxBytes) return { headBytes: total, tailBytes: 0, truncated: false };
      const oldest = tail === 0 ? 0 : (total - head) % tail;
      if (oldest > 0) {
        const ring = file.read(tail, head);
        place(Buffer.concat([ring.subarray(oldest), ring.subarray(0, oldest)]), head);
      }
      return { headBytes: head, tailBytes: tail, truncated: true };
    },
  };
}
