/** Starts a run that a trigger asks for: once for its key, under the name of the trigger, in the tenant that deployed the workflow (S-35). */
import { isTroupeError } from "../../core/errors.ts";
import type { RunId } from "../../core/ids.ts";
import type { Json, JsonObject } from "../../core/json.ts";
import type { TriggeredWorkflow } from "../../ports/triggers.ts";
import type { Driver, Project } from "../project-shape.ts";

export interface TriggeredStart {
  readonly workflow: Pick<TriggeredWorkflow, "tenant" | "version">;
  /** Parts that name the start for ever; the same parts are the same run (I-8). Null for one that is new each time. */
  readonly key: readonly string[] | null;
  readonly input: Json | undefined;
  /** Who started it, as journals say: `schedule:nightly/1`. */
  readonly by: string;
  /** For expressions: `context.trigger`. */
  readonly trigger: JsonObject;
}

/** @throws DefinitionErrors, RequestError INPUT_INVALID; TransientError BACKPRESSURE */
export async function startTriggered(
  project: Pick<Project, "version">,
  driver: Pick<Driver, "start">,
  { workflow, key, input, by, trigger }: TriggeredStart,
): Promise<RunId> {
  try {
    return await driver.start(project.version(workflow.version), {
      tenant: workflow.tenant,
      // A NUL, which no header can hold: whoever chooses keys for requests cannot take that of a trigger.
      ...(key !== null && { key: `\0${key.join("\0")}` }),
      ...(input !== undefined && { input }),
      context: { startedBy: by, trigger },
    });
  } catch (thrown) {
    // It was started, and another version came before that was written down.
    if (isTroupeError(thrown) && thrown.code === "IDEMPOTENCY_MISMATCH") return String(thrown.details.run) as RunId;
    throw thrown;
  }
}
