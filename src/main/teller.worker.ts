/** The thread that writes large answers. It has the store for itself, and its memory is bounded: what does not fit ends it, and not the server. */
import { once } from "node:events";
import { parentPort } from "node:worker_threads";
import { openStore } from "../adapters/store-sqlite/store.ts";
import { isTroupeError, toError } from "../core/errors.ts";
import { createCompiledCache } from "./compiled-cache.ts";
import { declarationsOf } from "./declarations.ts";
import { tell } from "./tell.ts";
import type { TellerCall, TellerReply } from "./teller.ts";

const port = parentPort;
if (port === null) throw new Error("this file is a worker");
const [directory] = (await once(port, "message")) as [string]; // From `createTeller`, the only one that writes to this thread.
const store = await openStore({ directory, durability: "full" });
const compiled = createCompiledCache(store, declarationsOf([]));

port.on("message", ({ id, telling }: TellerCall) => {
  let reply: TellerReply;
  try {
    reply = { id, text: tell(store, compiled, telling) };
  } catch (thrown) {
    const error = toError(thrown);
    reply = { id, error: isTroupeError(error) ? error.toJSON() : { code: "INV_UNCAUGHT", message: error.message } };
  }
  port.postMessage(reply);
});
