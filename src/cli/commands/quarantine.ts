import type { StepId } from "../../core/ids.ts";
import type { Driver } from "../../main/project-shape.ts";
import { actOnRun } from "../act-on-run.ts";
import { type CommandGroup, defineCommand } from "../command.ts";
import { type Context, hasState, openProjectFor, type SettingOptions, settingsFor } from "../context.ts";
import { BY } from "../drive-run.ts";
import { parseJson, readDocument, usage } from "../input.ts";
import { common, text } from "../option.ts";
import { printLines, printList } from "../print.ts";
import { shortRunId } from "../render/run-id.ts";
import { renderTable } from "../render/table.ts";

type Decision = Parameters<Driver["post"]>[1];

/** Runs that may hold a quarantined step. */
const STATES = ["quarantined", "running"];
const RUNS_MAX = 1_000;

const RUN_AND_STEP = [
  { name: "<run>", description: "id, beginning of an id, or @latest" },
  { name: "<step>", description: "the quarantined step" },
] as const;

const reasonOption = { flags: "--reason <text>", description: "kept in the journal", parse: text } as const;

const listCommand = defineCommand({
  description: "Lists steps (and runs) that wait for a person, with the reason.",
  arguments: [],
  options: common,
  examples: [{ line: "troupe quarantine list", meaning: "what needs a decision" }],
  async run({ context, options }) {
    const { terminal } = context;
    const { values } = await settingsFor(context, options);
    const found = hasState(values.state) ? await findQuarantined(context, options) : [];
    if (values.output !== "text") printList(terminal, found, values.output);
    else if (found.length === 0) terminal.note("Nothing is quarantined.\n");
    else
      printLines(
        terminal,
        renderTable(
          [{ title: "RUN" }, { title: "WORKFLOW" }, { title: "STEP" }, { title: "REASON" }],
          found.map(({ run, workflow, step, reason }) => [shortRunId(run), workflow, step ?? "(the run)", reason]),
          terminal.dataLook,
        ),
      );
    return 0;
  },
});

interface Quarantined {
  readonly run: string;
  readonly workflow: string;
  /** Null when the run itself is, since nothing can be computed about it. */
  readonly step: string | null;
  readonly reason: string;
}

async function findQuarantined(context: Context, options: SettingOptions): Promise<readonly Quarantined[]> {
  await using opened = await openProjectFor(context, options);
  const { project } = opened;
  return project.list({ states: STATES, limit: RUNS_MAX }).flatMap((run): Quarantined[] => {
    const view = project.view(project.runId(run.id));
    const steps = view.steps
      .filter(({ state }) => state === "quarantined")
      .map(({ id, quarantinedBecause }) => ({ run: run.id, workflow: run.workflow, step: id, reason: quarantinedBecause ?? "" }));
    if (steps.length > 0 || view.state !== "quarantined") return steps;
    return [{ run: run.id, workflow: run.workflow, step: null, reason: view.waitingFor ?? "" }];
  });
}

function decide(context: Context, options: SettingOptions, [run = "", step = ""]: readonly string[], event: Decision): Promise<number> {
  return actOnRun({
    context,
    options,
    run,
    async act(driver, runId, { project }) {
      // Asked first for a clear answer when the step does not exist.
      project.why(runId, step);
      await driver.post(runId, event);
      return runId;
    },
  });
}

const releaseCommand = defineCommand({
  description: "Lets a quarantined step run again, and the run go on here.",
  arguments: RUN_AND_STEP,
  options: common,
  examples: [{ line: "troupe quarantine release @latest deploy", meaning: "it is safe to repeat it" }],
  run: ({ context, options, words }) => decide(context, options, words, { type: "step.release", step: words[1] as StepId, by: BY }), // The kernel refuses a step that is not there.
});

const skipCommand = defineCommand({
  description: "Counts a quarantined step as skipped; the run goes on here.",
  arguments: RUN_AND_STEP,
  options: { reason: reasonOption, ...common },
  examples: [{ line: 'troupe quarantine skip @latest notify --reason "told them by phone"', meaning: "go on without it" }],
  run: ({ context, options, words }) =>
    decide(context, options, words, { type: "step.skip", step: words[1] as StepId, by: BY, reason: options.reason ?? null }), // As above.
});

const overrideCommand = defineCommand({
  description: "Gives a quarantined step the output that it has had; it counts as succeeded, and the run goes on here.",
  arguments: RUN_AND_STEP,
  options: {
    value: { flags: "--value <json>", description: "the output, as JSON", parse: text },
    file: { flags: "--file <file>", description: "the output, from a JSON or YAML file; - is stdin", parse: text },
    ...common,
  },
  examples: [{ line: `troupe quarantine override @latest deploy --value '{"version":"1.4.2"}'`, meaning: "it had worked after all" }],
  async run({ context, options, words }) {
    const { value, file } = options;
    if ((value === undefined) === (file === undefined))
      throw usage(
        "`troupe quarantine override` takes --value or --file, one of them.",
        "`troupe quarantine override --help` shows an example.",
      );
    const output = value === undefined ? await readDocument(file ?? "-", context.terminal.stdin) : parseJson(value, "The text of --value");
    return decide(context, options, words, { type: "step.override", step: words[1] as StepId, by: BY, output }); // As above.
  },
});

const discardCommand = defineCommand({
  description: "Counts a quarantined step as failed; the run goes on here as after any failure.",
  arguments: RUN_AND_STEP,
  options: { reason: reasonOption, ...common },
  examples: [{ line: "troupe quarantine discard @latest deploy", meaning: "it did not work" }],
  run: ({ context, options, words }) =>
    decide(context, options, words, { type: "step.fail", step: words[1] as StepId, by: BY, reason: options.reason ?? null }), // As above.
});

export const quarantineCommand: CommandGroup = {
  description: "Decides about steps that Troupe will not repeat by itself: it cannot know what they had done when they were lost.",
  subcommands: {
    list: { ...listCommand, summary: "list what waits for a person" },
    release: { ...releaseCommand, summary: "let the step run again" },
    skip: { ...skipCommand, summary: "go on without the step" },
    override: { ...overrideCommand, summary: "give the step's output" },
    discard: { ...discardCommand, summary: "count the step as failed" },
  },
};
