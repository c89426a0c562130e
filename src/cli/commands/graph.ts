import { defineCommand } from "../command.ts";
import { openProjectFor } from "../context.ts";
import { usage } from "../input.ts";
import { loadFile } from "../load-file.ts";
import { maxWorkersOption, oneOf, stateOption, text } from "../option.ts";

const FORMATS = ["dot", "mermaid", "json", "svg"] as const;
const graphFormat = oneOf(FORMATS);

export const graphCommand = defineCommand({
  description: "Draws the graph of a workflow: steps by waves, edges, critical path. With --run, of a run, its steps coloured by state.",
  arguments: [{ name: "[file]", description: "workflow file; not needed with --run", completes: "file" }],
  options: {
    format: { flags: "--format <format>", description: "dot (default), mermaid, json or svg", parse: graphFormat, choices: FORMATS },
    run: { flags: "--run <run>", description: "draw this run: id, beginning of an id, or @latest", parse: text },
    maxWorkers: maxWorkersOption,
    state: stateOption,
  },
  examples: [
    { line: "troupe graph build.troupe.yaml --format svg > build.svg", meaning: "a picture" },
    { line: "troupe graph build.troupe.yaml | dot -Tpng > build.png", meaning: "with GraphViz" },
    { line: "troupe graph --run @latest --format mermaid", meaning: "how far the latest run is, for a README or an issue" },
  ],
  async run({ context, options, words: [file] }) {
    if ((file === undefined) === (options.run === undefined))
      throw usage("`troupe graph` takes a workflow file or --run, one of them.", "`troupe graph --help` shows examples.");
    const [{ plan }, { drawGraph }, { toDrawing }, { defaultMaxWorkers }] = await Promise.all([
      import("../../plan/plan.ts"),
      import("../../plan/draw.ts"),
      import("../../plan/drawing.ts"),
      import("../../main/default-workers.ts"),
    ]);
    const { workflow, states } =
      options.run === undefined
        ? { workflow: await loadFile(file ?? ""), states: new Map<string, string>() }
        : await runStates(options.run);
    const drawing = toDrawing(workflow, plan(workflow, { workers: options.maxWorkers ?? defaultMaxWorkers() }), states);
    const drawn = drawGraph(options.format ?? "dot", drawing);
    context.terminal.data(drawn.endsWith("\n") ? drawn : `${drawn}\n`);
    return 0;

    async function runStates(name: string) {
      await using opened = await openProjectFor(context, { state: options.state }, "existing");
      const runId = opened.project.runId(name);
      const { steps } = opened.project.view(runId);
      return { workflow: opened.project.snapshot(runId).workflow, states: new Map(steps.map(({ id, state }) => [id, state])) };
    }
  },
});
