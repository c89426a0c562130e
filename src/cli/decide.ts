/** A person's decision from the command line: shown, asked, and sent with the digest of what was shown. */
import { createInterface } from "node:readline/promises";
import type { JsonObject } from "../core/json.ts";
import type { PendingApproval } from "../main/answer-shape.ts";
import { actOnRun } from "./act-on-run.ts";
import { approverName } from "./approver.ts";
import { type Context, openProjectFor, type SettingOptions } from "./context.ts";
import { EXIT } from "./exit-code.ts";
import { applyPair, usage } from "./input.ts";
import { common, text } from "./option.ts";
import { printLines } from "./print.ts";
import { renderApproval } from "./render/approval-text.ts";

export const RUN_AND_APPROVAL = [
  { name: "<run>", description: "id, beginning of an id, or @latest" },
  { name: "[step]", description: "the step that asks; may be left out where only one does" },
] as const;

export const decisionOptions = {
  comment: { flags: "--comment <text>", description: "kept with the decision", parse: text },
  digest: { flags: "--digest <hex>", description: "of what you were shown; refused if it is something else by now", parse: text },
  as: { flags: "--as <name>", description: "who decides (default: TROUPE_USER, or your user's name)", parse: text },
  yes: { flags: "-y, --yes", description: "do not ask again" },
  ...common,
} as const;

export interface DecideOptions {
  readonly context: Context;
  readonly options: SettingOptions & {
    readonly comment?: string | undefined;
    readonly digest?: string | undefined;
    readonly as?: string | undefined;
    readonly yes?: boolean | undefined;
  };
  readonly words: readonly string[];
  readonly decision: "approved" | "rejected";
  readonly fields: readonly string[];
}

/** Digests are long; so much of one is enough to tell that it is the same. */
const DIGEST_MIN_CHARS = 8;

export async function decide({ context, options, words: [run = "", step], decision, fields }: DecideOptions): Promise<number> {
  const by = approverName(context, options.as);
  const { decideApproval, findApproval } = await import("../main/answer-approval.ts");
  const shown = await look(context, options, run, (project, runId) => findApproval(project, runId, step));
  const given = readFields(shown, fields);
  printLines({ ...context.terminal, data: context.terminal.note }, [...renderApproval(shown, context.terminal.noteLook, Date.now()), ""]);
  const { digest: wanted = shown.digest } = options;
  const isSame = wanted.length >= DIGEST_MIN_CHARS && shown.digest.startsWith(wanted.toLowerCase());
  if (options.yes !== true && context.terminal.isInteractive && !(await confirm(context, decision))) {
    context.terminal.note("Nothing was decided.\n");
    return EXIT.usage;
  }
  return await actOnRun({
    context,
    options,
    run: shown.run,
    async act(driver, runId, { project }) {
      await decideApproval(project, driver, runId, {
        decision,
        by,
        step: shown.step,
        fields: given,
        // What was shown is what is decided about; the kernel compares.
        digest: isSame ? shown.digest : wanted,
        ...(options.comment !== undefined && { comment: options.comment }),
      });
      return runId;
    },
  });
}

type Project = Awaited<ReturnType<typeof openProjectFor>>["project"];

async function look<TResult>(
  context: Context,
  options: SettingOptions,
  run: string,
  read: (project: Project, runId: ReturnType<Project["runId"]>) => TResult,
): Promise<TResult> {
  await using opened = await openProjectFor(context, options, "existing");
  return read(opened.project, opened.project.runId(run));
}

function readFields({ request }: PendingApproval, pairs: readonly string[]): JsonObject {
  // What is not asked for is told by the check of the answer, all at once.
  const schema = request.fields === null ? null : { ...request.fields, additionalProperties: true };
  return pairs.reduce<JsonObject>((fields, pair) => {
    if (pair.indexOf("=") < 1) throw usage(`\`--field ${pair}\` is not of the form name=value.`);
    return applyPair(fields, pair, schema);
  }, {});
}

async function confirm({ terminal }: Context, decision: DecideOptions["decision"]): Promise<boolean> {
  const question = createInterface({ input: terminal.stdin, output: process.stderr });
  try {
    const answer = await question.question(decision === "approved" ? "Approve this? [y/N] " : "Reject this? [y/N] ");
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    question.close();
  }
}
