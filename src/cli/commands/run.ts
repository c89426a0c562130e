import type { RequestError } from "../../core/errors.ts";
import type { RunOptions } from "../../main/troupe.ts";
import { type CompiledWorkflow, PRIORITIES, type Priority } from "../../plan/workflow.ts";
import { userName } from "../approver.ts";
import { ciOptions, inCi } from "../ci/in-ci.ts";
import { defineCommand } from "../command.ts";
import { type Context, hasState, openProjectFor, profilesOf, type SettingOptions, settingsFor } from "../context.ts";
import { driveRun } from "../drive-run.ts";
import { findWorkflow } from "../find-workflow.ts";
import { historyOf } from "../history.ts";
import { readInput, usage } from "../input.ts";
import { loadFile } from "../load-file.ts";
import { type Driving, withDriver } from "../open-driver.ts";
import { common, durabilityOption, integer, maxWorkersOption, observationOptions, routerOption, text } from "../option.ts";
import { printJson, printLines } from "../print.ts";
import { runElsewhere } from "../remote/run-elsewhere.ts";
import { shortRunId } from "../render/run-id.ts";
import type { Settings } from "../settings.ts";

const priority = (value: string): Priority => integer(PRIORITIES[0], PRIORITIES[4])(value) as Priority; // The bounds are those of the type.

export const runCommand = defineCommand({
  description:
    "Runs a workflow and waits for its end. Its state is on disk at every moment: whatever happens to this command, `troupe resume` goes on.",
  arguments: [
    {
      name: "<file>",
      description: "workflow file (*.troupe.yaml, or any YAML or JSON), or the name of a deployed workflow",
      completes: "file",
    },
  ],
  options: {
    set: {
      flags: "-i, --set <key=value>",
      description: "one input value, typed by the workflow's schema; dots lead into maps; may be given several times",
      parse: text,
      isMany: true,
    },
    input: { flags: "--input <file>", description: "input as JSON or YAML; - reads JSON from stdin", parse: text },
    maxWorkers: maxWorkersOption,
    sequential: { flags: "--sequential", description: "one step at a time" },
    dryRun: { flags: "--dry-run", description: "check workflow and input, show the plan, start nothing" },
    detach: { flags: "-d, --detach", description: "print the run's id and leave the run to a process in the background" },
    tenant: { flags: "--tenant <name>", description: "who the run belongs to", parse: text },
    router: routerOption,
    priority: { flags: "--priority <1-5>", description: "1 is the most urgent, 5 the least", parse: priority },
    noCache: { flags: "--no-cache", description: "neither use results of the step cache nor keep any" },
    from: { flags: "--from <step>", description: "take everything before this step from the workflow's latest run", parse: text },
    key: { flags: "--key <text>", description: "starting again with the same key gives the same run", parse: text },
    server: {
      flags: "--server <url>",
      description: "start it on this server and follow it there; the file may be the name of a deployed workflow",
      parse: text,
    },
    keyFile: {
      flags: "--key-file <file>",
      description: "file with the server's key (default: TROUPE_KEY of the environment)",
      parse: text,
    },
    onChange: {
      flags: "--on-change <glob>",
      description:
        "run again whenever a file below here changes that this matches, until Ctrl-C; may be given several times. What git ignores does not count. Steps know the paths as context.event.paths",
      parse: text,
      isMany: true,
    },
    restart: { flags: "--restart", description: "with --on-change: a change cancels the run that goes on, instead of waiting for its end" },
    wait: {
      flags: "--wait",
      description: "go on waiting where a person has to decide, also when nobody sits here (otherwise it ends with 3)",
    },
    profile: {
      flags: "--profile <name>",
      description: "security profile under which every step runs, whatever the workflow says",
      parse: text,
    },
    durability: durabilityOption,
    ...ciOptions,
    ...observationOptions,
    ...common,
  },
  examples: [
    { line: "troupe run hello.troupe.yaml -i name=World", meaning: "run with an input value" },
    { line: "troupe run build.troupe.yaml --max-workers 4", meaning: "at most four steps at a time" },
    {
      line: "cat input.json | troupe run design.troupe.yaml --input - -o json",
      meaning: "for scripts: the result on stdout, progress on stderr",
    },
    { line: "troupe run nightly.troupe.yaml --detach --key nightly-1121", meaning: "in the background, and never twice" },
    { line: "troupe run nightly --server https://troupe.example.org", meaning: "a deployed workflow, on a server" },
    { line: "troupe run build.troupe.yaml --from package", meaning: "only from one step on" },
    { line: "troupe run build.troupe.yaml --ci --junit steps.xml", meaning: "in a CI job (see docs/ci.md)" },
    { line: "troupe run test.troupe.yaml --on-change 'src/**/*.ts' --restart", meaning: "again and again, while you write" },
  ],
  run: ({ context: outside, options, words: [file = ""] }) =>
    inCi(outside, options, async (context) => {
      if ((options.ci || options.junit !== undefined) && options.detach)
        throw usage("--ci and --junit tell how the run ended, so they do not go with --detach.");
      if (options.from !== undefined && (options.set.length > 0 || options.input !== undefined))
        throw usage("--from takes the input of the earlier run, so it goes with neither -i nor --input.");
      if (
        options.onChange.length > 0 &&
        (options.key !== undefined || options.from !== undefined || options.server !== undefined || options.detach || options.dryRun)
      )
        throw usage(
          "--on-change starts a new run each time and stays, so it goes with none of --key, --from, --server, --detach and --dry-run.",
        );
      const settings = await settingsFor(context, options);
      if (options.server !== undefined)
        return await runElsewhere(context, options, options.server, { file, output: settings.values.output });
      const { tenant, max_workers: maxWorkers, state } = settings.values;
      await using stack = new AsyncDisposableStack();
      // The store's writer starts while the workflow is read. Only where there is a store: all that can be wrong is found before one is made.
      const early = hasState(state) && !options.dryRun ? stack.use(await openProjectFor(context, options)) : null;
      const workflow = await admit(await findWorkflow(context, options, { name: file, settings, opened: early }), settings);
      const input = await readInput(options.input, options.set, workflow.inputSchema, context.terminal.stdin);
      const concurrency = options.sequential ? { concurrency: 1 } : {};
      const start = {
        workspace: context.cwd,
        ...(input !== undefined && { input }),
        ...(tenant !== "" && { tenant }),
        ...(options.priority !== undefined && { priority: options.priority }),
        ...(options.key !== undefined && { key: options.key }),
        ...(options.noCache && { cache: "off" as const }),
        ...callersTrace(context),
        ...startersName(context, workflow),
        ...concurrency,
      };
      if (options.dryRun) return await dryRun(context, options, { settings, workflow, start });
      if (early === null) await checkStart(context, workflow, start, options.from);
      const opened = early ?? stack.use(await openProjectFor(context, options));
      if (options.detach) {
        const { detachRun } = await import("../detach.ts");
        return await detachRun({ context, opened, workflow, start, file, maxWorkers, observation: options, profile: options.profile });
      }
      return await withDriver(context, opened, options, async (driving) => {
        const { driver } = driving;
        if (options.onChange.length > 0) return await whileFilesChange({ context, opened, driving, file, start, settings, options });
        const before = options.from === undefined ? null : await latestOf(opened, workflow);
        const runId =
          before === null || options.from === undefined
            ? await driver.start(workflow, start)
            : await driver.startFrom(
                before,
                { kind: "fork", from: options.from },
                {
                  ...concurrency,
                  ...(options.noCache && { cache: "off" as const }),
                  ...(options.priority !== undefined && { priority: options.priority }),
                },
              );
        if (!context.terminal.isLive && opened.output !== "jsonl")
          context.terminal.note(
            `${workflow.name} ${runId}${driver.kind === "remote" ? " (driven by the engine that is running already)" : ""}\n`,
          );
        return await driveRun({ context, opened, driving, runId, waits: options.wait === true, junit: options.junit, written: workflow });
      });
    }),
});

interface WhileFilesChange {
  readonly context: Context;
  readonly opened: Opened;
  readonly driving: Driving;
  readonly file: string;
  readonly start: RunOptions;
  readonly settings: Settings;
  readonly options: { readonly onChange: readonly string[]; readonly restart: boolean; readonly wait: boolean };
}

async function whileFilesChange({ context, opened, driving, file, start, settings, options }: WhileFilesChange): Promise<number> {
  const [{ runOnChange }, { watchFiles }] = await Promise.all([import("../run-on-change.ts"), import("../watch-files.ts")]);
  const warn = (message: string): void => context.terminal.note(`warning: ${message}\n`);
  using files = watchFiles({ cwd: context.cwd, patterns: options.onChange, state: opened.project.directory, warn });
  return await runOnChange({
    context,
    opened,
    driving,
    files,
    isRestarting: options.restart,
    waits: options.wait,
    start: async (paths) =>
      driving.driver.start(await admit(await loadFile(file), settings), {
        ...start,
        context: { ...start.context, event: { name: "change", paths: [...paths] } },
      }),
  });
}

type Opened = Awaited<ReturnType<typeof openProjectFor>>;
type Workflow = CompiledWorkflow;

/** A pipeline that traces itself hands its span down in the environment; the run appears below it. */
function callersTrace({ env }: Context): Pick<RunOptions, "traceparent" | "tracestate"> {
  const { TRACEPARENT, TRACESTATE } = env;
  if (TRACEPARENT === undefined) return {};
  return { traceparent: TRACEPARENT, ...(TRACESTATE !== undefined && { tracestate: TRACESTATE }) };
}

/** Whoever starts a run may not decide about it, where its author says so. */
function startersName({ env }: Context, { steps }: Workflow): Pick<RunOptions, "context"> {
  const needsName = steps.some(({ type, config }) => type === "approval" && config.four_eyes !== undefined);
  return needsName ? { context: { startedBy: userName(env) } } : {};
}

/** @throws RequestError CLI_USAGE where results of an earlier run cannot be taken over */
async function latestOf({ project }: Opened, workflow: Workflow) {
  const [latest] = project.list({ workflow: workflow.name, limit: 1 });
  if (latest === undefined) throw noEarlierRun(workflow);
  const runId = project.runId(latest.id);
  if (project.snapshot(runId).workflow.hash !== workflow.hash) {
    throw usage(
      `${workflow.name} has changed since ${shortRunId(runId)}, so its results cannot be taken over.`,
      `\`troupe fork ${shortRunId(runId)} --from <step>\` runs it as it was; \`troupe run\` without --from runs it as it is.`,
    );
  }
  return runId;
}

/** What the start of the run checks too. @throws RequestError INPUT_INVALID, CLI_USAGE */
async function checkStart({ cwd }: Context, workflow: Workflow, start: RunOptions, from: string | undefined): Promise<void> {
  if (from !== undefined) throw noEarlierRun(workflow);
  const { prepareRun } = await import("../../main/prepare-run.ts");
  prepareRun(workflow, start, { workspace: cwd, profile: null });
}

function noEarlierRun({ name }: Workflow): RequestError {
  return usage(`There is no earlier run of ${name} to take results from.`, "Run it once without --from.");
}

interface DryRun {
  readonly settings: Settings;
  readonly workflow: Workflow;
  readonly start: RunOptions;
}

async function dryRun(context: Context, options: SettingOptions, { settings, workflow, start }: DryRun): Promise<number> {
  const [{ plan }, { renderPlan }, { defaultMaxWorkers }] = await Promise.all([
    import("../../plan/plan.ts"),
    import("../render/plan-text.ts"),
    import("../../main/default-workers.ts"),
  ]);
  await checkStart(context, workflow, start, undefined);
  const { terminal } = context;
  const { state, output } = settings.values;
  const history = hasState(state) ? await historyOf(context, options, workflow.name) : new Map<string, readonly number[]>();
  const workers = start.concurrency === 1 ? 1 : settings.values.max_workers || defaultMaxWorkers();
  const planned = plan(workflow, { workers, history });
  if (output !== "text") printJson(terminal, planned, output);
  else printLines(terminal, [...renderPlan(planned, terminal.dataLook, false), "", "Nothing was started (--dry-run)."]);
  return 0;
}

/** What no profile allows is said before anything is started. */
async function admit(workflow: CompiledWorkflow, { values }: Settings): Promise<CompiledWorkflow> {
  const { openProfiles } = await import("../../main/profiles.ts");
  return openProfiles(profilesOf(values)).admit(workflow);
}
