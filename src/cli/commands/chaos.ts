import { resolve } from "node:path";
import type { RunView } from "../../contract/run-view.ts";
import { differences } from "../chaos/compare-lives.ts";
import { live } from "../chaos/life.ts";
import { defineCommand } from "../command.ts";
import { settingsFor } from "../context.ts";
import { readInput } from "../input.ts";
import { loadFile } from "../load-file.ts";
import { common, durationMs, integer, text } from "../option.ts";
import { printJson } from "../print.ts";
import { toLine } from "../render/line.ts";
import { stateSign } from "../render/look.ts";
import { plural } from "../render/text.ts";

const LIFE_MAX_MS = 120_000;
const KILLS_MAX = 10_000;
const JOBS_DEFAULT = 2;

interface Broken {
  readonly kill: number;
  readonly problems: readonly string[];
}

export const chaosCommand = defineCommand({
  description:
    "Kills the engine for real at every transition of a workflow, lets it go on, and compares the outcome with that of an undisturbed run. Every life works in a copy of the workflow's folder; what steps do outside of it, they really do, again and again.",
  arguments: [{ name: "<file>", description: "workflow file", completes: "file" }],
  options: {
    set: { flags: "-i, --set <key=value>", description: "one input value; may be given several times", parse: text, isMany: true },
    input: { flags: "--input <file>", description: "input as JSON or YAML", parse: text },
    every: { flags: "--every <n>", description: "kill at every n-th crash point only", parse: integer(1, 1_000) },
    jobs: { flags: "--jobs <n>", description: `lives at the same time; ${JOBS_DEFAULT} by default`, parse: integer(1, 64) },
    patience: { flags: "--patience <duration>", description: "longest life; 2m by default", parse: durationMs },
    output: common.output,
  },
  examples: [
    { line: "troupe chaos build.troupe.yaml", meaning: "does it survive a kill anywhere?" },
    { line: "troupe chaos nightly.troupe.yaml --every 5 --jobs 4", meaning: "a sample, faster" },
  ],
  async run({ context, options, words: [file = ""] }) {
    const { output } = (await settingsFor(context, options)).values;
    const workflow = await loadFile(file);
    const input = await readInput(options.input, options.set, workflow.inputSchema, context.terminal.stdin);
    const plan = {
      file: resolve(context.cwd, file),
      input: JSON.stringify(input ?? {}),
      command: [context.process.execPath, ...process.execArgv, process.argv[1] ?? ""] as [string, ...string[]],
      env: context.env,
      maxMs: options.patience ?? LIFE_MAX_MS,
    };
    const undisturbed = (await live({ ...plan, killAt: null })).run as RunView; // Nobody killed it.
    const broken: Broken[] = [];
    let kills = 0;
    let next = 1;
    let isSurvived = false;
    const worker = async (): Promise<void> => {
      while (!isSurvived && next <= KILLS_MAX) {
        const kill = next;
        next += options.every ?? 1;
        const { wasKilled, run } = await live({ ...plan, killAt: kill });
        // The life that no kill reached has as many crash points as the workflow.
        if (!wasKilled) isSurvived = true;
        else kills += 1;
        const problems = run === null ? [] : differences(undisturbed, run);
        if (problems.length > 0) broken.push({ kill, problems });
        context.terminal.note(broken.some((one) => one.kill === kill) ? "x" : ".");
      }
    };
    await Promise.all(Array.from({ length: options.jobs ?? JOBS_DEFAULT }, worker));
    context.terminal.note("\n");
    const sorted = broken.toSorted((one, other) => one.kill - other.kill);
    if (output !== "text") printJson(context.terminal, { state: undisturbed.state, kills, broken: sorted }, output);
    else {
      const look = context.terminal.dataLook;
      const verdict =
        sorted.length === 0 ? `same outcome every time: ${undisturbed.state}` : `${plural(sorted.length, "kill")} changed the outcome`;
      context.terminal.data(
        `${toLine([stateSign(look, sorted.length === 0 ? "succeeded" : "failed"), ` ${plural(kills, "kill")}, ${verdict}`], look)}\n`,
      );
      for (const { kill, problems } of sorted) context.terminal.data(`  crash point ${kill}: ${problems.join("; ")}\n`);
    }
    return sorted.length === 0 ? 0 : 1;
  },
});
