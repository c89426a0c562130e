/** All that starts runs by itself, for as long as it is open: the scheduler, and events that were taken. */
import type { TriggerService } from "../../api/trigger-service.ts";
import { toError } from "../../core/errors.ts";
import type { Driver, Project } from "../project-shape.ts";
import { createDeliveries } from "./deliveries.ts";
import { openHooks } from "./hooks.ts";
import { openScheduling, type SchedulingOptions } from "./scheduling.ts";
import { createTriggerService } from "./trigger-service.ts";

/** Events whose start was put off, as by an engine that took nothing more, and whose sender does not come back. */
const GO_ON_EVERY_MS = 30_000;

export interface TriggersOptions extends SchedulingOptions {
  readonly project: Project;
  readonly driver: Driver;
  /** Where secrets of hooks may be. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface Triggers extends AsyncDisposable {
  readonly service: TriggerService;
}

export function openTriggers({ project, driver, env, ...scheduling }: TriggersOptions): Triggers {
  const { warn } = scheduling;
  const scheduler = openScheduling(project, driver, scheduling);
  const deliveries = createDeliveries(project, driver, warn);
  const hooks = openHooks(project.directory, env, warn);
  let going: Promise<void> = Promise.resolve();
  const goOn = (): void => {
    going = going
      .then(() => deliveries.goOn())
      .catch((thrown: unknown) => warn(`Events could not be gone on with: ${toError(thrown).message}`));
  };
  goOn();
  const timer = setInterval(goOn, GO_ON_EVERY_MS);
  timer.unref();
  return {
    service: createTriggerService({ project, driver, deliveries, hooks, warn }),
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await Promise.all([scheduler[Symbol.asyncDispose](), going]);
    },
  };
}
