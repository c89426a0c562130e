/**
 * The writer's thread. Calls come in order and are answered in order. A call that met a lock or a full disk is tried again, since
 * nothing of it was written; sleeping here stops nothing else.
 */
import { parentPort, workerData } from "node:worker_threads";
import { isTroupeError, type SerialisedError, toError } from "../../core/errors.ts";
import { openConnection } from "./connection.ts";
import { createWriter } from "./writer.ts";
import type { WriterCall, WriterReply, WriterThreadOptions } from "./writer-client.ts";

const RETRY_MS_FIRST = 20;
const RETRY_MS_MAX = 1_000;
/** Index of the flag by which the host's thread says that it closes. */
const CLOSING = 0;

// Handed over by `startWriterThread`, the only one that starts this file.
const { path, durability, busyMs, signals } = workerData as WriterThreadOptions;
const flags = new Int32Array(signals);
const port = parentPort;
if (port === null) throw new Error("this file is a worker");

const db = openConnection({ path, durability, busyMs });
const writer = createWriter(db);

function answer(reply: WriterReply): void {
  port?.postMessage(reply);
}

function perform({ method, argument }: WriterCall): unknown {
  // Method and argument were paired by the type of `WriterClient.call`.
  return (writer[method] as (argument: unknown) => unknown)(argument);
}

function performPatiently(call: WriterCall): WriterReply {
  let waitMs = RETRY_MS_FIRST;
  let isTroubled = false;
  for (;;) {
    try {
      const value = perform(call);
      if (isTroubled) answer({ kind: "trouble", trouble: null });
      return { kind: "done", id: call.id, value };
    } catch (thrown) {
      const error = toError(thrown);
      const isPassing = isTroupeError(error) && (error.code === "STORE_BUSY" || error.code === "STORE_FULL");
      if (!isPassing || Atomics.load(flags, CLOSING) === 1) return { kind: "failed", id: call.id, error: serialise(error) };
      isTroubled = true;
      answer({ kind: "trouble", trouble: error.code === "STORE_FULL" ? "full" : "busy" });
      Atomics.wait(flags, CLOSING, 0, waitMs);
      waitMs = Math.min(waitMs * 2, RETRY_MS_MAX);
    }
  }
}

function serialise(error: Error): SerialisedError {
  return isTroupeError(error) ? error.toJSON() : { code: "STORE_UNUSABLE", message: error.message, details: { problem: error.message } };
}

port.on("message", (call: WriterCall | "close") => {
  if (call === "close") {
    db.close();
    port.close();
    return;
  }
  answer(performPatiently(call));
  if (call.method === "commit") {
    try {
      writer.tidy();
    } catch {
      // The writer is poisoned now; the next call says so.
    }
  }
});
answer({ kind: "ready" });
