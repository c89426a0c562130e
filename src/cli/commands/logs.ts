import type { RunId } from "../../core/ids.ts";
import { toActorId } from "../../core/item-id.ts";
import type { Project } from "../../main/project-shape.ts";
import { defineCommand } from "../command.ts";
import { openProjectFor } from "../context.ts";
import { usage } from "../input.ts";
import { isAtRest } from "../live/live-model.ts";
import { createLogPrinter, type LogPrinter, STREAMS } from "../log-printer.ts";
import { common, integer } from "../option.ts";
import type { Terminal } from "../terminal.ts";

/** Below what a person feels as late. */
const LOOK_EVERY_MS = 100;

export const logsCommand = defineCommand({
  description:
    "Shows what the steps of a run printed, attempt by attempt in the order of their starts, stdout before stderr. Control bytes are taken out. With --follow and a step, goes on over its retries until the step has ended.",
  arguments: [
    { name: "[run]", description: "id, beginning of an id, or @latest (default)" },
    { name: "[step]", description: "one step with its items, or an item such as each[key]; without it all of them" },
  ],
  options: {
    follow: { flags: "-f, --follow", description: "go on until the step has ended, or without a step until the run is at rest" },
    attempt: { flags: "--attempt <n>", description: "only this attempt of each step", parse: integer(1) },
    stdout: { flags: "--stdout", description: "only what was printed to stdout" },
    stderr: { flags: "--stderr", description: "only what was printed to stderr" },
    timestamps: {
      flags: "-t, --timestamps",
      description: "before each line when its first byte came",
    },
    raw: { flags: "--raw", description: "the bytes as they were printed, without names before the lines" },
    ...common,
  },
  examples: [
    { line: "troupe logs @latest build", meaning: "what one step printed" },
    { line: "troupe logs -f", meaning: "everything the latest run prints, as it does" },
    { line: "troupe logs @latest build --follow --timestamps", meaning: "one step over all its attempts, with the time of each line" },
    { line: "troupe logs @latest build --attempt 2 --stderr", meaning: "the errors of the second attempt" },
    { line: "troupe logs @latest build --raw > build.log", meaning: "exactly what it printed" },
  ],
  async run({ context, options, words: [name = "@latest", step] }) {
    const { terminal } = context;
    if (options.raw && options.timestamps) throw usage("--raw shows nothing but the bytes, so it does not go with --timestamps.");
    await using opened = await openProjectFor(context, options, "existing");
    const { project, output } = opened;
    const runId = project.runId(name);
    if (step !== undefined) project.why(runId, step);
    const streams = options.stdout === options.stderr ? STREAMS : options.stdout ? (["stdout"] as const) : (["stderr"] as const);
    const printer = createLogPrinter({
      terminal,
      project,
      runId,
      step,
      attempt: options.attempt,
      isRaw: options.raw,
      streams,
      hasTimes: options.timestamps,
      output,
    });
    // Before the first look, so that nothing can come between the two.
    const { seq } = project.snapshot(runId).snapshot;
    printer.printNew();
    if (options.follow) await follow(project, runId, step, { printer, terminal, seq });
    printer.end();
    if (printer.bytes === 0 && !options.follow) terminal.note("Nothing was printed.\n");
    return 0;
  },
});

interface Following {
  readonly printer: LogPrinter;
  readonly terminal: Terminal;
  /** Last entry that was known at the first look. */
  readonly seq: number;
}

async function follow(project: Project, runId: RunId, step: string | undefined, { printer, terminal, seq }: Following): Promise<void> {
  if (step !== undefined && hasEnded(stateOf(project, runId, step))) return;
  const { promise: readerGone, resolve } = Promise.withResolvers<void>();
  const timer = setInterval(() => {
    printer.printNew();
    if (terminal.isDataClosed) resolve();
  }, LOOK_EVERY_MS);
  const ended = untilEnd(project, runId, step, seq);
  try {
    // The loser is ended with the project, which is no news then.
    await Promise.race([ended, readerGone.then(() => void ended.catch(() => {}))]);
  } finally {
    clearInterval(timer);
  }
  printer.printNew();
}

async function untilEnd(project: Project, runId: RunId, step: string | undefined, afterSeq: number): Promise<void> {
  for await (const { stepId, to = "" } of project.events(runId, { follow: true, afterSeq }))
    if (step !== undefined && stepId === toActorId(step) && hasEnded(to)) return;
}

/** A quarantined step prints nothing until a person has decided. */
function hasEnded(state: string): boolean {
  return isAtRest(state) || state === "quarantined";
}

function stateOf(project: Project, runId: RunId, step: string): string {
  return project.why(runId, step)[0]?.state ?? "";
}
