/** The inspector's page: what is known of the runs, the moment that is looked at, and the three views of it. */
import type { Chart } from "../../src/contract/chart.ts";
import { type ChartView, createChartView } from "../../web/look/chart-view.ts";
import { familyOf, signOf, timeOf } from "../../web/look/look.ts";
import type { RunLine, ServerMessage, WireEntry } from "../inspector/message.ts";
import { askedRun, connect, type Health } from "./connection.ts";
import { byId } from "./element.ts";
import { createEventsView } from "./events-view.ts";
import { bindKeys } from "./keys.ts";
import { addEntries, type RunModel, statesAt, trafficOf } from "./model.ts";
import { createRunChoice } from "./run-choice.ts";
import { openStatelyWindow } from "./stately-window.ts";
import { createTheme } from "./theme.ts";
import { type ActorLine, createTreeView } from "./tree-view.ts";

const runs = new Map<string, RunModel>();
const lines = new Map<string, RunLine>();
let charts: Readonly<Record<"run" | "step", Chart>> | null = null;
const views = new Map<"run" | "step", ChartView>();
let runId: string | null = null;
let actor = "run";
/** The seq that is looked at; null for now. */
let moment: number | null = null;
/** Whether the list of events shows those of the chosen actor only. */
let ownOnly = false;

const theme = createTheme();
const runChoice = createRunChoice(chooseRun);
const tree = createTreeView(chooseActor);
const events = createEventsView({ choose: ({ seq }) => chooseMoment(seq), walk });
const scrubber = byId<HTMLInputElement>("scrubber");
const connection = connect({ heard, changed: showHealth });

function heard(message: ServerMessage): void {
  switch (message.kind) {
    case "welcome":
      charts = message.charts;
      byId("stately").hidden = !message.hasStately;
      for (const line of message.runs.toReversed()) lines.set(line.id, line);
      if (runId === null) chooseRun(askedRun() ?? newestFirst().find(({ endedAt }) => endedAt === null)?.id ?? newestFirst()[0]?.id ?? "");
      else connection.send({ kind: "open", runId });
      break;
    case "line":
      lines.set(message.line.id, message.line);
      // The page was opened before its run began.
      if (runId === null || runId === "") chooseRun(message.line.id);
      break;
    case "run": {
      const { line } = message.run;
      if (!lines.has(line.id)) lines.set(line.id, line);
      const known = runs.get(line.id);
      runs.set(line.id, { detail: message.run, entries: known?.detail.base.seq === message.run.base.seq ? known.entries : [] });
      break;
    }
    case "entries": {
      const run = runs.get(message.runId);
      if (run !== undefined) addEntries(run, message.entries);
      break;
    }
    case "payload":
      if (message.runId === runId) events.showPayload(message.seq, message.text);
      break;
    case "link":
      void copyLink(message.url);
      break;
  }
  schedule();
}

const newestFirst = (): readonly RunLine[] => [...lines.values()].toSorted((one, other) => other.createdAt - one.createdAt);

function chooseRun(id: string): void {
  runId = id;
  actor = "run";
  moment = null;
  if (id !== "" && !runs.has(id)) connection.send({ kind: "open", runId: id });
  schedule();
}

function chooseActor(id: string): void {
  actor = id;
  schedule();
}

function chooseMoment(seq: number | null): void {
  moment = seq;
  const run = currentRun();
  if (seq !== null && run !== undefined) connection.send({ kind: "payload", runId: run.detail.line.id, seq });
  schedule();
}

function currentRun(): RunModel | undefined {
  return runs.get(runId ?? "");
}

/** The entries that the list shows and the scrubber walks through. */
function shownEntries(run: RunModel): readonly WireEntry[] {
  return ownOnly ? run.entries.filter((entry) => entry.actor === actor) : run.entries;
}

function walk(by: number): void {
  const run = currentRun();
  if (run === undefined) return;
  const entries = shownEntries(run);
  const at = moment === null ? entries.length - 1 : entries.findLastIndex(({ seq }) => seq <= (moment ?? 0));
  const next = entries[Math.max(0, at + by)];
  if (next !== undefined) chooseMoment(next.seq);
}

let isScheduled = false;
/** However much arrives, the page is drawn once a frame. */
function schedule(): void {
  if (isScheduled) return;
  isScheduled = true;
  requestAnimationFrame(() => {
    isScheduled = false;
    render();
  });
}

function render(): void {
  runChoice.show(newestFirst(), runId);
  const run = currentRun();
  byId("empty").hidden = run !== undefined;
  byId("stage").hidden = run === undefined;
  if (run === undefined || charts === null) return;
  const states = statesAt(run, moment);
  const initial = { run: "pending", step: charts.step.initial };
  const actors: ActorLine[] = [
    { id: "run", type: run.detail.line.workflow, state: states.get("run") ?? initial.run },
    ...run.detail.steps.map(({ id, type }) => ({ id, type, state: states.get(id) ?? initial.step })),
  ];
  tree.show(actors, actor);
  const chosen = actors.find(({ id }) => id === actor) ?? actors[0];
  if (chosen !== undefined) renderChart(run, chosen);
  const entries = shownEntries(run);
  events.show(entries, moment);
  renderTime(run, entries);
}

function renderChart(run: RunModel, { id, type, state }: ActorLine): void {
  if (charts === null) return;
  const kind = id === "run" ? "run" : "step";
  const view = views.get(kind) ?? createChartView(charts[kind]);
  views.set(kind, view);
  const canvas = byId("canvas");
  if (canvas.firstElementChild !== view.element) canvas.replaceChildren(view.element);
  view.show(state, trafficOf(run, charts[kind], id, moment));
  view.element.setAttribute("aria-label", `Statechart of ${id === "run" ? "the run" : id}: ${state}`);
  byId("chosen").textContent = id === "run" ? run.detail.line.workflow : id;
  byId("chosen-type").textContent = id === "run" ? `run ${run.detail.line.id}` : `${type} step`;
  const badge = byId("chosen-state");
  badge.textContent = `${signOf(state)} ${state}`;
  badge.dataset.family = familyOf(state);
}

function renderTime({ entries: all }: RunModel, entries: readonly WireEntry[]): void {
  const at = moment === null ? entries.length - 1 : entries.findLastIndex(({ seq }) => seq <= (moment ?? 0));
  const entry = entries[at];
  scrubber.max = String(Math.max(0, entries.length - 1));
  scrubber.value = String(at);
  scrubber.disabled = entries.length === 0;
  scrubber.setAttribute("aria-valuetext", entry === undefined ? "no events" : `event ${entry.seq}`);
  byId("when").textContent = entry === undefined ? "no events yet" : `${entry.seq} / ${all.at(-1)?.seq ?? 0} · ${timeOf(entry.at)}`;
  const live = byId("live");
  live.setAttribute("aria-pressed", String(moment === null));
  live.textContent = moment === null ? "Live" : "Back to live";
  document.body.classList.toggle("past", moment !== null);
}

function showHealth(health: Health): void {
  const place = byId("health");
  const texts = { connecting: "connecting", live: "connected", ended: "process ended", refused: "refused" };
  place.textContent = texts[health.kind];
  place.dataset.kind = health.kind;
  place.title = "text" in health ? health.text : "";
  const notice = byId("notice");
  notice.hidden = health.kind !== "refused" && health.kind !== "ended";
  if (health.kind === "refused") notice.textContent = `${health.text} Start the command again, or copy a link from a window that is open.`;
  if (health.kind === "ended") notice.textContent = `${health.text} What was seen until then stays here.`;
}

async function copyLink(url: string): Promise<void> {
  await navigator.clipboard.writeText(url).catch(() => {});
  const notice = byId("notice");
  notice.hidden = false;
  notice.textContent = `Copied, for one more window: ${url}`;
}

scrubber.addEventListener("input", () => {
  const run = currentRun();
  const entry = run && shownEntries(run)[Number(scrubber.value)];
  if (entry !== undefined) chooseMoment(entry.seq);
});
const own = byId<HTMLInputElement>("own-only");
own.addEventListener("change", () => {
  ownOnly = own.checked;
  schedule();
});
byId("earlier").addEventListener("click", () => walk(-1));
byId("later").addEventListener("click", () => walk(1));
byId("live").addEventListener("click", () => chooseMoment(null));
byId("link").addEventListener("click", () => connection.send({ kind: "link", runId: runId ?? "" }));
byId("stately").addEventListener("click", () => {
  openStatelyWindow(connection, (text) => {
    byId("notice").hidden = false;
    byId("notice").textContent = text;
  });
});
bindKeys({ walk, live: () => chooseMoment(null), filter: tree.focusFilter, theme: theme.toggle });
