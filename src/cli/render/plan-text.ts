/** A plan for people: waves, critical path, expected time, bounds, and where each edge comes from. */
import { formatDuration } from "../../core/duration.ts";
import type { Plan } from "../../plan/plan.ts";
import { toLine } from "./line.ts";
import type { Look } from "./look.ts";
import { renderTable } from "./table.ts";
import { plural, toOneLine, wrap } from "./text.ts";

/** With more edges, only the number is told; `-o json` has them all. */
const EDGES_MAX = 60;

export function renderPlan(plan: Plan, look: Look, showEdges: boolean): string[] {
  const { steps, edges, waves, criticalPath, bounds } = plan;
  const rows = waves.flat().map((id) => {
    const step = steps.find((other) => other.id === id);
    if (step === undefined) return [];
    const p90 = step.p90Ms === undefined ? "" : formatDuration(step.p90Ms);
    return [
      String(step.wave),
      step.critical ? (["bold", step.id] as const) : step.id,
      formatDuration(step.estimateMs),
      p90,
      step.critical ? (["yellow", "critical"] as const) : formatDuration(step.slackMs),
      step.needs.join(", "),
    ];
  });
  const hasHistory = steps.some(({ p90Ms }) => p90Ms !== undefined);
  const columns = [
    { title: "WAVE", align: "right" as const },
    { title: "STEP" },
    { title: "EXPECTED", align: "right" as const },
    { title: "P90", align: "right" as const },
    { title: "SLACK", align: "right" as const },
    { title: "NEEDS" },
  ];
  const without = <TItem>(list: readonly TItem[]): TItem[] => (hasHistory ? [...list] : list.filter((_, index) => index !== 3));
  return [
    look.paint(
      "bold",
      `${toOneLine(plan.workflow)}: ${plural(steps.length, "step")}, ${plural(edges.length, "edge")}, ${plural(waves.length, "wave")}`,
    ),
    "",
    ...renderTable(without(columns), rows.map(without), look),
    "",
    ...wrap(`critical path  ${criticalPath.join(` ${look.signs.arrow} `)}`, look.textColumns),
    toLine(
      [
        `expected       ${formatDuration(plan.makespanMs)} with ${plural(plan.workers, "worker")}; one after the other ${formatDuration(plan.totalMs)}`,
      ],
      look,
    ),
    toLine(
      [
        `speed-up       ${plan.speedup.toFixed(1)}×; never above ${plan.speedupLimit.toFixed(1)}×, which the critical path (${formatDuration(plan.criticalPathMs)}) forbids`,
      ],
      look,
    ),
    ...boundLines(bounds, look),
    ...laterLines(plan, look),
    ...(hasHistory
      ? []
      : ["", look.paint("gray", "There is no history yet: a step counts as 1 s unless its `cost.duration` says otherwise.")]),
    ...(showEdges ? edgeLines(edges, look) : []),
  ];
}

/** What no wave holds, by when it runs. */
function laterLines({ later }: Plan, look: Look): string[] {
  const line = (title: string, phase: Plan["later"][number]["phase"]): readonly string[] => {
    const ids = later
      .filter((step) => step.phase === phase)
      .map(({ id, of }) => (of === null || phase === "compensation" ? (of ?? id) : `${id} (${of})`));
    return ids.length === 0 ? [] : wrap(`${title.padEnd(15)}${ids.join(", ")}`, look.textColumns);
  };
  return [...line("on failure", "handler"), ...line("compensated", "compensation"), ...line("finally", "finally")];
}

function boundLines({ durationMs, attempts, costUsd, unbounded, perItem }: Plan["bounds"], look: Look): string[] {
  const isOpen = unbounded.duration.every((id) => perItem.includes(id));
  const why = isOpen
    ? "the number of items is not known yet"
    : `no \`timeout\`: ${list(unbounded.duration.filter((id) => !perItem.includes(id)))}`;
  const time = durationMs === null ? `no limit (${why})` : formatDuration(durationMs);
  const cost = costUsd === null ? `, any cost (${list(unbounded.cost)})` : costUsd > 0 ? `, $${costUsd.toFixed(2)}` : "";
  const counted = perItem.length === 0 ? "" : ` per item of ${list(perItem)}`;
  return [toLine([`at worst       ${plural(attempts, "attempt")}${counted}, ${time}${cost}`], look)];
}

function list(ids: readonly string[]): string {
  return ids.length <= 4 ? ids.join(", ") : `${ids.slice(0, 3).join(", ")} and ${ids.length - 3} more`;
}

function edgeLines(edges: Plan["edges"], look: Look): string[] {
  const shown = edges.slice(0, EDGES_MAX);
  const lines = shown.map(({ from, to, because }) => {
    const reasons = because.map(({ field, text }) => (text === "" ? field : `${field}: ${text}`));
    return toLine([`  ${from} ${look.signs.arrow} ${to}  `, ["gray", toOneLine(reasons.join("; "))]], look);
  });
  if (edges.length > shown.length) lines.push(look.paint("gray", `  and ${edges.length - shown.length} more: -o json`));
  return ["", look.paint("bold", "edges"), ...lines];
}
