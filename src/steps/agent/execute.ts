/** Asks a coding agent to do something, and finds out what became of one whose engine died. */
import type { ToolDeclaration } from "../../plan/tool.ts";
import type { AttemptContext, Execution, StepType, ToolIdentity } from "../../ports/attempt.ts";
import { attemptToken } from "../../ports/attempt-token.ts";
import type { CallVerdict } from "../../ports/breaker.ts";
import { adapterOf } from "./adapters/index.ts";
import { directoryOf, readPartialAnswer } from "./ask.ts";
import { Conversation, type ConversationEnd } from "./conversation.ts";
import { noTool } from "./no-tool.ts";
import type { AgentStepOptions } from "./options.ts";
import { dispatchesOf, parsePhaseToken } from "./phase.ts";
import { agentDeclaration } from "./schema.ts";
import { readWish } from "./wish.ts";
import { canResume, chooseTools, openWork, ownCommand, type Work } from "./work.ts";

/** Longest wait for an open breaker before the attempt is handed back; it is then dispatched again with the same number (I-36). */
const BREAKER_WAIT_MAX_MS = 5_000;

export function createAgentStep(options: AgentStepOptions): StepType {
  const { processes } = options;
  return {
    declaration: agentDeclaration,
    survivesEngine: true,
    asksTools: true,
    prepare: (request) =>
      processes.prepare(directoryOf(request, request.attempt, options), attemptToken(options.directory, request), request.epoch),
    identify: (context) => identify(context, options),
    async execute(context) {
      const begun = await openWork(context, options);
      const { order, decision } = await chooseTools(begun);
      const work: Work = { ...begun, decision };
      report(work);
      return tryInOrder(work, order);
    },
    async reattach(context, mode) {
      const { request, signal } = context;
      const directory = directoryOf(request, request.attempt, options);
      const token = attemptToken(options.directory, request);
      let verdict = await processes.judge(directory, token);
      if (verdict.kind === "alive" && mode === "follow") verdict = await processes.follow(directory, token, request.graceMs, signal);
      if (verdict.kind === "alive") {
        await processes.sweep(token, request.graceMs);
        return { kind: "lost", withEngine: true, reason: "Its engine ended while it ran, and its crash policy asked for its end." };
      }
      if (verdict.kind !== "recorded") return verdict;
      const turn = parsePhaseToken(options.directory, request, verdict.result.token);
      const begun = await openWork(context, options);
      const tool = turn === null ? null : toolNamed(turn.tool, begun);
      if (turn === null || tool === null) return { kind: "lost", reason: "The tool that did it is not declared any more." };
      const work: Work = { ...begun, decision: { chosen: tool.name, because: "An engine before this one had chosen it." } };
      const end = await new Conversation(work, tool).conclude(turn.phase, verdict);
      return end.kind === "missing" ? { kind: "failed", failure: noTool(work.decision, [tool.name]) } : end;
    },
  };
}

/** Whoever may do it, in no order: breakers and past calls change who is asked first, not whose results count. */
async function identify(context: AttemptContext, options: AgentStepOptions): Promise<readonly ToolIdentity[]> {
  const wish = readWish(context);
  if (wish.program !== null) return [{ name: "custom", program: wish.program[0], version: null }];
  const { order } = await chooseTools({ context, options, wish });
  return await Promise.all(
    order.map(async ({ name }) => {
      const { program, version } = await options.tools.probe(name, context.request.workflow.file);
      return { name, program, version };
    }),
  );
}

/** The first that is there does it. One whose breaker is open hands on to the next, too. */
async function tryInOrder(work: Work, order: readonly ToolDeclaration[]): Promise<Execution> {
  const { context, options } = work;
  const missing: string[] = [];
  let retryAfterMs: number | null = null;
  for (const tool of order) {
    const session = await findSession(work, tool);
    const begin = (): Promise<ConversationEnd> => new Conversation(work, tool).start(session);
    // A command that only this step knows is nobody's tool, and has no breaker.
    const answer =
      work.wish.program === null
        ? await options.tools.call(tool, { tenant: context.request.tenant, signal: context.signal }, begin, judge)
        : await begin();
    if ("open" in answer) {
      retryAfterMs = Math.min(retryAfterMs ?? answer.retryAfterMs, answer.retryAfterMs);
      continue;
    }
    if (answer.kind !== "missing") return answer;
    missing.push(tool.name);
  }
  if (retryAfterMs === null) return { kind: "failed", failure: noTool(work.decision, missing), usage: { selection: work.decision } };
  await pause(Math.min(retryAfterMs, BREAKER_WAIT_MAX_MS), context.signal);
  return context.signal.aborted
    ? { kind: "stopped" }
    : { kind: "not_started", reason: "The breakers of all tools that could do it are open." };
}

/** What an end says about the tool: an answer that does not fit is the task's, a service that cannot be reached the tool's. */
function judge(end: ConversationEnd): CallVerdict {
  switch (end.kind) {
    case "succeeded":
    case "parked":
      return "answered";
    case "missing":
    case "timed_out":
      return "failed";
    case "failed":
      return TOOLS_FAULT.has(end.failure.code) ? "failed" : "answered";
    case "stopped":
    case "lost":
    case "not_started":
      return "undecided";
  }
}

const TOOLS_FAULT: ReadonlySet<string> = new Set([
  ...["AGENT_AUTH", "AGENT_CREDIT", "AGENT_FAILED", "AGENT_NETWORK", "AGENT_OUTPUT_CUT", "AGENT_OVERLOADED", "AGENT_RATE_LIMITED"],
  ...["SPAWN_FAILED"],
]);

/** The conversation of the attempt before, when it was cut off: what it had done by then need not be done again. */
async function findSession(work: Work, tool: ToolDeclaration): Promise<string | null> {
  const { context, options, wish } = work;
  const { request } = context;
  if (request.attempt < 2 || !canResume(work, tool)) return null;
  let session: string | null = null;
  for (const directory of dispatchesOf(directoryOf(request, request.attempt - 1, options))) {
    const answer = await readPartialAnswer(options, adapterOf(tool.adapter), wish, directory);
    if (answer === null) break;
    session = answer.isFinal ? null : answer.session;
  }
  return session;
}

function toolNamed(name: string, { context, options, wish }: Omit<Work, "decision">): ToolDeclaration | null {
  if (wish.program !== null) return ownCommand(wish.program);
  return options.tools.list(context.request.workflow.file).find((tool) => tool.name === name) ?? null;
}

function report({ context, files: { report: found } }: Work): void {
  if (found === null) return;
  const { included, pruned, tokens, limit } = found;
  const count = (included as readonly unknown[]).length; // `gatherContext` made it
  const counted = tokens === undefined ? "" : `, ${String(tokens)} of ${String(limit)} tokens`;
  const names = (pruned as readonly { readonly path: string }[]).slice(0, 5).map(({ path }) => path); // `gatherContext` made it
  const left =
    names.length === 0 ? "" : `; left out: ${names.join(", ")}${(pruned as readonly unknown[]).length > names.length ? " …" : ""}`;
  context.progress({ message: `${count} ${count === 1 ? "file" : "files"}${counted}${left}`, context: found });
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done, { once: true });
  });
}
