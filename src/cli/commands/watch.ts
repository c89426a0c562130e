import { defineCommand } from "../command.ts";
import { openProjectFor } from "../context.ts";
import { printEnd } from "../drive-run.ts";
import { exitCodeOf } from "../exit-code.ts";
import { common } from "../option.ts";
import { createReporter } from "../reporter.ts";

export const watchCommand = defineCommand({
  description: "Follows a run that another process drives, until it rests. Ending this command does nothing to the run.",
  arguments: [{ name: "[run]", description: "id, beginning of an id, or @latest (default)" }],
  options: common,
  examples: [
    { line: "troupe watch", meaning: "the latest run" },
    { line: "troupe watch run_019 && notify-send done", meaning: "its exit code is that of the run" },
  ],
  async run({ context, options, words: [name = "@latest"] }) {
    await using opened = await openProjectFor(context, options, "existing");
    const { project, settings, output } = opened;
    const runId = project.runId(name);
    const { hasLiveEngine } = await import("../../main/engine-alive.ts");
    const { workflow } = project.snapshot(runId);
    const isOpen = project.store.unfinishedRuns().includes(runId);
    {
      using reporter = await createReporter({
        terminal: context.terminal,
        output,
        project,
        runId,
        workflow,
        workers: settings.values.max_workers || workflow.steps.length,
      });
      if (isOpen && !(await hasLiveEngine(project.directory)))
        reporter.say("No engine drives this run at the moment; `troupe resume` in another terminal does.");
      for await (const event of project.events(runId, { follow: true })) reporter.event(event, true);
    }
    const view = project.view(runId);
    await printEnd(context, opened, view);
    return exitCodeOf(view, workflow);
  },
});
