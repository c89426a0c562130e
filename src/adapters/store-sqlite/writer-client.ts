/** The host's side of the writer: the same calls, answered by promises in the order of the calls. */
import { Worker } from "node:worker_threads";
import { FencedError, type SerialisedError, toError } from "../../core/errors.ts";
import { reviveError } from "../../core/revive-error.ts";
import type { Durability } from "./connection.ts";
import type { Writer } from "./writer.ts";

/** Why the writer waits; null when it goes on. */
export type Trouble = "busy" | "full" | null;

type Methods = Omit<Writer, "tidy">;
export type MethodName = keyof Methods;

export interface WriterCall {
  readonly id: number;
  readonly method: MethodName;
  readonly argument: unknown;
}

export type WriterReply =
  | { readonly kind: "ready" }
  | { readonly kind: "done"; readonly id: number; readonly value: unknown }
  | { readonly kind: "failed"; readonly id: number; readonly error: SerialisedError }
  | { readonly kind: "trouble"; readonly trouble: Trouble }
  | { readonly kind: "closed" };

/** Cell of the shared signals by which a sleeping writer hears that the store closes. */
export const SIGNAL_CLOSING = 0;

/** The first message to the thread, and the first after each close. */
export interface WriterThreadOptions {
  readonly path: string;
  readonly durability: Durability;
  readonly busyMs: number;
  readonly signals: SharedArrayBuffer;
}

export interface WriterClient {
  call<TName extends MethodName>(method: TName, argument: Parameters<Methods[TName]>[0]): Promise<ReturnType<Methods[TName]>>;
  close(): Promise<void>;
}

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** What the thread makes dies with its batch; a larger nursery only holds memory, 20 MiB after ten thousand runs (W4). */
const YOUNG_MIB = 8;

/** A thread that has no store yet, or none any more. It keeps no process alive. */
let spare: Worker | null = null;

/**
 * Starts the thread of the next store beforehand, for a command that surely writes: a thread takes as long to start as such a command to
 * load (0.1 s on two slow cores).
 */
export function prestartWriterThread(): void {
  if (spare === null) keepThread(startThread());
}

/** For the next store: a thread that need not be started is quick, and V8 has gone down with threads that come and go. */
function keepThread(worker: Worker): void {
  spare = worker;
  worker.unref();
  // Whoever needs one starts another, and is told what is wrong.
  worker.once("error", () => {
    if (spare === worker) spare = null;
  });
}

function takeThread(): Worker {
  const worker = spare ?? startThread();
  spare = null;
  worker.removeAllListeners("error");
  worker.ref();
  return worker;
}

function startThread(): Worker {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  // Options of the process, such as the --input-type of `node -e`, are not meant for a file of ours, and some refuse it.
  return new Worker(new URL(`./writer.worker.${extension}`, import.meta.url), {
    name: "store-writer",
    execArgv: [],
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MIB },
  });
}

/** @throws FencedError STORE_UNUSABLE when the thread cannot open the database. */
export async function startWriterThread(
  options: Omit<WriterThreadOptions, "signals">,
  onTrouble: (trouble: Trouble) => void,
): Promise<WriterClient> {
  const signals = new SharedArrayBuffer(4);
  const worker = takeThread();
  worker.postMessage({ ...options, signals } satisfies WriterThreadOptions);
  const waiting = new Map<number, Waiting>();
  const ready = Promise.withResolvers<void>();
  let nextId = 1;
  let gone: FencedError | null = null;

  const settle = (id: number, act: (call: Waiting) => void): void => {
    const call = waiting.get(id);
    waiting.delete(id);
    // At rest the thread does not keep the process alive; while it closes it must.
    if (waiting.size === 0 && gone === null) worker.unref();
    if (call !== undefined) act(call);
  };
  /** What was in flight and not answered may or may not be on disk. */
  const lose = (problem: string, cause?: unknown): void => {
    const lost = new FencedError("COMMIT_UNKNOWN", { problem }, { cause });
    gone ??= lost;
    ready.reject(new FencedError("STORE_UNUSABLE", { problem }, { cause }));
    for (const id of [...waiting.keys()]) settle(id, (call) => call.reject(lost));
  };
  const ended = Promise.withResolvers<void>();
  worker.on("message", (reply: WriterReply) => {
    if (reply.kind === "done") settle(reply.id, (call) => call.resolve(reply.value));
    else if (reply.kind === "failed") settle(reply.id, (call) => call.reject(reviveError(reply.error)));
    else if (reply.kind === "trouble") onTrouble(reply.trouble);
    else if (reply.kind === "ready") ready.resolve();
    else ended.resolve();
  });
  worker.on("error", (thrown) => lose(toError(thrown).message, thrown));
  worker.on("exit", (code) => {
    lose(`the writer's thread ended with code ${code}`);
    ended.resolve();
  });
  await ready.promise;
  if (waiting.size === 0) worker.unref();

  return {
    call(method, argument) {
      if (gone !== null) return Promise.reject(gone);
      const { promise, resolve, reject } = Promise.withResolvers<unknown>();
      const id = nextId++;
      if (waiting.size === 0) worker.ref();
      waiting.set(id, { resolve, reject });
      worker.postMessage({ id, method, argument } satisfies WriterCall);
      // The thread answers a call with what its method returned.
      return promise as Promise<ReturnType<Methods[typeof method]>>;
    },
    async close() {
      if (gone !== null) return;
      gone = closed();
      const flags = new Int32Array(signals);
      Atomics.store(flags, SIGNAL_CLOSING, 1);
      Atomics.notify(flags, SIGNAL_CLOSING);
      worker.ref();
      worker.postMessage("close");
      await ended.promise;
      // Not all listeners: Node has some of its own there.
      for (const event of ["message", "error", "exit"]) worker.removeAllListeners(event);
      if (spare === null && worker.threadId > 0) keepThread(worker);
      else await worker.terminate();
    },
  };
}

function closed(): FencedError {
  return new FencedError("STORE_UNUSABLE", { problem: "it was closed" });
}

/** The same calls on this thread, for a store in memory. */
export function createLocalWriterClient(writer: Writer): WriterClient {
  let isClosed = false;
  return {
    async call(method, argument) {
      if (isClosed) throw closed();
      // Method and argument are paired by the signature of `call`.
      const result = (writer[method] as (argument: unknown) => unknown)(argument);
      return result as ReturnType<Methods[typeof method]>;
    },
    async close() {
      isClosed = true;
    },
  };
}
