/**
 * One attempt as a conversation with one tool: the task, a second chance where a session is gone, and one correction where the answer
 * does not fit its schema. Every turn is a dispatch of its own, so that an engine that finds one after a crash goes on from there.
 */
import type { Json, JsonObject } from "../../core/json.ts";
import { roundUsd } from "../../core/usd.ts";
import type { ToolDeclaration } from "../../plan/tool.ts";
import type { Execution } from "../../ports/attempt.ts";
import type { ProcessVerdict } from "../../ports/processes.ts";
import type { AgentAnswer, AgentRequest } from "./adapter.ts";
import { adapterOf } from "./adapters/index.ts";
import { ask, logsOf, processFailure, readAnswer, readPartialAnswer } from "./ask.ts";
import { overBudget } from "./failures.ts";
import type { SchemaViolation } from "./options.ts";
import { dispatchBefore, type Phase } from "./phase.ts";
import { renderCorrection, renderResumption } from "./prompt.ts";
import { addSpent, NOTHING_SPENT, type Spent } from "./spent.ts";
import { structuredOf } from "./structured.ts";
import { canResume, correctionFor, promptOf, requestFor, type Work } from "./work.ts";

/** `missing`: its program is not there, so another tool may do it. */
export type ConversationEnd = Execution | { readonly kind: "missing" };

/** Session ids are words: one that could be read as an option is none (S-9). */
const SESSION = /^[A-Za-z0-9][A-Za-z0-9._:/-]{0,199}$/;
const CHANGED_MAX = 1_000;

export class Conversation {
  readonly #work: Work;
  readonly #tool: ToolDeclaration;
  #spent: Spent = NOTHING_SPENT;
  #session: string | null = null;

  constructor(work: Work, tool: ToolDeclaration) {
    this.#work = work;
    this.#tool = tool;
  }

  /** @param session of an attempt before, which was cut off */
  async start(session: string | null): Promise<ConversationEnd> {
    if (session === null) return this.#turn("ask", requestFor(this.#work, this.#tool, null));
    const request = requestFor(this.#work, this.#tool, session);
    return this.#turn("resume", { ...request, prompt: renderResumption(request.prompt) });
  }

  /** Goes on from a turn that an engine before us had begun. */
  async conclude(phase: Phase, verdict: ProcessVerdict): Promise<ConversationEnd> {
    if (verdict.kind !== "recorded") return verdict.kind === "alive" ? { kind: "lost", reason: "It could not be followed." } : verdict;
    const { result, directory } = verdict;
    const { context, options, wish } = this.#work;
    const adapter = adapterOf(this.#tool.adapter);
    const earlier = phase === "correct" && this.#spent === NOTHING_SPENT ? dispatchBefore(directory) : null;
    if (earlier !== null) {
      const before = await readPartialAnswer(options, adapter, wish, earlier);
      if (before !== null) this.#add(before, false);
    }
    const answer = await readAnswer(options, adapter, wish, result, directory);
    this.#add(answer, adapter.countsSession);
    const usage = this.#usage(result.startedAt, result.endedAt, logsOf(result, directory, options));
    if (result.stopped === "timeout") return { kind: "timed_out", detail: "It was told to end.", usage };
    if (result.stopped === "cancel")
      // Somebody else told our supervisor to end, so nobody knows what the agent would have done.
      return context.signal.aborted ? { kind: "stopped", usage } : { kind: "lost", reason: "It was ended from outside.", usage };
    const failed = processFailure(result);
    if (failed === "missing") return { kind: "missing" };
    if (failed !== null) return { kind: "failed", failure: failed, usage };
    if (answer.failure?.code === "AGENT_SESSION_MISSING" && phase === "resume")
      return this.#turn("ask", requestFor(this.#work, this.#tool, null));
    if (answer.failure !== null) return { kind: "failed", failure: { ...answer.failure, tool: this.#tool.name }, usage };
    return wish.schema === null
      ? { kind: "succeeded", output: this.#envelope(answer), usage }
      : this.#checked(phase, wish.schema, answer, usage);
  }

  /** The answer as data, which has to fit; what does not is told to the agent once. */
  async #checked(phase: Phase, schema: JsonObject, answer: AgentAnswer, usage: Usage): Promise<ConversationEnd> {
    const value = structuredOf(answer);
    const violations = value === undefined ? NO_DATA : this.#work.options.validate(schema, value, "output");
    if (value !== undefined && violations.length === 0) return { kind: "succeeded", output: value, usage };
    if (phase === "correct") return { kind: "failed", failure: violated(violations, this.#tool.name), usage };
    const left = this.#budgetLeft();
    if (left !== null && left <= 0)
      return {
        kind: "failed",
        failure: overBudget("AGENT_MAX_COST", "Its answer does not fit the schema, and there is nothing left to ask again with."),
        usage,
      };
    const session = canResume(this.#work, this.#tool) ? this.#session : null;
    const { wish, files } = this.#work;
    const task = promptOf(wish, files, adapterOf(this.#tool.adapter), false);
    const lines = violations.map(({ path, message }) => `${path}: ${message}`);
    const prompt = renderCorrection(task, answer.text, lines, schema, session !== null);
    this.#work.context.progress({ message: `${this.#tool.name}: asked again, since its answer does not fit the schema` });
    const request = correctionFor(this.#work, this.#tool, prompt, session);
    return this.#turn("correct", { ...request, maxUsd: left });
  }

  async #turn(phase: Phase, request: AgentRequest): Promise<ConversationEnd> {
    const { context, options } = this.#work;
    return this.conclude(phase, await ask(context, options, this.#tool, adapterOf(this.#tool.adapter), request, phase));
  }

  #add(answer: AgentAnswer, replaces: boolean): void {
    this.#spent = addSpent(this.#spent, answer, replaces);
    if (answer.session !== null && SESSION.test(answer.session)) this.#session = answer.session;
  }

  #costUsd(): number | null {
    const { costUsd, usage } = this.#spent;
    const { usdPer1kTokens } = this.#tool.cost;
    if (costUsd !== null || usage === null || usdPer1kTokens === null) return costUsd;
    return roundUsd(((usage.input + usage.output) * usdPer1kTokens) / 1_000);
  }

  #budgetLeft(): number | null {
    const { maxUsd } = requestFor(this.#work, this.#tool, null);
    return maxUsd === null ? null : maxUsd - (this.#costUsd() ?? 0);
  }

  #usage(startedAt: number, endedAt: number, logs: JsonObject): Usage {
    const { usage } = this.#spent;
    const costUsd = this.#costUsd();
    const { files, decision } = this.#work;
    const limits = this.#limits();
    return {
      startedAt,
      endedAt,
      logs,
      tool: this.#tool.name,
      ...(costUsd !== null && { costUsd }),
      ...(usage !== null && { tokens: usage }),
      ...(this.#session !== null && { session: this.#session }),
      selection: { ...decision, ...(files.report !== null && { context: files.report }), ...(limits.length > 0 && { limits }) },
    };
  }

  #limits(): readonly string[] {
    const { wish } = this.#work;
    return adapterOf(this.#tool.adapter).limits(wish);
  }

  #envelope({ text }: AgentAnswer): JsonObject {
    const { usage, turns, changed, denied } = this.#spent;
    const { files, context } = this.#work;
    const inside = `${context.request.workspace}/`;
    const paths = changed.map((path) => (path.startsWith(inside) ? path.slice(inside.length) : path));
    return {
      text,
      usage: usage === null ? null : { ...usage },
      cost_usd: this.#costUsd(),
      session: this.#session,
      turns,
      tool: this.#tool.name,
      changed: [...new Set(paths)].toSorted().slice(0, CHANGED_MAX),
      ...(denied.length > 0 && { denied }),
      ...(files.report !== null && { context: files.report }),
    };
  }
}

type Usage = NonNullable<Extract<Execution, { kind: "succeeded" }>["usage"]>;

const NO_DATA: readonly SchemaViolation[] = [{ path: "output", message: "holds no JSON", keyword: "type" }];

function violated(violations: readonly SchemaViolation[], tool: string): Extract<Execution, { kind: "failed" }>["failure"] {
  const errors: Json = violations.map(({ path, message, keyword }) => ({ path, message, keyword }));
  return {
    class: "validation",
    code: "OUTPUT_SCHEMA",
    title: "The answer does not fit its schema, asked twice.",
    detail: violations.map(({ path, message }) => `${path}: ${message}`).join("\n"),
    tool,
    extra: { errors },
  };
}
