import { isTroupeError, RequestError, toError } from "../../core/errors.ts";
import type { RunId } from "../../core/ids.ts";
import type { LeftWork, MergeAnswer, RadarPair, Worktrees } from "../../ports/worktrees.ts";
import { type CommandGroup, defineCommand } from "../command.ts";
import { type Context, type OpenProject, openProjectFor, type SettingOptions } from "../context.ts";
import { EXIT } from "../exit-code.ts";
import { common } from "../option.ts";
import { printJson, printLines, printList } from "../print.ts";
import { shortRunId } from "../render/run-id.ts";
import { renderTable } from "../render/table.ts";
import { plural } from "../render/text.ts";

const COMMIT_SHOWN = 12;

const RUN = { name: "<run>", description: "id, beginning of an id, or @latest" } as const;
const STEP = { name: "<step>", description: "the step, or an item such as fan[key]" } as const;

interface Work {
  readonly opened: OpenProject;
  readonly worktrees: Worktrees;
  /** Null when no run was named. */
  readonly runId: RunId | null;
}

/** Opens what the command works on, and tells what git refused as an error of the caller's. */
async function onWorktrees<TResult>(
  context: Context,
  options: SettingOptions,
  run: string | undefined,
  act: (work: Work) => Promise<TResult>,
): Promise<TResult> {
  await using opened = await openProjectFor(context, options, "existing");
  const runId = run === undefined ? null : opened.project.runId(run);
  const { openWorktrees } = await import("../../main/worktrees.ts");
  try {
    return await act({ opened, runId, worktrees: openWorktrees(opened.settings.values.state, context.env) });
  } catch (thrown) {
    throw toRefusal(thrown);
  }
}

function toRefusal(thrown: unknown): Error {
  if (isTroupeError(thrown)) return thrown;
  const cause: Error & { readonly hint?: string } = toError(thrown);
  return new RequestError("MERGE_REFUSED", { problem: cause.message }, { cause, ...(cause.hint !== undefined && { fix: cause.hint }) });
}

const listCommand = defineCommand({
  description:
    "Lists branches of steps that are not in their targets: at work, waiting for their turn, left for a person, in conflict, or kept aside of attempts that failed.",
  arguments: [{ ...RUN, name: "[run]" }],
  options: common,
  examples: [
    { line: "troupe merge list", meaning: "what is left in all runs" },
    { line: "troupe merge list @latest -o json", meaning: "of the last one, for a program" },
  ],
  run: ({ context, options, words: [run] }) =>
    onWorktrees(context, options, run, async ({ opened: { output }, worktrees, runId }) => {
      const { terminal } = context;
      const found = await worktrees.list(runId);
      if (output !== "text") printList(terminal, found, output);
      else if (found.length === 0) terminal.note("No step has left a branch.\n");
      else {
        const columns = ["RUN", "STEP", "STATE", "INTO", "COMMIT", "BRANCH"].map((title) => ({ title }));
        printLines(terminal, renderTable(columns, found.map(rowOf), terminal.dataLook));
      }
      return EXIT.succeeded;
    }),
});

function rowOf({ runId, step, state, target, commit, branch }: LeftWork): readonly string[] {
  return [shortRunId(runId), step, state, target ?? "", commit?.slice(0, COMMIT_SHOWN) ?? "", branch];
}

const runCommand = defineCommand({
  description:
    "Merges the branch of a step into its target, as it is now: after `merge: manual`, or when its conflict has been mended on the branch. Nothing changes when it conflicts still, or when files would lose changes that are in no commit.",
  arguments: [RUN, STEP],
  options: common,
  examples: [{ line: "troupe merge run @latest build", meaning: "take the work of build over; exit code 1 when it conflicts" }],
  run: ({ context, options, words: [run, step = ""] }) =>
    onWorktrees(context, options, run, async ({ opened: { output }, worktrees, runId }) => {
      const answer = await worktrees.mergeLeft(runId as RunId, step); // The run is no optional word here.
      if (output !== "text") printJson(context.terminal, answer, output);
      else printLines(context.terminal, describe(answer));
      return answer.kind === "merged" || answer.kind === "nothing" ? EXIT.succeeded : EXIT.runFailed;
    }),
});

function describe(answer: MergeAnswer): readonly string[] {
  switch (answer.kind) {
    case "merged":
      return [`Merged as ${answer.commit.slice(0, COMMIT_SHOWN)}; ${plural(answer.files, "file")} changed.`];
    case "nothing":
      return ["It changed nothing."];
    case "blocked":
      return [`Not merged: ${answer.problem}.`, "Commit or stash these changes, and say it again."];
    case "conflict":
      return [
        "Not merged; these files conflict:",
        ...answer.files.map(
          ({ path, kinds, with: steps }) => `  ${path}: ${kinds.join(", ")}${steps.length > 0 ? ` with ${steps.join(", ")}` : ""}`,
        ),
      ];
  }
}

const dropCommand = defineCommand({
  description:
    "Removes the branch of a step, and what its failed attempts left. Tells the commits: git can bring them back for some weeks.",
  arguments: [RUN, STEP],
  options: common,
  examples: [{ line: "troupe merge drop @latest build", meaning: "its work is not wanted" }],
  run: ({ context, options, words: [run, step = ""] }) =>
    onWorktrees(context, options, run, async ({ opened: { output }, worktrees, runId }) => {
      const commits = await worktrees.drop(runId as RunId, step); // As above.
      if (output !== "text") printJson(context.terminal, { dropped: commits }, output);
      else if (commits.length === 0) context.terminal.note("There was nothing left of it.\n");
      else
        printLines(
          context.terminal,
          commits.map((commit) => `Dropped ${commit}; \`git branch NAME ${commit}\` brings it back.`),
        );
      return EXIT.succeeded;
    }),
});

const radarCommand = defineCommand({
  description:
    "Compares the worktrees of steps that are at work now, with what is not committed in them too: with each other, and with what their targets have got since.",
  arguments: [{ ...RUN, name: "[run]" }],
  options: common,
  examples: [{ line: "troupe merge radar @latest", meaning: "who is going to conflict with whom, and where" }],
  run: ({ context, options, words: [run] }) =>
    onWorktrees(context, options, run, async ({ opened: { output }, worktrees, runId }) => {
      const { terminal } = context;
      const pairs = await worktrees.radar(runId === null ? null : [runId]);
      if (output !== "text") printList(terminal, pairs, output);
      else if (pairs.length === 0) terminal.note("Nothing at work would conflict.\n");
      else {
        const columns = ["RUN", "STEP", "WITH", "FILES"].map((title) => ({ title }));
        printLines(terminal, renderTable(columns, pairs.map(radarRowOf), terminal.dataLook));
      }
      return EXIT.succeeded;
    }),
});

function radarRowOf({ runId, step, with: other, files }: RadarPair): readonly string[] {
  return [shortRunId(runId), step, other, files.map(({ path, kinds }) => `${path} (${kinds.join(", ")})`).join(", ")];
}

export const mergeCommand: CommandGroup = {
  description: "Looks after branches of steps with `isolation.worktree`.",
  subcommands: {
    list: { ...listCommand, summary: "list branches that are not merged" },
    run: { ...runCommand, summary: "merge the branch of a step" },
    drop: { ...dropCommand, summary: "remove the branch of a step" },
    radar: { ...radarCommand, summary: "show which steps at work would conflict" },
  },
};
