/**
 * The `TaskPool` port over Piscina. One task a worker at a time, since a dying worker takes all its tasks along (I-35). Nothing is
 * loaded before the first call, so that an engine without such steps pays nothing at its start.
 */
import { availableParallelism } from "node:os";
import type { Piscina } from "piscina";
import { toError } from "../../core/errors.ts";
import type { TaskFailure } from "../../core/failure.ts";
import type { Json, JsonObject } from "../../core/json.ts";
import type { TaskAnswer, TaskPool } from "../../ports/task-pool.ts";
import type { WorkerAnswer } from "./function.worker.ts";

export interface TaskPoolOptions {
  /** @defaultValue one a core */
  readonly maxThreads?: number;
  /** Heap of one worker; a function that needs more fails alone. @defaultValue 512 MiB */
  readonly maxHeapMb?: number;
}

const HEAP_MB_DEFAULT = 512;
/** A thread starts in about 30 ms: worth keeping for the next step, not for ever. */
const IDLE_MS = 10_000;

// tsc rewrites the specifiers of imports, not strings.
const EXTENSION = import.meta.url.endsWith(".ts") ? "ts" : "js";
const WORKER = new URL(`./function.worker.${EXTENSION}`, import.meta.url).href;

export function createTaskPool(options: TaskPoolOptions = {}): TaskPool {
  let opening: Promise<Piscina> | null = null;
  return {
    async call(task, signal): Promise<TaskAnswer> {
      if (signal.aborted) return stopped();
      try {
        const pool = await (opening ??= openPool(options));
        return toAnswer((await pool.run(task, { signal })) as WorkerAnswer); // our worker answers nothing else
      } catch (error) {
        return signal.aborted ? stopped() : { ok: false, failure: crashed(toError(error)) };
      }
    },
    async [Symbol.asyncDispose]() {
      const pool = await opening;
      opening = null;
      await pool?.destroy();
    },
  };
}

async function openPool({ maxThreads = availableParallelism(), maxHeapMb = HEAP_MB_DEFAULT }: TaskPoolOptions): Promise<Piscina> {
  const { Piscina: Pool } = await import("piscina");
  const pool = new Pool({
    filename: WORKER,
    minThreads: 0,
    maxThreads: Math.max(1, maxThreads),
    idleTimeout: IDLE_MS,
    concurrentTasksPerWorker: 1,
    resourceLimits: { maxOldGenerationSizeMb: maxHeapMb },
    recordTiming: false,
  });
  // A worker that dies while it has no task concerns nobody; without a listener it would end the engine.
  pool.on("error", () => undefined);
  return pool;
}

function toAnswer(answer: WorkerAnswer): TaskAnswer {
  // What crossed is checked by who asked for it: the step turns the value into JSON, the runtime classifies what was thrown.
  return answer.ok ? { ok: true, value: answer.value as Json } : { ok: false, thrown: answer.thrown as JsonObject };
}

function stopped(): TaskAnswer {
  return { ok: false, failure: { class: "canceled", code: "CANCELED", title: "Its worker thread was stopped." } };
}

function crashed(error: Error): TaskFailure {
  const { code } = error as NodeJS.ErrnoException;
  if (code === "ERR_WORKER_OUT_OF_MEMORY") {
    return { class: "transient", code: "OUT_OF_MEMORY", title: "It used up the memory of its worker thread.", hint: "Give it less to do at once, or run it as a shell step." };
  }
  return { class: "transient", code: "WORKER_CRASHED", title: "Its worker thread ended before it answered.", detail: error.message };
}
