/** Ids need randomness or a digest, so they are made here, at the edge. */
import { hash, randomUUIDv7 } from "node:crypto";
import type { CauseId, Digest, RunId } from "../core/ids.ts";

/** Sorts by time of creation. */
export function newRunId(): RunId {
  return `run_${randomUUIDv7().replaceAll("-", "")}` as RunId;
}

/** The same key of the same tenant names the same run (I-8). */
export function runIdOfKey(tenant: string, key: string): RunId {
  return `run_${hash("sha256", JSON.stringify([tenant, key])).slice(0, 32)}` as RunId;
}

export function newCauseId(kind: string): CauseId {
  return `${kind}:${randomUUIDv7()}` as CauseId;
}

export function digestOf(text: string): Digest {
  return hash("sha256", text) as Digest;
}
