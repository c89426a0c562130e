/** What the turns of one attempt have in common: the wish, the files chosen, and who was chosen to do it. */
import type { JsonObject } from "../../core/json.ts";
import { programName } from "../../plan/profile.ts";
import type { ToolDeclaration } from "../../plan/tool.ts";
import { BREAKER_POLICY_DEFAULT } from "../../plan/tool.ts";
import type { AttemptContext } from "../../ports/attempt.ts";
import type { ToolPermit } from "../../ports/tools.ts";
import type { AgentAdapter, AgentRequest } from "./adapter.ts";
import { adapterOf } from "./adapters/index.ts";
import { type Context, gatherContext, NO_CONTEXT } from "./context.ts";
import type { AgentStepOptions } from "./options.ts";
import { READ_ONLY } from "./permissions.ts";
import { renderPrompt } from "./prompt.ts";
import { type AgentWish, readWish } from "./wish.ts";

export interface Work {
  readonly context: AttemptContext;
  readonly options: AgentStepOptions;
  readonly wish: AgentWish;
  readonly files: Context;
  /** Why this tool, for `AttemptUsage.selection`. */
  readonly decision: JsonObject;
}

/** @throws failures and DefinitionError for what the step asks and nobody can do */
export async function openWork(context: AttemptContext, options: AgentStepOptions): Promise<Omit<Work, "decision">> {
  const wish = readWish(context);
  const { task, schema } = wish;
  const gathering = gatherContext(wish.context, (some) => renderPrompt(task, some, schema), context.request.workspace, options.context);
  // An agent that has worked meanwhile has changed files: they must not make its answer a failure.
  const files = context.isReattached ? await gathering.catch(() => NO_CONTEXT) : await gathering;
  return { context, options, wish, files };
}

/** Who may do it, the best first. */
export async function chooseTools({
  context,
  options,
  wish,
}: Pick<Work, "context" | "options" | "wish">): Promise<{ order: readonly ToolDeclaration[]; decision: JsonObject }> {
  const { request } = context;
  if (wish.program !== null)
    return { order: [ownCommand(wish.program)], decision: { chosen: "custom", because: "The step brings its own command." } };
  const policy = wish.agent === null ? (request.step.tool ?? ANY) : { ...ANY, name: wish.agent };
  const { touches } = request.step;
  const permit = permitOf(context, options);
  const [order, decision] = await options.tools
    .select({
      policy,
      tenant: request.tenant,
      workspace: request.workspace,
      workflowFile: request.workflow.file,
      ...(touches.length > 0 && { paths: touches }),
      ...(permit !== null && { permit }),
    })
    .then((selection) => [selection.order, selection.decision] as const);
  return { order, decision };
}

/** A profile names programs, and the router knows tools by their names. */
function permitOf({ programs, request }: AttemptContext, { tools }: AgentStepOptions): ToolPermit | null {
  if (programs === null) return null;
  const permitted = tools.list(request.workflow.file).filter(({ command }) => programs.allow.includes(programName(command[0])));
  return { allow: permitted.map(({ name }) => name), deny: [], by: programs.by };
}

const ANY = { name: null, needs: [], prefer: null } as const;

/** A tool that exists in this step only. */
export function ownCommand(command: readonly [string, ...string[]]): ToolDeclaration {
  return {
    name: "custom",
    adapter: "custom",
    capabilities: [],
    domains: [],
    cost: { usdPerRun: null, usdPer1kTokens: null },
    limits: { concurrency: null, timeoutMs: null, maxUsd: null },
    command,
    env: [],
    health: null,
    version: null,
    breaker: BREAKER_POLICY_DEFAULT,
  };
}

/** The first turn of a conversation, or the next one of one that was cut off. */
export function requestFor({ wish, files }: Work, tool: ToolDeclaration, session: string | null): AgentRequest {
  const adapter = adapterOf(tool.adapter);
  return {
    ...common(wish, tool, adapter),
    prompt: promptOf(wish, files, adapter, session !== null),
    permissions: wish.permissions,
    schema: passedSchema(wish, adapter, session !== null),
    session,
    files: adapter.takesFiles ? files.files.map(({ path }) => path) : [],
  };
}

/** A turn about words only: whatever the task was, nothing is done again. */
export function correctionFor({ wish }: Work, tool: ToolDeclaration, prompt: string, session: string | null): AgentRequest {
  const adapter = adapterOf(tool.adapter);
  return {
    ...common(wish, tool, adapter),
    prompt,
    permissions: READ_ONLY,
    schema: passedSchema(wish, adapter, session !== null),
    session,
    files: [],
  };
}

/** The task as the agent was given it. */
export function promptOf({ task, schema }: AgentWish, { files }: Context, adapter: AgentAdapter, isResumed: boolean): string {
  const told = schema !== null && !adapter.takesSchema(schema, isResumed) ? schema : null;
  return renderPrompt(task, adapter.takesFiles ? [] : files, told);
}

function passedSchema({ schema }: AgentWish, adapter: AgentAdapter, isResumed: boolean): JsonObject | null {
  return schema !== null && adapter.takesSchema(schema, isResumed) ? schema : null;
}

function common(
  { model, maxUsd, maxTurns, args, loadsProject, custom }: AgentWish,
  { limits }: ToolDeclaration,
  adapter: AgentAdapter,
): Pick<AgentRequest, "model" | "maxUsd" | "maxTurns" | "args" | "loadsProject" | "custom"> {
  const bound = maxUsd === null || limits.maxUsd === null ? (maxUsd ?? limits.maxUsd) : Math.min(maxUsd, limits.maxUsd);
  const own = adapter === adapterOf("custom") ? custom : null;
  return { model, maxUsd: bound, maxTurns, args, loadsProject, custom: own };
}

/** Whether a conversation with this tool can be taken up again. */
export function canResume({ wish }: Pick<Work, "wish">, tool: ToolDeclaration): boolean {
  const adapter = adapterOf(tool.adapter);
  return wish.resumes && adapter.resumes && (adapter !== adapterOf("custom") || (wish.custom?.resume ?? null) !== null);
}
