/** The library's entry: a project and its driver behind one small object. */
import type { RunId, StepId } from "../core/ids.ts";
import type { Json } from "../core/json.ts";
import type { CauseEvent } from "../kernel/cause.ts";
import type { CompiledWorkflow } from "../plan/workflow.ts";
import type { CommittedEntry, Observer } from "../ports/observer.ts";
import { openProject } from "./project.ts";
import type { Driver, Project } from "./project-shape.ts";
import type { RunHandle, RunOptions, Troupe, TroupeOptions, TypedRunView } from "./troupe.ts";

/** Who acts when a program calls, as the journal records it. */
const BY = "library";

const STOP_GRACE_MS_DEFAULT = 5_000;

/**
 * Opens a state directory and drives the runs in it.
 *
 * @example
 * await using troupe = await createTroupe({ functions: { double: ({ value }: { value: number }) => value * 2 } });
 * const run = await troupe.run("double.troupe.yaml", { input: { value: 21 } });
 * const { output } = await run.result();
 */
export async function createTroupe(options: TroupeOptions = {}): Promise<Troupe> {
  const { adopt = "all", maxWorkers, warn = (message: string) => process.stderr.write(`troupe: ${message}\n`), ...rest } = options;
  const project = await openProject({ ...rest, willWrite: true });
  const observers = new Set<Observer>();
  const fanOut: Observer = { name: "library", committed: (batch) => tell(observers, batch) };
  try {
    const driver = await project.drive({ adopt, warn, observers: [fanOut], ...(maxWorkers !== undefined && { maxWorkers }) });
    return new LibraryTroupe(project, driver, observers);
  } catch (error) {
    await project[Symbol.asyncDispose]();
    throw error;
  }
}

function tell(observers: ReadonlySet<Observer>, batch: readonly CommittedEntry[]): void {
  for (const observer of observers) observer.committed(batch);
}

class LibraryTroupe implements Troupe {
  readonly #project: Project;
  readonly #driver: Driver;
  readonly #observers: Set<Observer>;

  constructor(project: Project, driver: Driver, observers: Set<Observer>) {
    this.#project = project;
    this.#driver = driver;
    this.#observers = observers;
  }

  async run<TOutput>(workflow: string | CompiledWorkflow, options: RunOptions = {}): Promise<RunHandle<TOutput>> {
    const compiled = typeof workflow === "string" ? this.load(workflow) : workflow;
    return this.#handle(await this.#driver.start(compiled, options));
  }

  get<TOutput>(id: string): RunHandle<TOutput> {
    return this.#handle(this.#project.runId(id));
  }

  list(options: Parameters<Troupe["list"]>[0] = {}): ReturnType<Troupe["list"]> {
    return this.#project.list(options);
  }

  load(file: string): CompiledWorkflow {
    return this.#project.load(file);
  }

  subscribe(observer: Observer): Disposable {
    this.#observers.add(observer);
    return { [Symbol.dispose]: () => void this.#observers.delete(observer) };
  }

  async stop({ graceMs = STOP_GRACE_MS_DEFAULT }: { readonly graceMs?: number } = {}): Promise<void> {
    await this.#driver.suspend(graceMs);
    await this.#project[Symbol.asyncDispose]();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #handle<TOutput>(runId: RunId): RunHandle<TOutput> {
    const project = this.#project;
    const driver = this.#driver;
    const post = (event: CauseEvent): Promise<void> => driver.post(runId, event);
    return {
      id: runId,
      events: (afterSeq = 0) => project.events(runId, { afterSeq, follow: true }),
      // The workflow's own schema was checked; the type is the caller's word for it.
      result: () => driver.rest(runId) as Promise<TypedRunView<TOutput>>,
      view: () => project.view(runId),
      why: (step) => project.why(runId, step),
      cancel: (reason) => post({ type: "run.cancel", by: BY, reason: reason ?? null }),
      pause: () => post({ type: "run.pause", by: BY }),
      resume: () => post({ type: "run.resume", by: BY }),
      release: (step) => post({ type: "step.release", step: step as StepId, by: BY }), // The kernel refuses a step that is not there.
      skip: (step, reason) => post({ type: "step.skip", step: step as StepId, by: BY, reason: reason ?? null }),
      override: (step, output: Json) => post({ type: "step.override", step: step as StepId, by: BY, output }),
      fail: (step, reason) => post({ type: "step.fail", step: step as StepId, by: BY, reason: reason ?? null }),
      retry: async () => this.#handle(await driver.startFrom(runId, { kind: "retry" })),
      fork: async (from) => this.#handle(await driver.startFrom(runId, { kind: "fork", from })),
    };
  }
}
