/** Draws a run in place while it goes on. Loaded only where there is a terminal to draw on. */
import type { RunId } from "../core/ids.ts";
import { expectRun } from "./expectation.ts";
import { runningLines } from "./last-lines.ts";
import { computeForecast } from "./live/forecast.ts";
import { type FrameInput, renderFrame } from "./live/live-frame.ts";
import { applyEvent, emptyRun, type LiveRun } from "./live/live-model.ts";
import { createScreen } from "./live/live-screen.ts";
import type { ReportedProject, Reporter, ReporterOptions } from "./reporter-shape.ts";

/** At most ten pictures a second: more is flicker, less feels stuck. */
const REDRAW_MS = 100;
/** Reading what running steps print costs a file each. */
const LOOK_AT_LOGS_MS = 300;

export function createLiveReporter({ terminal, project, runId, workflow, workers }: ReporterOptions): Reporter {
  const screen = createScreen(terminal.draw, () => terminal.noteLook.columns);
  const { waves, p50Ms, expectation } = expectRun(project.store, workflow, workers);
  const needs = new Map(workflow.steps.map((step) => [step.id as string, step.needs.map(({ from }) => workflow.steps[from]?.id ?? "")]));
  const run = emptyRun(workflow.steps.map(({ id }) => id));
  let lines: ReadonlyMap<string, string> = new Map();
  let nextLookAt = 0;
  let hint: string | null = null;

  const draw = (): void => {
    const now = Date.now();
    if (now >= nextLookAt) {
      lines = readLastLines(project, runId, run);
      nextLookAt = now + LOOK_AT_LOGS_MS;
    }
    const input: FrameInput = {
      runId,
      name: workflow.name,
      run,
      waves,
      needs,
      p50Ms,
      lastLines: lines,
      forecast: computeForecast(run.steps, expectation, now),
      now,
      rows: terminal.rows,
      hint,
    };
    screen.show(renderFrame(input, terminal.noteLook));
  };
  const timer = setInterval(draw, REDRAW_MS);
  return {
    event: (event) => applyEvent(run, event),
    say(text) {
      hint = text;
      draw();
    },
    [Symbol.dispose]() {
      clearInterval(timer);
      screen[Symbol.dispose]();
    },
  };
}

function readLastLines({ store, directory }: ReportedProject, runId: RunId, run: LiveRun): ReadonlyMap<string, string> {
  const running = new Set([...run.steps.values()].filter(({ state }) => state === "running.executing").map(({ id }) => id));
  return running.size === 0 ? new Map() : runningLines(store.attempts(runId), directory, runId, running);
}
