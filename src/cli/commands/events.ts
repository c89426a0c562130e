import { EXECUTION_NAMES } from "../../contract/event-view.ts";
import { withDerived } from "../../main/report/anomalies.ts";
import { defineCommand } from "../command.ts";
import { openProjectFor } from "../context.ts";
import { common, integer, oneOf } from "../option.ts";
import { printJson, printLines } from "../print.ts";
import { anomalyLine } from "../render/anomaly-text.ts";
import { eventLine } from "../render/event-line.ts";

const ANOMALY = "anomaly.detected";

const nameSet = oneOf(["execution", "all"]);

export const eventsCommand = defineCommand({
  description:
    "Prints a run's journal: one line for each transition of the run and of its steps, and after one what follows from it under the same number: what a cache, a test gate or a merge said, and what is unusual.",
  arguments: [{ name: "[run]", description: "id, beginning of an id, or @latest (default)" }],
  options: {
    follow: { flags: "-f, --follow", description: "go on until the run is at rest" },
    after: { flags: "--after <seq>", description: "only entries after this one", parse: integer(0) },
    names: {
      flags: "--names <set>",
      description: "`execution`: only the seven older names (EXECUTION_STARTED, STEP_COMPLETED …)",
      parse: nameSet,
      choices: ["execution", "all"],
    },
    ...common,
  },
  examples: [
    { line: "troupe events --follow", meaning: "the latest run, as it goes on" },
    { line: "troupe events run_019 --after 40 -o jsonl", meaning: "the rest of a stream that broke off at entry 40" },
  ],
  async run({ context, options, words: [name = "@latest"] }) {
    const { terminal } = context;
    await using opened = await openProjectFor(context, options, "existing");
    const { project, output } = opened;
    const runId = project.runId(name);
    const afterSeq = options.after ?? 0;
    const events = withDerived(project.store, runId, afterSeq, project.events(runId, { follow: options.follow, afterSeq }));
    const list: object[] = [];
    for await (const event of events) {
      const type = options.names === "execution" ? EXECUTION_NAMES[event.type] : event.type;
      if (type === undefined) continue;
      if (output === "json" && !options.follow) list.push({ ...event, type });
      else if (output === "text")
        printLines(terminal, [(type === ANOMALY ? anomalyLine : eventLine)({ ...event, type }, terminal.dataLook)]);
      else printJson(terminal, { ...event, type }, "jsonl");
    }
    if (output === "json" && !options.follow) printJson(terminal, list);
    return 0;
  },
});
