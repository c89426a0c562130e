/** Writes large answers: here while they are small, on a thread of their own beyond that, so that nobody else waits for them. */
import { Worker } from "node:worker_threads";
import { InvariantError, RequestError, type SerialisedError } from "../core/errors.ts";
import { reviveError } from "../core/revive-error.ts";
import type { StoreReader } from "../ports/store.ts";
import type { CompiledCache } from "./compiled-cache.ts";
import { type Telling, tell } from "./tell.ts";

/** Entries of a run, or steps of a workflow, that are read in some 10 ms. */
const HERE_MAX = 800;
const IDLE_MS = 60_000;
const HEAP_MAX_MIB = 768;

export interface TellerCall {
  readonly id: number;
  readonly telling: Telling;
}

export type TellerReply = { readonly id: number; readonly text: string } | { readonly id: number; readonly error: SerialisedError };

export interface Teller extends AsyncDisposable {
  /** JSON. `size`: entries or steps that are read for it. @throws RequestError ANSWER_TOO_LARGE */
  tell(telling: Telling, size: number): Promise<string>;
}

interface Asked {
  readonly telling: Telling;
  resolve(text: string): void;
  reject(error: Error): void;
}

export function createTeller(directory: string, store: StoreReader, compiled: CompiledCache): Teller {
  const asked = new Map<number, Asked>();
  let worker: Worker | null = null;
  let idle: NodeJS.Timeout | undefined;
  let nextId = 1;

  /** One answer at a time: what the thread cannot hold ends it, and whoever asked for that alone is refused. */
  const queue: TellerCall[] = [];
  let current: number | null = null;

  function next(): void {
    const call = queue.shift();
    current = call?.id ?? null;
    if (call !== undefined) thread().postMessage(call);
    else idle = setTimeout(end, IDLE_MS).unref();
  }

  function settle(id: number, act: (one: Asked) => void): void {
    const one = asked.get(id);
    asked.delete(id);
    if (one !== undefined) act(one);
  }

  function end(): Promise<number> | undefined {
    const ended = worker?.terminate();
    worker = null;
    return ended;
  }

  function thread(): Worker {
    if (worker !== null) return worker;
    const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
    const started = new Worker(new URL(`./teller.worker.${extension}`, import.meta.url), {
      name: "teller",
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MAX_MIB },
    });
    started.unref();
    started.postMessage(directory);
    started.on("message", (reply: TellerReply) => {
      settle(reply.id, ({ resolve, reject }) => ("text" in reply ? resolve(reply.text) : reject(reviveError(reply.error))));
      next();
    });
    started.on("error", (thrown: Error & { readonly code?: string }) => {
      if (worker === started) worker = null;
      if (current === null) return;
      settle(current, ({ telling, reject }) =>
        reject(
          thrown.code === "ERR_WORKER_OUT_OF_MEMORY"
            ? new RequestError("ANSWER_TOO_LARGE", { what: nameOf(telling) })
            : new InvariantError("INV_UNCAUGHT", { problem: thrown.message }, { cause: thrown }),
        ),
      );
      next();
    });
    worker = started;
    return started;
  }

  return {
    async tell(telling, size) {
      if (size <= HERE_MAX) return tell(store, compiled, telling);
      clearTimeout(idle);
      const { promise, resolve, reject } = Promise.withResolvers<string>();
      const id = nextId++;
      asked.set(id, { telling, resolve, reject });
      queue.push({ id, telling });
      if (current === null) next();
      return promise;
    },
    async [Symbol.asyncDispose]() {
      clearTimeout(idle);
      queue.length = 0;
      current = null;
      for (const id of [...asked.keys()]) settle(id, ({ reject }) => reject(new RequestError("ENGINE_STOPPED")));
      await end();
    },
  };
}

function nameOf(telling: Telling): string {
  switch (telling.kind) {
    case "graph":
      return `definition ${telling.definition}`;
    case "diff":
      return `${telling.left} and ${telling.right}`;
    default:
      return telling.run;
  }
}
