/** What tells of a run while it runs, whatever it looks like. */
import type { EventView } from "../contract/event-view.ts";
import type { RunId } from "../core/ids.ts";
import type { Place } from "../core/place.ts";
import type { Project } from "../main/project-shape.ts";
import type { CompiledWorkflow } from "../plan/workflow.ts";
import type { CiJob } from "./ci/ci-job-shape.ts";
import type { OutputFormat } from "./option.ts";
import type { Terminal } from "./terminal.ts";

export interface Reporter extends Disposable {
  /** `isNew` is false for what had happened before this command began. */
  event(event: EventView, isNew: boolean): void;
  /** Something a person should read now. */
  say(text: string): void;
}

export interface ReporterOptions {
  readonly terminal: Terminal;
  readonly output: OutputFormat;
  readonly project: Project;
  readonly runId: RunId;
  readonly workflow: CompiledWorkflow;
  readonly workers: number;
  /** Where steps stand in the file that the run was started from; empty where that is not known. */
  readonly ci?: { readonly job: CiJob; readonly places: ReadonlyMap<string, Place> };
}
