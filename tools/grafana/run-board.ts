/** One workflow and one run of it. Metrics never carry run ids (S-40); what happened in a run is in its trace. */
import { type Board, increase, quantiles, rate } from "./board.ts";

const OF_WORKFLOW = '{workflow=~"$workflow"}';

export const runBoard: Board = {
  uid: "troupe-run",
  title: "Troupe / Run detail",
  description: "A workflow's runs and steps, and the trace of the run that is typed in.",
  hasRun: true,
  rows: [
    {
      title: "Run $run",
      panels: [
        {
          kind: "traces",
          title: "Trace of the run",
          description: "What Jaeger holds of the run. A click opens its waterfall: run, steps, attempts.",
          width: 16,
        },
        {
          kind: "text",
          title: "How to read it",
          width: 8,
          markdown: [
            "Type a run's id into **Run**; `troupe list` shows them.",
            "",
            "- **Waterfall**, above on the right, opens the run in Jaeger.",
            "- A dot in a graph of durations is one trace; a click on it leads there.",
            "- `troupe why RUN` tells what a run waits for, `troupe show RUN` what became of each step.",
          ].join("\n"),
        },
      ],
    },
    {
      title: "Workflow $workflow",
      panels: [
        {
          kind: "stat",
          title: "Runs ended",
          description: "In the time shown, by what became of them.",
          unit: "short",
          width: 8,
          queries: [{ expr: increase("runs", OF_WORKFLOW, ["outcome"]), legend: "{{outcome}}" }],
        },
        {
          kind: "graph",
          title: "Duration of succeeded runs",
          description: "The dots are traces.",
          unit: "s",
          width: 16,
          queries: quantiles("runDuration", [0.5, 0.95, 0.99], '{workflow=~"$workflow", outcome="succeeded"}', true),
        },
        {
          kind: "bars",
          title: "Runs that end",
          description: "By what became of them.",
          unit: "ops",
          width: 12,
          queries: [{ expr: rate("runs", OF_WORKFLOW, ["outcome"]), legend: "{{outcome}}" }],
        },
        {
          kind: "bars",
          title: "Steps that end",
          description: "By type and by what became of them.",
          unit: "ops",
          width: 12,
          queries: [{ expr: rate("steps", OF_WORKFLOW, ["type", "outcome"]), legend: "{{type}} {{outcome}}" }],
        },
      ],
    },
  ],
};
