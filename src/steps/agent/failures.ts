/**
 * What an error of a coding CLI means for whoever has to react. The CLIs hand on the words of their vendors' services, so they are told
 * apart by status numbers and phrases; the order matters, since one message often holds several.
 */
import type { FailureClass, TaskFailure } from "../../core/failure.ts";

interface Rule {
  readonly code: string;
  readonly class: FailureClass;
  readonly title: string;
  readonly hint?: string;
  readonly pattern: RegExp;
}

const RULES: readonly Rule[] = [
  {
    code: "AGENT_CREDIT",
    class: "permanent",
    title: "The account has no credit left.",
    hint: "Look at the billing of the account whose key it uses.",
    pattern: /credit balance is too low|insufficient[_ ](quota|credits?|funds)|billing_error|payment required|\b402\b/i,
  },
  {
    code: "AGENT_CONTEXT_TOO_LONG",
    class: "permanent",
    title: "Prompt and files do not fit into the window of the model.",
    hint: "Give `context.max_tokens`, fewer files, or a model with a larger window.",
    pattern:
      /prompt is too long|context[_ ](window|length)|maximum context|input (is|was) too long|too many (input )?tokens|exceeds? (the )?.{0,40}tokens?\b.{0,20}(limit|window|allowed)|token count .{0,40}exceeds/i,
  },
  {
    code: "AGENT_RATE_LIMITED",
    class: "transient",
    title: "The service limits how often it is asked.",
    pattern: /\b429\b|rate[-_ ]?limit|too many requests|usage[-_ ]limit|limit reached|resource[-_ ]?exhausted|quota/i,
  },
  {
    code: "AGENT_OVERLOADED",
    class: "transient",
    title: "The service is overloaded.",
    pattern:
      /\b(529|503|502|504)\b|overloaded|service (is )?(temporarily )?unavailable|at capacity|high demand|internal server error|\b500\b/i,
  },
  {
    code: "AGENT_AUTH",
    class: "permanent",
    title: "It is not logged in, or its key is not accepted.",
    hint: "Log in once by hand, or name the variable of the key under `env` of the tool; steps inherit no keys by themselves (S-13).",
    pattern:
      /\b401\b|\b403\b|unauthori[sz]ed|authenticat|permission_error|invalid (x-)?api[- ]key|api[_ -]?key.{0,40}(missing|not (set|found|valid)|required|invalid)|not logged in|please (run )?\/?log ?in|oauth token/i,
  },
  {
    code: "AGENT_REFUSED",
    class: "permanent",
    title: "The model refused to answer.",
    hint: "Say in the prompt what the work is for, or ask another model.",
    pattern: /\brefus(al|ed)\b|usage polic|content[_ ]filter|safety (settings|filter)|prohibited[_ ]content/i,
  },
  {
    code: "AGENT_MODEL_UNKNOWN",
    class: "permanent",
    title: "The service does not know this model, or does not give it to this account.",
    hint: "Look at `model`.",
    pattern:
      /model.{0,60}(not found|does not exist|not supported|not exist|unknown|no access)|unknown model|invalid model|not_found_error/i,
  },
  {
    code: "AGENT_NETWORK",
    class: "transient",
    title: "The service could not be reached.",
    pattern:
      /ECONN(REFUSED|RESET|ABORTED)|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|fetch failed|network error|connection (error|reset|refused|closed)|stream (disconnected|closed)/i,
  },
];

const DETAIL_CHARS_MAX = 4_000;

/** @param message words of the CLI about its failure, never the agent's answer */
export function failureOf(message: string, exitCode: number, nowMs: number): TaskFailure {
  const detail = message.trim().slice(-DETAIL_CHARS_MAX);
  const more = { ...(detail !== "" && { detail }), ...(exitCode > 0 && { exitCode }) };
  const rule = RULES.find(({ pattern }) => pattern.test(message));
  if (rule === undefined)
    return {
      class: "transient",
      code: "AGENT_FAILED",
      title: exitCode === 0 ? "It ended with an error." : `It ended with exit code ${exitCode}.`,
      ...more,
    };
  const wait = rule.code === "AGENT_RATE_LIMITED" ? retryAfterOf(message, nowMs) : null;
  const { code, title, hint } = rule;
  return { class: rule.class, code, title, ...more, ...(hint !== undefined && { hint }), ...(wait !== null && { retryAfterMs: wait }) };
}

/** Longest wait that is believed; a longer one is a number of another kind. */
const RETRY_AFTER_MS_MAX = 8 * 24 * 3_600_000;
const UNIT_MS: Readonly<Record<string, number>> = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000, ms: 1 };

/** What the other side asked us to wait, in milliseconds: `retry-after: 20`, `try again in 1h 2m`, `limit reached|1753088400`. */
function retryAfterOf(message: string, nowMs: number): number | null {
  const [, resetsAt] = /limit reached\|(\d{10})\b/i.exec(message) ?? /"?resets_at"?\s*[:=]\s*(\d{10})\b/i.exec(message) ?? [];
  if (resetsAt !== undefined) return bounded(Number(resetsAt) * 1_000 - nowMs);
  const [, seconds] =
    /retry[-_ ]?after["']?\s*[:=]?\s*(\d+(?:\.\d+)?)(?!\d)/i.exec(message) ?? /resets_in_seconds"?\s*[:=]\s*(\d+)/i.exec(message) ?? [];
  if (seconds !== undefined) return bounded(Number(seconds) * 1_000);
  const [, phrase] =
    /(?:try again|retry|resets?) in\s+((?:\d+(?:\.\d+)?\s*(?:ms|milliseconds?|d(?:ays?)?|h(?:ours?)?|m(?:in(?:utes?)?)?|s(?:ec(?:onds?)?)?)\b[\s,]*(?:and\s+)?)+)/i.exec(
      message,
    ) ?? [];
  if (phrase === undefined) return null;
  let total = 0;
  for (const [, amount, unit] of phrase.matchAll(/(\d+(?:\.\d+)?)\s*(ms|milli|d|h|m|s)/gi))
    total += Number(amount) * (UNIT_MS[(unit ?? "").toLowerCase().replace("milli", "ms")] ?? 0);
  return bounded(total);
}

function bounded(ms: number): number | null {
  return ms >= 0 && ms <= RETRY_AFTER_MS_MAX ? Math.ceil(ms) : null;
}

/** It ended without a word that it had ended: what it did is there, what it has to say about it is not. */
export function cutShort(isCut: boolean): TaskFailure {
  return isCut
    ? {
        class: "permanent",
        code: "AGENT_OUTPUT_TOO_LARGE",
        title: "It printed more than is kept, and its answer is not in what was.",
        hint: "Ask for a shorter answer, or have it write a file.",
      }
    : { class: "transient", code: "AGENT_OUTPUT_CUT", title: "What it printed ends in the middle." };
}

export function overBudget(code: "AGENT_MAX_TURNS" | "AGENT_MAX_COST", detail: string): TaskFailure {
  const isTurns = code === "AGENT_MAX_TURNS";
  const title = isTurns ? "It used up the turns that it may take." : "It used up what it may cost.";
  return { class: "budget", code, title, detail, hint: `Raise \`${isTurns ? "max_turns" : "max_usd"}\`, or ask for less.` };
}
