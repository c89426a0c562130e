import { availableParallelism } from "node:os";
import { defaultMaxWorkers } from "../../main/default-workers.ts";
import type { FoldCheck } from "../../main/maintenance.ts";
import type { StoreCheck } from "../../ports/store.ts";
import { type Call, defineCommand } from "../command.ts";
import { type Context, hasState, type SettingOptions, settingsFor } from "../context.ts";
import { EXIT } from "../exit-code.ts";
import { NODE_MIN, nodeProblem } from "../node-version.ts";
import { openMaintenanceFor } from "../open-maintenance.ts";
import { common } from "../option.ts";
import { printJson, printLines } from "../print.ts";
import { shortRunId } from "../render/run-id.ts";
import { renderTable } from "../render/table.ts";
import { plural } from "../render/text.ts";
import { SETTINGS, type SettingName } from "../setting.ts";
import type { Settings } from "../settings.ts";

export const doctorCommand = defineCommand({
  description:
    "Checks machine and store, and shows each configured value with its origin. With --rebuild, makes every derived row of the store anew from the journal.",
  arguments: [],
  options: {
    rebuild: { flags: "--rebuild", description: "make derived rows (lists, steps, timers) anew from the journal" },
    ...common,
  },
  examples: [
    { line: "troupe doctor", meaning: "is everything in order?" },
    { line: "troupe doctor --rebuild", meaning: "after lists and journal disagreed" },
  ],
  async run({ context, options }: Call<typeof common & { readonly rebuild: { readonly flags: string; readonly description: string } }>) {
    const { terminal } = context;
    const settings = await settingsFor(context, options);
    const checks = [...machineChecks(), ...(await storeChecks(context, options, options.rebuild))];
    const ok = checks.every((check) => check.ok);
    const { output } = settings.values;
    if (output !== "text") printJson(terminal, { ok, checks, settings: configured(settings) }, output);
    else printLines(terminal, [...checkLines(checks, context), "", ...settingLines(settings, context)]);
    return ok ? EXIT.succeeded : EXIT.storeUnusable;
  },
});

function machineChecks(): readonly StoreCheck[] {
  const problem = nodeProblem(process.versions.node, NODE_MIN);
  return [
    { name: "node", ok: problem === null, detail: process.versions.node, fix: problem },
    { name: "cores", ok: true, detail: String(availableParallelism()), fix: null },
  ];
}

async function storeChecks(context: Context, options: SettingOptions, isRebuilding: boolean): Promise<readonly StoreCheck[]> {
  const { state } = (await settingsFor(context, options)).values;
  if (!hasState(state)) return [{ name: "store", ok: true, detail: `none yet in ${state}`, fix: null }];
  const { hasLiveEngine } = await import("../../main/engine-alive.ts");
  await using opened = await openMaintenanceFor(context, options);
  const { store } = opened.maintenance;
  const rebuilt = isRebuilding
    ? [{ name: "rebuild", ok: true, detail: `${plural(await store.rebuild("cli"), "run")} made anew`, fix: null }]
    : [];
  const isDriven = await hasLiveEngine(state);
  const open = store.unfinishedRuns().length;
  const engine = { name: "engine", ok: true, detail: `${isDriven ? "alive" : "none"}, ${plural(open, "unfinished run")}`, fix: null };
  return [...store.checks(), engine, ...opened.maintenance.unreadable().map(standingStill), ...rebuilt];
}

function standingStill({ runId, problem }: FoldCheck): StoreCheck {
  const detail = `${shortRunId(runId)} stands still: ${problem}`;
  return {
    name: "run",
    ok: false,
    detail,
    fix: "`troupe verify` tells more. Start the run anew, or restore a copy made by `troupe backup`.",
  };
}

function checkLines(checks: readonly StoreCheck[], { terminal }: Context): readonly string[] {
  const look = terminal.dataLook;
  return checks.flatMap(({ name, ok, detail, fix }) => {
    const sign = ok ? look.paint("green", look.signs.state.succeeded ?? "") : look.paint("red", look.signs.state.failed ?? "");
    return [`${sign} ${name.padEnd(16)} ${detail}`, ...(fix === null || ok ? [] : [`  ${look.paint("cyan", "fix:")} ${fix}`])];
  });
}

function configured({ texts, origins, values }: Settings) {
  return (Object.keys(SETTINGS) as SettingName[]).map((name) => ({
    name,
    value: name === "state" ? values.state : name === "max_workers" ? String(values.max_workers || defaultMaxWorkers()) : texts[name],
    origin: origins[name],
  })); // The keys of the table.
}

function settingLines(settings: Settings, { terminal }: Context): readonly string[] {
  const rows = configured(settings).map(({ name, value, origin }) => [name, value === "" ? "(none)" : value, origin]);
  return renderTable([{ title: "SETTING" }, { title: "VALUE" }, { title: "FROM" }], rows, terminal.dataLook);
}
