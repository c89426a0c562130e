import { formatDuration } from "../../core/duration.ts";
import { defineCommand } from "../command.ts";
import { hasState, openProjectFor, settingsFor } from "../context.ts";
import { common, integer, oneOf, text } from "../option.ts";
import { printLines, printList } from "../print.ts";
import { stateStyle } from "../render/look.ts";
import { shortRunId } from "../render/run-id.ts";
import { renderTable } from "../render/table.ts";
import { timeText } from "../render/value.ts";

const STATES = ["pending", "running", "succeeded", "failed", "canceled", "quarantined"] as const;
const runState = oneOf(STATES);

export const listCommand = defineCommand({
  description: "Lists runs, newest first.",
  arguments: [],
  options: {
    runState: {
      flags: "-s, --run-state <state>",
      description: `only runs that are ${STATES.join(", ")}; may be given several times`,
      parse: runState,
      isMany: true,
      choices: STATES,
    },
    workflow: { flags: "-w, --workflow <name>", description: "only runs of this workflow", parse: text },
    limit: { flags: "-n, --limit <n>", description: "at most so many (default 20)", parse: integer(1, 10_000) },
    before: { flags: "--before <run>", description: "only runs older than this one, for the next page", parse: text },
    ...common,
  },
  examples: [
    { line: "troupe list", meaning: "the latest 20 runs" },
    { line: "troupe list --run-state failed --workflow nightly", meaning: "what went wrong with one workflow" },
    { line: "troupe list -o jsonl -n 1000 | jq -r .id", meaning: "ids for a script" },
  ],
  async run({ context, options }) {
    const { terminal } = context;
    const { values } = await settingsFor(context, options);
    if (!hasState(values.state)) {
      if (values.output === "text") terminal.note("There are no runs yet. Start one with `troupe run`.\n");
      else printList(terminal, [], values.output);
      return 0;
    }
    await using opened = await openProjectFor(context, options);
    const { project, output } = opened;
    const { runState: states, workflow, limit = 20, before } = options;
    const runs = project.list({ states, limit, ...(workflow !== undefined && { workflow }), ...(before !== undefined && { before }) });
    if (output !== "text") {
      printList(terminal, runs, output);
      return 0;
    }
    if (runs.length === 0) terminal.note("There are no such runs.\n");
    const now = Date.now();
    const rows = runs.map((run) => [
      shortRunId(run.id),
      run.workflow,
      [stateStyle(run.state), run.state.slice(run.state.indexOf(".") + 1)] as const,
      `${run.progress.done}/${run.progress.total}`,
      timeText(run.startedAt ?? run.createdAt, now),
      run.startedAt === null ? "" : formatDuration((run.endedAt ?? now) - run.startedAt),
    ]);
    const columns = [
      { title: "RUN" },
      { title: "WORKFLOW" },
      { title: "STATE" },
      { title: "STEPS", align: "right" as const },
      { title: "STARTED" },
      { title: "TOOK", align: "right" as const },
    ];
    if (runs.length > 0) printLines(terminal, renderTable(columns, rows, terminal.dataLook));
    if (runs.length === limit) terminal.note(`Older ones: troupe list --before ${runs.at(-1)?.id}\n`);
    return 0;
  },
});
