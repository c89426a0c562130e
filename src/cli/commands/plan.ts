import { defineCommand } from "../command.ts";
import { hasState, settingsFor } from "../context.ts";
import { historyOf } from "../history.ts";
import { loadFile } from "../load-file.ts";
import { common, maxWorkersOption } from "../option.ts";
import { printJson, printLines } from "../print.ts";
import { renderPlan } from "../render/plan-text.ts";

export const planCommand = defineCommand({
  description:
    "Shows what a run would do: order, waves, critical path, slack, expected time with so many workers, and bounds of time, attempts and cost. Expected times come from the workflow's `cost.duration`, else from history, else 1 s.",
  arguments: [{ name: "<file>", description: "workflow file", completes: "file" }],
  options: {
    maxWorkers: maxWorkersOption,
    edges: { flags: "--edges", description: "also every edge and the fields that make it" },
    ...common,
  },
  examples: [
    { line: "troupe plan build.troupe.yaml --max-workers 4", meaning: "how fast would four workers be?" },
    { line: "troupe plan build.troupe.yaml --edges", meaning: "why does one step wait for another?" },
  ],
  async run({ context, options, words: [file = ""] }) {
    const { plan } = await import("../../plan/plan.ts");
    const { values } = await settingsFor(context, options);
    const workflow = await loadFile(file);
    const history = hasState(values.state) ? await historyOf(context, options, workflow.name) : new Map<string, readonly number[]>();
    const { defaultMaxWorkers } = await import("../../main/default-workers.ts");
    const planned = plan(workflow, { workers: values.max_workers || defaultMaxWorkers(), history });
    if (values.output !== "text") printJson(context.terminal, planned, values.output);
    else printLines(context.terminal, renderPlan(planned, context.terminal.dataLook, options.edges));
    return 0;
  },
});
