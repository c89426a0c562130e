/**
 * Tokens of callbacks: `<run>.<step>.<mac>`, by a key that never leaves its state directory. Nothing has to be stored for one, whoever
 * reads a journal cannot make one, and all attempts of a step give out the same.
 */
import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type ErrorCode, RequestError, toError } from "../core/errors.ts";
import type { RunId, StepId } from "../core/ids.ts";
import type { Callbacks } from "../ports/callbacks.ts";

const KEY_FILE = "callback.key";
const KEY_BYTES = 32;
const TOKEN = /^(run_[0-9a-f]{8,64})\.([A-Za-z0-9_-]{1,700})\.([A-Za-z0-9_-]{43})$/;

export interface CallbackTarget {
  readonly runId: RunId;
  readonly step: StepId;
}

export function createCallbacks(directory: string, base: string | undefined): Callbacks {
  return {
    addressOf(runId, step) {
      const origin = base === undefined ? null : URL.parse(base);
      if (origin === null || !/^https?:$/.test(origin.protocol)) return null;
      const token = mint(keyOf(directory, "make"), runId, step);
      const path = `${origin.pathname.replace(/\/+$/, "")}/callbacks/${token}`;
      return { url: `${origin.origin}${path}`, digest: createHash("sha256").update(token).digest("hex") };
    },
  };
}

/** Whom a token is for. Takes equally long for all that look like tokens. @throws RequestError CALLBACK_UNKNOWN */
export function readToken(directory: string, token: string): CallbackTarget {
  const [, run = "", step = "", mac = ""] = TOKEN.exec(token) ?? [];
  const [runId, stepId] = [run as RunId, Buffer.from(step, "base64url").toString() as StepId]; // Names that nobody has to have; the mac decides.
  const wanted = macOf(keyOf(directory, "read"), runId, stepId);
  const given = Buffer.from(mac, "base64url");
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) throw new RequestError("CALLBACK_UNKNOWN");
  return { runId, step: stepId };
}

function mint(key: Buffer, runId: RunId, step: StepId): string {
  return `${runId}.${Buffer.from(step).toString("base64url")}.${macOf(key, runId, step).toString("base64url")}`;
}

function macOf(key: Buffer, runId: RunId, step: StepId): Buffer {
  return createHmac("sha256", key)
    .update(JSON.stringify(["callback", runId, step]))
    .digest();
}

/** Of several processes that make the key at once, the first wins. @throws RequestError CALLBACK_UNKNOWN where there is none */
function keyOf(directory: string, how: "make" | "read"): Buffer {
  const file = join(directory, KEY_FILE);
  const key = unlessCode("ENOENT", "FILE_UNREADABLE", file, () => readFileSync(file));
  if (key?.length === KEY_BYTES) return key;
  const fix = "Remove it: a new one is made. Callbacks that are on their way are lost.";
  if (key !== null) throw new RequestError("FILE_UNREADABLE", { file, problem: "it holds no key" }, { fix });
  if (how === "read") throw new RequestError("CALLBACK_UNKNOWN");
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  unlessCode("EEXIST", "FILE_UNWRITABLE", file, () =>
    writeFileSync(file, randomBytes(KEY_BYTES), { mode: 0o600, flag: "wx", flush: true }),
  );
  return keyOf(directory, "read");
}

/** Null when it fails with `expected`. */
function unlessCode<TResult>(expected: string, code: ErrorCode, file: string, work: () => TResult): TResult | null {
  try {
    return work();
  } catch (cause) {
    const error = toError(cause);
    if ("code" in error && error.code === expected) return null;
    throw unusable(code, file, error);
  }
}

function unusable(code: ErrorCode, file: string, cause: Error): RequestError {
  return new RequestError(code, { file, problem: cause.message }, { cause });
}
