/** Aider: one message from a file, plain text back. It tells tokens and cost in words, and ends with 0 whatever happened. */
import {
  type AgentAdapter,
  type AgentAnswer,
  type AgentOutput,
  type AgentRequest,
  type Invocation,
  NO_ANSWER,
  type TokenUsage,
} from "../adapter.ts";
import { cutShort, failureOf } from "../failures.ts";

const TOKENS = /^Tokens: ([\d.,]+)(k|M)? sent(?:, [\d.,]+[kM]? cache (?:write|hit))*, ([\d.,]+)(k|M)? received\./gm;
const COST = /Cost: \$[\d.]+ message, \$([\d.]+) session\./g;
const APPLIED = /^Applied edit to (.+)$/gm;
/** What it prints besides the answer. */
const CHATTER =
  /^(?:Tokens: |Cost: |Applied edit to |Aider v|Main model: |Weak model: |Model: |Editor model: |Git repo: |Repo-map: |Added .+ to the chat\.?$|Warning: |Note: |Did not apply edit|Creating empty file |Cur working dir: |Git working dir: )/;
const ERROR =
  /litellm\.\w+|\w*(?:Error|Exception):|did not conform to the edit format|reflections allowed, stopping|exceeds? the .{0,40}token/i;

export const aider: AgentAdapter = {
  resumes: false,
  takesFiles: true,
  takesSchema: () => false,
  countsSession: false,
  extraOptions: [
    "--edit-format",
    "--editor-model",
    "--map-tokens",
    "--reasoning-effort",
    "--subtree-only",
    "--thinking-tokens",
    "--weak-model",
  ],
  limits({ permissions, maxUsd, maxTurns, loadsProject }) {
    const { network, bash } = permissions ?? { network: false, bash: [] };
    return [
      ...(bash === "any" || bash.length > 0 ? ["Aider is not let run commands: `bash` is not passed on."] : []),
      ...(network ? ["Aider calls nobody but its model: `network` is not passed on."] : []),
      ...(maxUsd === null ? [] : ["Aider stops at no cost: `max_usd` is not passed on."]),
      ...(maxTurns === null ? [] : ["Aider has no limit on turns: `max_turns` is not passed on."]),
      ...(loadsProject === false ? ["Aider reads `.aider.conf.yml` of the repository; what could run code from there is overruled."] : []),
    ];
  },
  toInvocation,
  parse,
};

function toInvocation({ prompt, model, permissions, files, args }: AgentRequest): Invocation {
  return {
    args: [
      // "Yes" to adding and creating files; commands need an explicit yes, which this is not, and are never suggested either.
      "--yes-always",
      "--no-suggest-shell-commands",
      "--no-detect-urls",
      "--no-auto-commits",
      "--no-dirty-commits",
      "--no-gitignore",
      // A repository's own configuration could name commands for these (S-11).
      "--no-auto-lint",
      "--no-auto-test",
      "--no-notifications",
      "--load=/dev/null",
      "--env-file=/dev/null",
      "--no-analytics",
      "--no-check-update",
      "--no-show-release-notes",
      "--no-pretty",
      "--no-stream",
      "--no-fancy-input",
      "--no-restore-chat-history",
      "--chat-history-file=/dev/null",
      "--input-history-file=/dev/null",
      ...(permissions.edit ? [] : ["--chat-mode=ask"]),
      ...(model === null ? [] : [`--model=${model}`]),
      ...files.map((path) => `--${permissions.edit ? "file" : "read"}=${path}`),
      ...args,
      "--message-file",
    ],
    env: {},
    stdin: null,
    file: prompt,
  };
}

function parse({ stdout, stderr, exitCode, isCut }: AgentOutput): AgentAnswer {
  const reports = [...stdout.matchAll(TOKENS)];
  const cost = [...stdout.matchAll(COST)].at(-1)?.[1];
  const lines = stdout.split("\n");
  const answer: AgentAnswer = {
    ...NO_ANSWER,
    text: lines
      .filter((line) => !CHATTER.test(line))
      .join("\n")
      .trim(),
    usage: reports.length === 0 ? null : reports.map(usageOf).reduce(addUsage),
    costUsd: cost === undefined ? null : Number(cost),
    changed: [...stdout.matchAll(APPLIED)].flatMap(([, path]) => path?.trim() ?? []),
    isFinal: reports.length > 0,
  };
  // It prints a report for every reply of the model; without one there was none.
  if (exitCode === 0 && reports.length > 0) {
    const behind = stdout.slice(reports.at(-1)?.index ?? 0);
    return ERROR.test(behind) ? { ...answer, failure: failureOf(behind, 0, Date.now()) } : answer;
  }
  const words = lines.filter((line) => ERROR.test(line)).join("\n") || stderr;
  if (exitCode === 0 && words.trim() === "") return { ...answer, failure: cutShort(isCut) };
  return { ...answer, failure: failureOf(words.trim() === "" ? stdout : words, exitCode, Date.now()) };
}

function usageOf([, sent, sentUnit, received, receivedUnit]: RegExpExecArray | readonly (string | undefined)[]): TokenUsage {
  return { input: countOf(sent, sentUnit), output: countOf(received, receivedUnit) };
}

function addUsage(one: TokenUsage, other: TokenUsage): TokenUsage {
  return { input: one.input + other.input, output: one.output + other.output };
}

/** `1.2k` is rounded by aider itself; nothing more exact is to be had. */
function countOf(digits: string | undefined, unit: string | undefined): number {
  const factor = unit === "k" ? 1_000 : unit === "M" ? 1_000_000 : 1;
  return Math.round(Number((digits ?? "0").replaceAll(",", "")) * factor) || 0;
}
