/** Tools, breakers and choices among tools, for people. */
import { formatDuration } from "../../core/duration.ts";
import type { BreakerEventView, ToolRow } from "../../main/tool-desk.ts";
import type { Considered, ToolVerdict } from "../../plan/select-tool.ts";
import type { ToolDecision } from "../../plan/tool-decision.ts";
import type { BreakerRow, BreakerState } from "../../ports/breaker.ts";
import type { Look, Style } from "./look.ts";
import { type Cell, type Column, renderTable } from "./table.ts";

const NOTHING = "–";

const BREAKER_WORDS: Readonly<Record<BreakerState, readonly [Style, string]>> = {
  closed: ["green", "closed"],
  half_open: ["yellow", "half open"],
  open: ["red", "open"],
};

/** A table as its columns: each with its title and what it says of a row. */
interface TableColumn<TRow> extends Column {
  cell(row: TRow): Cell;
}

function tableOf<TRow>(columns: readonly TableColumn<TRow>[], rows: readonly TRow[], look: Look): string[] {
  return renderTable(
    columns,
    rows.map((row) => columns.map(({ cell }) => cell(row))),
    look,
  );
}

const TOOL_COLUMNS: readonly TableColumn<ToolRow>[] = [
  { title: "TOOL", cell: ({ tool }) => tool.name },
  { title: "ADAPTER", cell: ({ tool }) => tool.adapter },
  { title: "STATE", cell: ({ program, probe }) => stateOf(program, probe) },
  { title: "BREAKER", cell: ({ breaker }) => BREAKER_WORDS[breaker] },
  { title: "CALLS", align: "right", cell: ({ record: { calls } }) => String(calls) },
  { title: "OK", align: "right", cell: ({ record: { calls, successes } }) => (calls === 0 ? NOTHING : percent(successes / calls)) },
  { title: "P50", align: "right", cell: ({ record: { p50Ms } }) => duration(p50Ms) },
  { title: "COST", align: "right", cell: ({ tool, record: { costUsd } }) => usd(costUsd ?? tool.cost.usdPerRun) },
  { title: "CAN", cell: ({ tool }) => tool.capabilities.join(", ") },
];

export function renderTools(rows: readonly ToolRow[], look: Look): string[] {
  return tableOf(TOOL_COLUMNS, rows, look);
}

function stateOf(program: string | null, probe: ToolRow["probe"]): Cell {
  if (program === null) return ["gray", "missing"];
  if (probe === null) return ["green", "there"];
  const version = probe.version === null ? "" : ` ${probe.version}`;
  return probe.status === "healthy" ? ["green", `well${version}`] : ["red", `${probe.status}: ${probe.detail ?? ""}`];
}

/** Only those that are not closed: the others have nothing to say. */
export function renderBreakers(rows: readonly BreakerRow[], now: number, look: Look): string[] {
  const open = rows.filter(({ actor }) => actor.state !== "closed");
  const columns: readonly TableColumn<BreakerRow>[] = [
    ...PLACE_COLUMNS,
    { title: "BREAKER", cell: ({ actor }) => BREAKER_WORDS[actor.state] },
    { title: "SINCE", cell: ({ changedAt }) => `${formatDuration(Math.max(0, now - changedAt))} ago` },
    {
      title: "WHY",
      cell: ({ actor: { state, context } }) => `${context.failures} of ${context.calls} calls failed${nextTry(state, context.dueAt, now)}`,
    },
  ];
  return open.length === 0 ? [] : tableOf(columns, open, look);
}

/** Whose breaker it is. */
const PLACE_COLUMNS: readonly TableColumn<{ readonly target: string; readonly tenant: string }>[] = [
  { title: "TARGET", cell: ({ target }) => target },
  { title: "TENANT", cell: ({ tenant }) => tenant },
];

const MOVE_COLUMNS: readonly TableColumn<BreakerEventView>[] = [
  { title: "AT", cell: ({ at }) => at.replace("T", " ").replace(/\.\d+Z$/, "Z") },
  { title: "EVENT", cell: ({ type }) => type },
  ...PLACE_COLUMNS,
  { title: "BY", cell: ({ by }) => by },
  {
    title: "BECAUSE",
    cell: ({ type, data }) =>
      type === "breaker.opened" ? `${String(data.failures)} of ${String(data.calls)} calls failed` : String(data.on ?? ""),
  },
];

export function renderMoves(moves: readonly BreakerEventView[], look: Look): string[] {
  return tableOf(MOVE_COLUMNS, moves, look);
}

function nextTry(state: BreakerState, dueAt: number | null, now: number): string {
  if (state === "half_open") return "; the next call is a probe";
  return dueAt === null || dueAt <= now ? "; a probe is due" : `; a probe in ${formatDuration(dueAt - now)}`;
}

const VERDICTS: Readonly<Record<ToolVerdict, Style>> = {
  chosen: "green",
  fallback: "cyan",
  open: "yellow",
  unhealthy: "red",
  missing: "gray",
  denied: "red",
  "lacks-capability": "gray",
};

const CONSIDERED_COLUMNS: readonly TableColumn<Considered>[] = [
  { title: "TOOL", cell: ({ tool }) => tool },
  { title: "VERDICT", cell: ({ verdict }) => [VERDICTS[verdict], verdict] },
  { title: "SCORE", align: "right", cell: ({ score }) => score.toFixed(2) },
  { title: "COST", align: "right", cell: ({ costUsd }) => usd(costUsd) },
  { title: "P50", align: "right", cell: ({ p50Ms }) => duration(p50Ms) },
  {
    title: "OK",
    align: "right",
    cell: ({ successRate, calls }) => (successRate === null ? NOTHING : `${percent(successRate)} of ${calls}`),
  },
  { title: "BECAUSE", cell: reasonOf },
];

export function renderDecision({ asked, router, problem, considered }: ToolDecision, look: Look): string[] {
  const wishes = [
    asked.name === null ? null : `the tool ${asked.name}`,
    asked.needs.length === 0 ? null : asked.needs.join(" + "),
    asked.prefer === null ? null : `${asked.prefer} first`,
  ].filter((wish) => wish !== null);
  return [
    `asked: ${wishes.length === 0 ? "any tool" : wishes.join(", ")}   ${look.paint("gray", `tools: ${router ?? "built in"}`)}`,
    ...(problem === null ? [] : [look.paint("red", problem)]),
    ...(considered.length === 0 ? [] : tableOf(CONSIDERED_COLUMNS, considered, look)),
  ];
}

function reasonOf({ reason, version }: Considered): string {
  return version === null ? reason : `${reason} (${version})`;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

function duration(ms: number | null): string {
  return ms === null ? NOTHING : formatDuration(ms);
}

function usd(amount: number | null): string {
  return amount === null ? NOTHING : `$${amount.toFixed(amount !== 0 && amount < 0.1 ? 4 : 2)}`;
}
