/**
 * The writer's thread. Calls come in order and are answered in order. A call that met a lock or a full disk is tried again, since
 * nothing of it was written; sleeping here stops nothing else.
 *
 * Waiting on shared memory instead of the event loop was tried: 15 µs of 120 for the way there and back, lost in the noise of fsync.
 */
import { once } from "node:events";
import { parentPort } from "node:worker_threads";
import { isTroupeError, type SerialisedError, toError } from "../../core/errors.ts";
import { openConnection } from "./connection.ts";
import { createWriter, type Writer } from "./writer.ts";
import { SIGNAL_CLOSING, type WriterCall, type WriterReply, type WriterThreadOptions } from "./writer-client.ts";

const RETRY_MS_FIRST = 20;
const RETRY_MS_MAX = 1_000;

const port = parentPort;
if (port === null) throw new Error("this file is a worker");

function answer(reply: WriterReply): void {
  port?.postMessage(reply);
}

function perform(writer: Writer, { method, argument }: WriterCall): unknown {
  // Method and argument were paired by the type of `WriterClient.call`.
  return (writer[method] as (argument: unknown) => unknown)(argument);
}

function performPatiently(writer: Writer, call: WriterCall, flags: Int32Array): WriterReply {
  let waitMs = RETRY_MS_FIRST;
  let isTroubled = false;
  for (;;) {
    try {
      const value = perform(writer, call);
      if (isTroubled) answer({ kind: "trouble", trouble: null });
      return { kind: "done", id: call.id, value };
    } catch (thrown) {
      const error = toError(thrown);
      const isPassing = isTroupeError(error) && (error.code === "STORE_BUSY" || error.code === "STORE_FULL");
      if (!isPassing || Atomics.load(flags, SIGNAL_CLOSING) === 1) return { kind: "failed", id: call.id, error: serialise(error) };
      isTroubled = true;
      answer({ kind: "trouble", trouble: error.code === "STORE_FULL" ? "full" : "busy" });
      Atomics.wait(flags, SIGNAL_CLOSING, 0, waitMs);
      waitMs = Math.min(waitMs * 2, RETRY_MS_MAX);
    }
  }
}

function serialise(error: Error): SerialisedError {
  return isTroupeError(error) ? error.toJSON() : { code: "STORE_UNUSABLE", message: error.message, details: { problem: error.message } };
}

function tidy(writer: Writer): void {
  try {
    writer.tidy();
  } catch {
    // The writer is poisoned now; the next call says so.
  }
}

/** Writes to one store until it is closed. */
async function serve({ path, durability, busyMs, signals }: WriterThreadOptions): Promise<void> {
  const flags = new Int32Array(signals);
  const db = openConnection({ path, durability, busyMs });
  const writer = createWriter(db);
  const closed = Promise.withResolvers<void>();
  const hear = (call: WriterCall | "close"): void => {
    if (call === "close") {
      port?.off("message", hear);
      db.close();
      answer({ kind: "closed" });
      closed.resolve();
      return;
    }
    answer(performPatiently(writer, call, flags));
    // After the answer: nobody waits for it.
    if (call.method === "commit") tidy(writer);
  };
  port?.on("message", hear);
  answer({ kind: "ready" });
  await closed.promise;
}

for (;;) {
  // From `startWriterThread`, the only one that writes to this thread.
  const [options] = (await once(port, "message")) as [WriterThreadOptions];
  await serve(options);
}
