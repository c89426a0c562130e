/** Tools, breakers and choices among tools, for people. */
import { formatDuration } from "../../core/duration.ts";
import type { BreakerEventView, ToolRow } from "../../main/tool-desk.ts";
import type { Considered, ToolVerdict } from "../../plan/select-tool.ts";
import type { ToolDecision } from "../../plan/tool-decision.ts";
import type { BreakerRow, BreakerState } from "../../ports/breaker.ts";
import type { Look, Style } from "./look.ts";
import { type Cell, renderTable } from "./table.ts";

const NOTHING = "–";

const BREAKER_WORDS: Readonly<Record<BreakerState, readonly [Style, string]>> = {
  closed: ["green", "closed"],
  half_open: ["yellow", "half open"],
  open: ["red", "open"],
};

export function renderTools(rows: readonly ToolRow[], look: Look): string[] {
  const columns = [
    { title: "TOOL" },
    { title: "ADAPTER" },
    { title: "STATE" },
    { title: "BREAKER" },
    { title: "CALLS", align: "right" as const },
    { title: "OK", align: "right" as const },
    { title: "P50", align: "right" as const },
    { title: "COST", align: "right" as const },
    { title: "CAN" },
  ];
  const cells = rows.map(({ tool, program, probe, breaker, record: { calls, successes, p50Ms, costUsd } }): readonly Cell[] => [
    tool.name,
    tool.adapter,
    stateOf(program, probe),
    BREAKER_WORDS[breaker],
    String(calls),
    calls === 0 ? NOTHING : percent(successes / calls),
    duration(p50Ms),
    usd(costUsd ?? tool.cost.usdPerRun),
    tool.capabilities.join(", "),
  ]);
  return renderTable(columns, cells, look);
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
  if (open.length === 0) return [];
  const cells = open.map(({ tenant, target, actor: { state, context }, changedAt }): readonly Cell[] => [
    target,
    tenant,
    BREAKER_WORDS[state],
    `${formatDuration(Math.max(0, now - changedAt))} ago`,
    `${context.failures} of ${context.calls} calls failed${nextTry(state, context.dueAt, now)}`,
  ]);
  return renderTable([{ title: "TARGET" }, { title: "TENANT" }, { title: "BREAKER" }, { title: "SINCE" }, { title: "WHY" }], cells, look);
}

export function renderMoves(moves: readonly BreakerEventView[], look: Look): string[] {
  const cells = moves.map(({ at, type, tenant, target, by, data }): readonly Cell[] => [
    at.replace("T", " ").replace(/\.\d+Z$/, "Z"),
    type,
    target,
    tenant,
    by,
    type === "breaker.opened" ? `${String(data.failures)} of ${String(data.calls)} calls failed` : String(data.on ?? ""),
  ]);
  const titles = ["AT", "EVENT", "TARGET", "TENANT", "BY", "BECAUSE"];
  return renderTable(
    titles.map((title) => ({ title })),
    cells,
    look,
  );
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

export function renderDecision({ asked, router, problem, considered }: ToolDecision, look: Look): string[] {
  const wishes = [
    asked.name === null ? null : `the tool ${asked.name}`,
    asked.needs.length === 0 ? null : asked.needs.join(" + "),
    asked.prefer === null ? null : `${asked.prefer} first`,
  ].filter((wish) => wish !== null);
  const rows = considered.map((one): readonly Cell[] => [
    one.tool,
    [VERDICTS[one.verdict], one.verdict],
    one.score.toFixed(2),
    usd(one.costUsd),
    duration(one.p50Ms),
    one.successRate === null ? NOTHING : `${percent(one.successRate)} of ${one.calls}`,
    reasonOf(one),
  ]);
  const columns = [
    { title: "TOOL" },
    { title: "VERDICT" },
    { title: "SCORE", align: "right" as const },
    { title: "COST", align: "right" as const },
    { title: "P50", align: "right" as const },
    { title: "OK", align: "right" as const },
    { title: "BECAUSE" },
  ];
  return [
    `asked: ${wishes.length === 0 ? "any tool" : wishes.join(", ")}   ${look.paint("gray", `tools: ${router ?? "built in"}`)}`,
    ...(problem === null ? [] : [look.paint("red", problem)]),
    ...(rows.length === 0 ? [] : renderTable(columns, rows, look)),
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
