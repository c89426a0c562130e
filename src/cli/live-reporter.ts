/** Draws a run in place while it goes on. Loaded only where there is a terminal to draw on. */
import type { RunId } from "../core/ids.ts";
import { attemptLogs } from "../main/attempt-logs.ts";
import type { Project } from "../main/project-shape.ts";
import { expectRun } from "./expectation.ts";
import { lastLines } from "./last-lines.ts";
import { computeForecast } from "./live/forecast.ts";
import { type FrameInput, renderFrame } from "./live/live-frame.ts";
import { applyEvent, emptyRun, type LiveRun } from "./live/live-model.ts";
import { createScreen } from "./live/live-screen.ts";
import type { Reporter, ReporterOptions } from "./reporter-shape.ts";

/** At most ten pictures a second: more is flicker, less feels stuck. */
const REDRAW_MS = 100;
/** Reading what running steps print costs a file each. */
const LOOK_AT_LOGS_MS = 300;
const LOGS_AT_ONCE = 30;

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

function readLastLines(project: Project, runId: RunId, run: LiveRun): ReadonlyMap<string, string> {
  const running = new Set([...run.steps.values()].filter(({ state }) => state === "running.executing").map(({ id }) => id));
  if (running.size === 0) return new Map();
  const logs = attemptLogs(project.store, project.directory, runId).filter(({ step, endedAt }) => endedAt === null && running.has(step));
  return new Map(
    logs.slice(0, LOGS_AT_ONCE).flatMap(({ step, directory }) => {
      const line = directory === null ? undefined : lastLines(directory, 1)[0];
      return line === undefined ? [] : [[step, line] as const];
    }),
  );
}
