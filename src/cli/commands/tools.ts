import { dirname, resolve } from "node:path";
import { TENANT_DEFAULT, type TenantId } from "../../core/ids.ts";
import { isMeant } from "../../core/item-id.ts";
import { nearestName } from "../../core/nearest.ts";
import type { ToolDesk } from "../../main/tool-desk.ts";
import { TOOL_PREFERENCES } from "../../plan/step-policies.ts";
import { type CommandGroup, defineCommand } from "../command.ts";
import { type Context, hasState, type SettingOptions, settingsFor } from "../context.ts";
import { BY } from "../drive-run.ts";
import { usage } from "../input.ts";
import { common, oneOf, routerOption, text } from "../option.ts";
import { printJson, printLines, printList } from "../print.ts";
import { shortRunId } from "../render/run-id.ts";
import { plural } from "../render/text.ts";
import { renderBreakers, renderDecision, renderMoves, renderTools } from "../render/tools-text.ts";
import type { Settings } from "../settings.ts";

const tenantOption = { flags: "--tenant <name>", description: "whose history and breakers (default: default)", parse: text } as const;
const workflowOption = {
  flags: "--workflow <file>",
  description: "the router.yaml of this workflow's project (default: of the working directory)",
  parse: text,
} as const;

const preference = oneOf(TOOL_PREFERENCES);

interface OpenDesk extends AsyncDisposable {
  readonly desk: ToolDesk;
  readonly settings: Settings;
}

async function openDesk(context: Context, options: SettingOptions): Promise<OpenDesk> {
  const settings = await settingsFor(context, options);
  const { state, durability, router, tenant } = settings.values;
  const { openToolDesk } = await import("../../main/tool-desk.ts");
  const desk = await openToolDesk({
    state: hasState(state) ? state : null,
    durability,
    router: router === "" ? undefined : router,
    env: context.env,
    tenant: tenant === "" ? TENANT_DEFAULT : (tenant as TenantId), // Only compared with those of the store.
  });
  return { desk, settings, [Symbol.asyncDispose]: () => desk[Symbol.asyncDispose]() };
}

function placeOf({ cwd }: Context, workflow: string | undefined): string {
  return workflow === undefined ? cwd : dirname(resolve(cwd, workflow));
}

const lsCommand = defineCommand({
  description:
    "Lists tools in the order of preference: whether their program is there, their breaker, and what their latest calls were like. Runs nothing unless asked to with --probe.",
  arguments: [],
  options: {
    probe: { flags: "--probe", description: "run health checks and version commands, too" },
    workflow: workflowOption,
    router: routerOption,
    tenant: tenantOption,
    ...common,
  },
  examples: [
    { line: "troupe tools ls", meaning: "what there is" },
    { line: "troupe tools ls --probe", meaning: "and how it is" },
  ],
  async run({ context, options }) {
    await using opened = await openDesk(context, options);
    const { desk, settings } = opened;
    const { terminal } = context;
    const from = placeOf(context, options.workflow);
    const rows = await desk.rows(from, options.probe === true);
    const breakers = desk.breakers();
    const { output } = settings.values;
    if (output !== "text") {
      const tools = rows.map(({ tool, ...known }) => ({ ...tool, ...known }));
      printJson(
        terminal,
        { router: desk.fileOf(from), tools, breakers: breakers.map(({ actor, ...row }) => ({ ...row, ...actor })) },
        output,
      );
      return 0;
    }
    printLines(terminal, renderTools(rows, terminal.dataLook));
    const troubled = renderBreakers(breakers, Date.now(), terminal.dataLook);
    if (troubled.length > 0) printLines(terminal, ["", ...troubled]);
    terminal.note(`Tools of ${desk.fileOf(from) ?? "no router.yaml: the built-in ones"}.\n`);
    return 0;
  },
});

const whyCommand = defineCommand({
  description:
    "Tells why a step got its tool, as it was recorded with the attempt. Without a run, what would be chosen now and why; health checks are run for that.",
  arguments: [
    { name: "[run]", description: "id, beginning of an id, or @latest" },
    { name: "[step]", description: "one step; without it all that got a tool" },
  ],
  options: {
    needs: { flags: "--needs <list>", description: "what would be chosen now for these capabilities: code-edit,text", parse: text },
    tool: { flags: "--tool <name>", description: "what would be chosen now if a step named this tool", parse: text },
    prefer: {
      flags: "--prefer <what>",
      description: "cheapest, fastest or reliable",
      parse: preference,
      choices: TOOL_PREFERENCES,
    },
    workflow: workflowOption,
    router: routerOption,
    tenant: tenantOption,
    ...common,
  },
  examples: [
    { line: "troupe tools why @latest fix", meaning: "why this step got its tool" },
    { line: "troupe tools why --needs code-edit --prefer cheapest", meaning: "which tool would get it now" },
  ],
  async run({ context, options, words: [run, step] }) {
    const { needs, tool, prefer } = options;
    if (run !== undefined && (needs ?? tool ?? prefer) !== undefined)
      throw usage("A run's choice was made; --needs, --tool and --prefer ask for a new one.", "Leave out the run, or the options.");
    await using opened = await openDesk(context, options);
    const { desk, settings } = opened;
    const { terminal } = context;
    const { output } = settings.values;
    if (run === undefined) {
      const asked = {
        name: tool ?? null,
        needs: needs === undefined ? [] : needs.split(",").map((need) => need.trim()),
        prefer: prefer ?? null,
      };
      const decision = await desk.choose(asked, placeOf(context, options.workflow));
      if (output === "text") printLines(terminal, renderDecision(decision, terminal.dataLook));
      else printJson(terminal, decision, output);
      return 0;
    }
    const { runId, steps } = desk.chosenIn(run);
    const shown = steps.filter((one) => one.decision !== null && (step === undefined || isMeant(step, one.step)));
    if (step !== undefined && shown.length === 0)
      throw noChoice(
        runId,
        step,
        steps.map((one) => one.step),
      );
    if (output !== "text") printJson(terminal, { run: runId, steps: shown }, output);
    else if (shown.length === 0) terminal.note(`No step of ${shortRunId(runId)} was given a tool yet.\n`);
    else
      printLines(
        terminal,
        shown.flatMap((one, index) => [
          ...(index === 0 ? [] : [""]),
          terminal.dataLook.paint("bold", `${one.step}, attempt ${one.attempt}`),
          ...(one.decision === null ? [] : renderDecision(one.decision, terminal.dataLook)),
        ]),
      );
    return 0;
  },
});

function noChoice(runId: string, step: string, steps: readonly string[]): Error {
  const near = nearestName(step, steps) ?? (steps.length > 0 ? steps.join(", ") : undefined);
  return usage(
    `No choice of a tool is recorded for the step \`${step}\` of ${runId}.`,
    near === undefined ? "`troupe show --request STEP` shows what it was asked." : `There is one for ${near}.`,
  );
}

const resetCommand = defineCommand({
  description:
    "Closes the breaker of a tool or of any other target, so that it is called again. It is kept in the audit log; a running engine follows.",
  arguments: [{ name: "<target>", description: "a tool's name, or a target such as webhook:api.example.org" }],
  options: { tenant: { ...tenantOption, description: "whose breaker (default: of all tenants)" }, ...common },
  examples: [{ line: "troupe tools reset codex", meaning: "it is back" }],
  async run({ context, options, words: [target = ""] }) {
    await using opened = await openDesk(context, options);
    const { desk, settings } = opened;
    const { tenant, output } = settings.values;
    const closed = await desk.reset(target, tenant === "" ? null : (tenant as TenantId), BY); // As above.
    if (output !== "text") printJson(context.terminal, { closed }, output);
    else if (closed.length === 0) context.terminal.note(`The breaker of ${target} is closed already.\n`);
    else context.terminal.data(`Closed ${plural(closed.length, "breaker")} of ${target}.\n`);
    return 0;
  },
});

const logCommand = defineCommand({
  description: "Prints the moves of breakers, oldest first: when each opened, let a probe through, and closed, and who closed it.",
  arguments: [{ name: "[target]", description: "a tool's name, or a target such as webhook:api.example.org (default: all)" }],
  options: common,
  examples: [
    { line: "troupe tools log codex", meaning: "what became of one tool" },
    { line: "troupe tools log -o jsonl", meaning: "one event a line, for a program" },
  ],
  async run({ context, options, words: [target] }) {
    await using opened = await openDesk(context, options);
    const moves = [...opened.desk.moves(target)];
    const { output } = opened.settings.values;
    if (output !== "text") printList(context.terminal, moves, output);
    else if (moves.length === 0) context.terminal.note("No breaker has moved.\n");
    else printLines(context.terminal, renderMoves(moves, context.terminal.dataLook));
    return 0;
  },
});

export const toolsCommand: CommandGroup = {
  description: "Shows the tools that steps may get, why one was chosen, and their breakers.",
  subcommands: {
    ls: { ...lsCommand, summary: "list tools and their state" },
    why: { ...whyCommand, summary: "tell why a tool was or would be chosen" },
    log: { ...logCommand, summary: "print the moves of breakers" },
    reset: { ...resetCommand, summary: "close a breaker" },
  },
};
