import { RequestError } from "../../core/errors.ts";
import { type CommandGroup, defineCommand } from "../command.ts";
import { type Context, hasState, type OpenProject, openProjectFor, settingsFor } from "../context.ts";
import { EXIT, exitCodeOf } from "../exit-code.ts";
import { isSuspension, withDriver } from "../open-driver.ts";
import { common, maxWorkersOption, observationOptions } from "../option.ts";
import { printJson, printLines, printList } from "../print.ts";
import { stateStyle } from "../render/look.ts";
import { shortRunId } from "../render/run-id.ts";
import { renderSummary } from "../render/run-summary.ts";
import { renderTable } from "../render/table.ts";
import { plural } from "../render/text.ts";
import { timeText } from "../render/value.ts";
import { type StillRun, untilStill } from "../until-still.ts";
import { resumeCommand } from "./resume.ts";

const SUSPEND_GRACE_MS = 2_000;

const listCommand = defineCommand({
  description: "Lists runs that are unfinished, and tells whether an engine drives them.",
  arguments: [],
  options: common,
  examples: [{ line: "troupe recover list", meaning: "after a crash or a reboot" }],
  async run({ context, options }) {
    const { terminal } = context;
    const { values } = await settingsFor(context, options);
    if (!hasState(values.state)) {
      if (values.output === "text") terminal.note("Nothing was interrupted.\n");
      else printList(terminal, [], values.output);
      return 0;
    }
    await using opened = await openProjectFor(context, options);
    const { project, output } = opened;
    const { hasLiveEngine } = await import("../../main/engine-alive.ts");
    const isDriven = await hasLiveEngine(project.directory);
    const runs = project.interrupted();
    if (output !== "text") {
      printList(
        terminal,
        runs.map((run) => ({ ...run, isDriven })),
        output,
      );
      return 0;
    }
    if (runs.length === 0) terminal.note("Nothing was interrupted.\n");
    else {
      const now = Date.now();
      const rows = runs.map(({ id, workflow, state, progress, createdAt }) => [
        shortRunId(id),
        workflow,
        [stateStyle(state), state] as const,
        `${progress.done}/${progress.total}`,
        timeText(createdAt, now),
      ]);
      printLines(
        terminal,
        renderTable(
          [{ title: "RUN" }, { title: "WORKFLOW" }, { title: "STATE" }, { title: "STEPS", align: "right" }, { title: "CREATED" }],
          rows,
          terminal.dataLook,
        ),
      );
      terminal.note(
        isDriven
          ? "An engine is alive in this state directory: it drives them, or they go on when it ends.\n"
          : "Nobody drives them. Go on with: troupe recover all\n",
      );
    }
    return 0;
  },
});

const allCommand = defineCommand({
  description: "Lets every interrupted run go on, driven here, and waits until all of them rest. Paused runs stay paused.",
  arguments: [],
  options: { maxWorkers: maxWorkersOption, ...observationOptions, ...common },
  examples: [{ line: "troupe recover all", meaning: "after a crash or a reboot" }],
  async run({ context, options }) {
    await using opened = await openProjectFor(context, options, "existing");
    const { project } = opened;
    const ids = project
      .interrupted()
      .filter(({ state }) => state !== "running.paused")
      .map(({ id }) => project.runId(id));
    if (ids.length === 0) {
      context.terminal.note("Nothing was interrupted.\n");
      return 0;
    }
    return await withDriver(context, opened, { ...options, adopt: "all" }, async ({ driver, interrupts }) => {
      if (driver.safeMode)
        throw new RequestError(
          "CLI_USAGE",
          { problem: "The engine is in safe mode, since the last ones crashed within a minute: nothing is started by itself." },
          { fix: "Resume runs one by one with `troupe resume` to find the one that crashes." },
        );
      context.terminal.note(`${plural(ids.length, "run")} to go on with\n`);
      const { promise: suspended, resolve } = Promise.withResolvers<"suspended">();
      const suspend = (isAgain: boolean): void => void driver.suspend(isAgain ? 0 : SUSPEND_GRACE_MS).then(() => resolve("suspended"));
      using _answering = interrupts.answer({ cancel: () => suspend(false), force: () => suspend(true), suspend });
      const ended = Promise.all(ids.map((runId) => restOf(context, opened, untilStill(opened.project, driver, runId))));
      const outcome = await Promise.race([suspended, ended.catch((error) => (isSuspension(error) ? suspended : Promise.reject(error)))]);
      if (outcome !== "suspended")
        return Math.max(
          ...outcome.map(({ view, isAtRest }) =>
            isAtRest ? exitCodeOf(view, project.snapshot(project.runId(view.id)).workflow) : EXIT.waitsForPerson,
          ),
        );
      context.terminal.note("Suspended; nothing is lost. Go on with: troupe recover all\n");
      return interrupts.isCanceling ? EXIT.interrupted : EXIT.terminated;
    });
  },
});

async function restOf({ terminal }: Context, { output }: OpenProject, still: Promise<StillRun>): Promise<StillRun> {
  const found = await still;
  const { view } = found;
  if (output !== "text") printJson(terminal, view, "jsonl");
  // One line a run: `troupe show` has the rest.
  else
    printLines(terminal, renderSummary({ view, criticalPath: [], retries: new Map(), logTails: new Map() }, terminal.dataLook).slice(0, 1));
  return found;
}

export const recoverCommand: CommandGroup = {
  description: "Goes on with runs whose engine was killed, or that were suspended.",
  subcommands: {
    list: { ...listCommand, summary: "list unfinished runs" },
    run: { ...resumeCommand, summary: "let one run go on (the same as `troupe resume`)" },
    all: { ...allCommand, summary: "let all of them go on" },
  },
};
