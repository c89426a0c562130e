/** The library's entry: a project and its driver behind one small object. */
import { resolve } from "node:path";
import type { RunId, StepId } from "../core/ids.ts";
import type { Json } from "../core/json.ts";
import { createPublisher, type Publisher } from "../hosts/embedded/publisher.ts";
import type { CauseEvent } from "../kernel/cause.ts";
import type { CompiledWorkflow } from "../plan/workflow.ts";
import type { Observer } from "../ports/observer.ts";
import { decideApproval, pendingApprovals } from "./answer-approval.ts";
import { answerCallback } from "./answer-callback.ts";
import { sendEvent } from "./answer-event.ts";
import { limitNursery } from "./limit-nursery.ts";
import type { Observation } from "./observation-shape.ts";
import { openProject } from "./project.ts";
import type { Driver, Project } from "./project-shape.ts";
import type { RunHandle, RunOptions, TelemetryOptions, Troupe, TroupeOptions, TypedRunView } from "./troupe.ts";

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
  const { adopt = "all", maxWorkers, warn: say = tellOnStderr, telemetry, ownsProcess = false, ...rest } = options;
  const warn = harmless(say);
  await using stack = new AsyncDisposableStack();
  if (ownsProcess) stack.use(limitNursery());
  const project = stack.use(await openProject({ ...rest, willWrite: true }));
  const observation = telemetry && stack.use(await observe(project, telemetry, warn));
  // Each of the library's observers stands alone: one that throws keeps nothing from the others (I-38).
  const subscribed = createPublisher((name, error) => warn(`The observer ${name} failed and its failures are ignored: ${error.message}`));
  const fanOut: Observer = { name: "library", committed: (batch) => subscribed.publish(batch) };
  const observers = [fanOut, ...(observation?.observers ?? [])];
  const warnAll = (message: string): void => {
    warn(message);
    observation?.heard?.(message);
  };
  const driver = await project.drive({ adopt, warn: warnAll, observers, ...(maxWorkers !== undefined && { maxWorkers }) });
  return new LibraryTroupe(project, driver, subscribed, stack.move());
}

async function observe({ store }: Project, telemetry: TelemetryOptions, warn: (message: string) => void): Promise<Observation> {
  const { openObservation } = await import("./observation.ts");
  const { metricsFile, ...parts } = telemetry;
  return openObservation({
    ...parts,
    ...(metricsFile !== undefined && { metricsFile: resolve(metricsFile) }),
    store,
    env: process.env,
    warn,
    note: warn,
  });
}

/** A warning that cannot be told is no reason to stop an engine. */
function harmless(say: (message: string) => void): (message: string) => void {
  return (message) => {
    try {
      say(message);
    } catch {
      // Nobody is left to be told of it.
    }
  };
}

function tellOnStderr(message: string): void {
  process.stderr.write(`troupe: ${message}\n`);
}

class LibraryTroupe implements Troupe {
  readonly #project: Project;
  readonly #driver: Driver;
  readonly #observers: Publisher;
  /** Everything that is open but the driver. */
  readonly #open: AsyncDisposable;

  constructor(project: Project, driver: Driver, observers: Publisher, open: AsyncDisposable) {
    this.#project = project;
    this.#driver = driver;
    this.#observers = observers;
    this.#open = open;
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
    const workflow = this.#project.load(file);
    this.#driver.warm(workflow);
    return workflow;
  }

  subscribe(observer: Observer): Disposable {
    return this.#observers.subscribe(observer);
  }

  approvals(): ReturnType<Troupe["approvals"]> {
    return pendingApprovals(this.#project);
  }

  sendEvent(name: string, { run, ...sending }: Parameters<Troupe["sendEvent"]>[1] = {}): ReturnType<Troupe["sendEvent"]> {
    const runId = run === undefined ? {} : { run: this.#project.runId(run) };
    return sendEvent(this.#project, this.#driver, name, { by: BY, ...sending, ...runId });
  }

  answerCallback(token: string, data: Json): ReturnType<Troupe["answerCallback"]> {
    return answerCallback(this.#project, this.#driver, token, data);
  }

  async stop({ graceMs = STOP_GRACE_MS_DEFAULT }: { readonly graceMs?: number } = {}): Promise<void> {
    await this.#driver.suspend(graceMs);
    await this.#open[Symbol.asyncDispose]();
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
      approvals: () => pendingApprovals(project, runId),
      decide: (decision) => decideApproval(project, driver, runId, decision),
      retry: async () => this.#handle(await driver.startFrom(runId, { kind: "retry" })),
      fork: async (from) => this.#handle(await driver.startFrom(runId, { kind: "fork", from })),
    };
  }
}
