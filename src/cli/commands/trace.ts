import { computeActualPath } from "../actual-path.ts";
import { defineCommand } from "../command.ts";
import { openProjectFor } from "../context.ts";
import { common } from "../option.ts";
import { printJson, printLines, printList } from "../print.ts";
import { renderWaterfall } from "../render/waterfall.ts";

export const traceCommand = defineCommand({
  description:
    "Shows when each step of a run was ready, ran, and waited for a retry, an answer or its items. Made from the journal: no collector is needed, and none is asked.",
  arguments: [{ name: "[run]", description: "id, beginning of an id, or @latest (default)" }],
  options: {
    json: { flags: "--json", description: "the spans as an OTLP request in JSON, as any collector takes it" },
    ...common,
  },
  examples: [
    { line: "troupe trace", meaning: "where the time of the latest run went" },
    {
      line: "troupe trace @latest --json | curl -d @- -H 'Content-Type: application/json' localhost:4318/v1/traces",
      meaning: "send a run to Jaeger that was never traced",
    },
  ],
  async run({ context, options, words: [name = "@latest"] }) {
    const { terminal, version } = context;
    await using opened = await openProjectFor(context, options, "existing");
    const { project, output } = opened;
    const runId = project.runId(name);
    const { workflow, snapshot } = project.snapshot(runId);
    const { readSpans, spansToOtlp } = await import("../../main/read-spans.ts");
    const spans = readSpans(project.store, workflow, snapshot);
    if (options.json) printJson(terminal, spansToOtlp(spans, version), output === "jsonl" ? "jsonl" : "json");
    else if (output !== "text") printList(terminal, spans, output);
    else {
      const view = project.view(runId);
      const input = { view, spans, criticalPath: computeActualPath(workflow, view), now: Date.now() };
      printLines(terminal, renderWaterfall(input, terminal.dataLook));
    }
    return 0;
  },
});
