/**
 * The `TaskPool` port over Piscina. Nothing is loaded before the first call, so that an engine without such steps pays nothing.
 *
 * T1 One task a worker at a time, since a dying worker takes all its tasks along (I-35).
 * T2 Tasks wait here, not in Piscina: with no minimum of threads it starts none for what is queued when its last worker dies, and
 *    those tasks would wait for ever (seen with 5.3.2).
 */
import { availableParallelism } from "node:os";
import type { Piscina } from "piscina";
import { toError } from "../../core/errors.ts";
import type { TaskFailure } from "../../core/failure.ts";
import type { Json, JsonObject } from "../../core/json.ts";
import type { TaskAnswer, TaskPool } from "../../ports/task-pool.ts";
import type { WorkerAnswer } from "./function.worker.ts";
import { createPlaces } from "./places.ts";

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

export interface PiscinaTaskPool extends TaskPool {
  load(): { readonly busy: number; readonly limit: number };
}

export function createTaskPool({
  maxThreads = availableParallelism(),
  maxHeapMb = HEAP_MB_DEFAULT,
}: TaskPoolOptions = {}): PiscinaTaskPool {
  const threads = Math.max(1, maxThreads);
  const places = createPlaces(threads);
  let opening: Promise<Piscina> | null = null;
  const open = (): Promise<Piscina> => {
    opening ??= openPool(threads, maxHeapMb, () => {
      opening = null;
    });
    return opening;
  };
  return {
    async call(task, signal): Promise<TaskAnswer> {
      if (!(await places.take(signal))) return stopped();
      try {
        const pool = await open();
        return toAnswer((await pool.run(task, { signal })) as WorkerAnswer); // our worker answers nothing else
      } catch (error) {
        return signal.aborted ? stopped() : { ok: false, failure: crashed(toError(error)) };
      } finally {
        places.give();
      }
    },
    load: () => ({ busy: threads - places.free, limit: threads }),
    async [Symbol.asyncDispose]() {
      const pool = await opening;
      opening = null;
      await pool?.destroy();
    },
  };
}

async function openPool(maxThreads: number, maxHeapMb: number, broken: () => void): Promise<Piscina> {
  const { Piscina: Pool } = await import("piscina");
  const pool = new Pool({
    filename: WORKER,
    minThreads: 0,
    maxThreads,
    idleTimeout: IDLE_MS,
    concurrentTasksPerWorker: 1,
    resourceLimits: { maxOldGenerationSizeMb: maxHeapMb },
    recordTiming: false,
  });
  // A worker died without a task. If one waits for it, it died while it was starting: the pool gives up, so that nobody waits for ever.
  pool.on("error", () => {
    if (pool.queueSize === 0) return;
    broken();
    void pool.destroy();
  });
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
    return {
      class: "transient",
      code: "OUT_OF_MEMORY",
      title: "It used up the memory of its worker thread.",
      hint: "Give it less to do at once, or run it as a shell step.",
    };
  }
  return { class: "transient", code: "WORKER_CRASHED", title: "Its worker thread ended before it answered.", detail: error.message };
}
