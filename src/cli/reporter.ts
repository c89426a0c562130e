/** How a run tells what it does while it does it: drawn in place, line by line, or as JSON for a program. */
import { progressLine } from "./render/event-line.ts";
import type { Reporter, ReporterOptions } from "./reporter-shape.ts";
import type { Terminal } from "./terminal.ts";

export async function createReporter(options: ReporterOptions): Promise<Reporter> {
  if (options.output === "jsonl") return createJsonReporter(options.terminal);
  if (options.ci !== undefined) {
    const { createCiReporter } = await import("./ci/ci-reporter.ts");
    return createCiReporter(options, options.ci);
  }
  if (!options.terminal.isLive) return createPlainReporter(options.terminal);
  const { createLiveReporter } = await import("./live-reporter.ts");
  return createLiveReporter(options);
}

function createJsonReporter(terminal: Terminal): Reporter {
  return {
    event(event, isNew) {
      if (isNew) terminal.data(`${JSON.stringify(event)}\n`);
    },
    say: (text) => terminal.note(`${text}\n`),
    [Symbol.dispose]: () => {},
  };
}

function createPlainReporter(terminal: Terminal): Reporter {
  let startedAt: number | null = null;
  return {
    event(event, isNew) {
      const at = Date.parse(event.at);
      startedAt ??= at;
      const line = isNew ? progressLine(event, startedAt, terminal.noteLook) : null;
      if (line !== null) terminal.note(`${line}\n`);
    },
    say: (text) => terminal.note(`${text}\n`),
    [Symbol.dispose]: () => {},
  };
}
