import { defineCommand } from "../command.ts";
import { type Context, settingsFor } from "../context.ts";
import { onInterrupts } from "../interrupts.ts";
import { common } from "../option.ts";
import { printJson, printLines } from "../print.ts";
import { shortRunId } from "../render/run-id.ts";
import { type Key, openFullScreen } from "../top/full-screen.ts";
import { type Monitor, openMonitor } from "../top/monitor.ts";
import { renderTop } from "../top/top-frame.ts";
import type { TopPicture } from "../top/top-picture.ts";

/** How often somebody looks whether there is news. */
const LOOK_EVERY_MS = 200;
/** A picture of a hundred runs takes 50 ms: what it takes is at most this part of the time. */
const LOAD_MAX = 0.2;
/** Clocks go on without news. */
const REDRAW_EVERY_MS = 1_000;

export const topCommand = defineCommand({
  description:
    "Watches everything that runs in a state directory, whoever drives it: state, progress and time left of each run, what the steps of the chosen one do, the queue, open breakers, and cost a minute. Keys: up and down choose a run, q ends. Where stdout is no terminal, prints one picture and ends. Ending this command does nothing to any run.",
  arguments: [],
  options: {
    once: { flags: "--once", description: "print one picture and end" },
    ...common,
  },
  examples: [
    { line: "troupe top", meaning: "in a terminal of its own" },
    { line: "troupe top --once", meaning: "how far is everything?" },
    { line: "troupe top -o jsonl | jq .running", meaning: "a picture a line, at every change" },
  ],
  async run({ context, options }) {
    const { terminal } = context;
    const { output } = (await settingsFor(context, options)).values;
    await using monitor = await openMonitor(context, options);
    if (output === "jsonl" && !options.once) await stream(context, monitor);
    else if (output !== "text") printJson(terminal, await monitor.look(null), output);
    else if (options.once || !terminal.isDataLive) {
      const frame = { rows: null, chosen: null, hint: null };
      printLines(terminal, renderTop(await monitor.look(null), frame, terminal.dataLook));
    } else await watch(context, monitor);
    return 0;
  },
});

/** A picture whenever something was written, until somebody ends it. */
async function stream({ terminal, process }: Context, monitor: Monitor): Promise<void> {
  const ending = new AbortController();
  const end = (): void => ending.abort();
  using _interrupts = onInterrupts(process, { cancel: end, force: end, suspend: end });
  let before = "";
  await repeat(ending.signal, async (isDue) => {
    if (terminal.isDataClosed) return end();
    if (!monitor.isStale && !isDue) return;
    const picture = await monitor.look(null);
    // Times move in every picture; only what was written is news.
    const news = JSON.stringify(newsOf(picture));
    if (news !== before) printJson(terminal, picture, "jsonl");
    before = news;
  });
}

function newsOf({ runs, hasState, isDriven, problem, breakers }: TopPicture): unknown {
  return [
    hasState,
    isDriven,
    problem,
    breakers.map(({ target }) => target),
    runs.map(({ percent: _percent, remainingMs: _left, ...run }) => run),
  ];
}

async function watch({ terminal, process }: Context, monitor: Monitor): Promise<void> {
  const ending = new AbortController();
  const end = (): void => ending.abort();
  let picture: TopPicture | null = null;
  let chosen: string | null = null;

  const draw = (): void => {
    if (picture === null) return;
    if (!picture.runs.some(({ id }) => id === chosen)) chosen = picture.runs[0]?.id ?? null;
    const about = chosen === null ? "" : `   troupe why ${shortRunId(chosen)}`;
    const frame = { rows: terminal.dataRows, chosen: chosen ?? "", hint: `↑↓ choose  q quit${about}` };
    screen.show(renderTop(picture, frame, terminal.dataLook));
  };
  const pressed = (key: Key): void => {
    if (key === "quit") end();
    const ids = picture?.runs.map(({ id }) => id) ?? [];
    const at = Math.max(0, ids.indexOf(chosen ?? ""));
    const to = { up: at - 1, down: at + 1, first: 0, last: ids.length - 1, quit: at }[key];
    chosen = ids[Math.min(ids.length - 1, Math.max(0, to))] ?? null;
    if (!ending.signal.aborted) draw();
  };
  using _interrupts = onInterrupts(process, { cancel: end, force: end, suspend: end });
  using screen = openFullScreen(terminal, process, { pressed, resized: draw });
  await repeat(ending.signal, async (isDue) => {
    if (terminal.isDataClosed) return end();
    if (!monitor.isStale && !isDue) return;
    picture = await monitor.look(chosen ?? "");
    draw();
  });
}

/** Calls until the signal, one call after the other; `isDue` once a second. */
async function repeat(signal: AbortSignal, look: (isDue: boolean) => Promise<void>): Promise<void> {
  let dueAt = 0;
  while (!signal.aborted) {
    const now = performance.now();
    const isDue = now >= dueAt;
    if (isDue) dueAt = now + REDRAW_EVERY_MS;
    await look(isDue);
    await pause(Math.max(LOOK_EVERY_MS, (performance.now() - now) / LOAD_MAX), signal);
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
  });
}
