import { defineCommand } from "../command.ts";
import { openProjectFor } from "../context.ts";
import { onInterrupts } from "../interrupts.ts";
import { integer, stateOption } from "../option.ts";

/** No connection keeps this process alive; the person in front of it does. */
const KEEP_ALIVE_MS = 60_000;

export const inspectCommand = defineCommand({
  description:
    "Shows the statecharts of runs in a browser: live where another process drives them, and any moment of those that have ended. Prints a link that opens once. Ending this command does nothing to any run.",
  arguments: [{ name: "[run]", description: "id, beginning of an id, or @latest (default)" }],
  options: {
    port: { flags: "--port <port>", description: "port of 127.0.0.1 (default: any)", parse: integer(0, 65_535) },
    state: stateOption,
  },
  examples: [
    { line: "troupe inspect", meaning: "what happened in the latest run?" },
    { line: "troupe inspect run_019 --port 4100", meaning: "on a port that a tunnel leads to" },
  ],
  async run({ context: { terminal, process }, context, options, words: [name = "@latest"] }) {
    await using opened = await openProjectFor(context, options, "existing");
    const { store, runId } = opened.project;
    const run = runId(name);
    const { openInspectorFor } = await import("../../main/observe-inspector.ts");
    const warn = (message: string): void => terminal.note(`warning: ${message}\n`);
    await using inspector = await openInspectorFor({ store, port: options.port, warn });
    terminal.data(`${inspector.link(run)}\n`);
    terminal.note("Press Ctrl-C to end.\n");
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    const end = (): void => resolve();
    using _interrupts = onInterrupts(process, { cancel: end, force: end, suspend: end });
    const keepAlive = setInterval(() => {}, KEEP_ALIVE_MS);
    await ended;
    clearInterval(keepAlive);
    return 0;
  },
});
