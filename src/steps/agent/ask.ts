/** Asks a CLI for one turn, and reads its answer from what was captured. */
import type { TaskFailure } from "../../core/failure.ts";
import type { JsonObject } from "../../core/json.ts";
import type { ToolDeclaration } from "../../plan/tool.ts";
import type { AttemptContext, AttemptRequest } from "../../ports/attempt.ts";
import { environmentOf } from "../../ports/attempt-environment.ts";
import type { ProcessResult, ProcessSpec, ProcessVerdict } from "../../ports/processes.ts";
import type { AgentAdapter, AgentAnswer, AgentRequest } from "./adapter.ts";
import { checkArgs } from "./dangerous.ts";
import { failStep } from "./fail-step.ts";
import type { AgentStepOptions } from "./options.ts";
import { type Phase, phaseToken } from "./phase.ts";

/** Kept of each stream, head and tail together. The answer stands at the end, and one of this size is no answer. */
const CAPTURE_MAX_BYTES = 8 * 1024 * 1024;
/** Names of variables whose values must not be seen. The others (regions, projects, endpoints) would make what was printed unreadable. */
const SECRET_NAME = /KEY|TOKEN|SECRET|PASS|CREDENTIAL|AUTH/i;
/** Shorter texts are no secrets. */
const SECRET_CHARS_MIN = 6;

export function directoryOf({ runId, step }: AttemptRequest, attempt: number, { directory }: Pick<AgentStepOptions, "directory">): string {
  return `${directory}/${runId}/${step.id}/${attempt}`;
}

/** @throws a failure of class `policy` for arguments that nobody may add */
export function ask(
  context: AttemptContext,
  options: AgentStepOptions,
  tool: ToolDeclaration,
  adapter: AgentAdapter,
  request: AgentRequest,
  phase: Phase,
): Promise<ProcessVerdict> {
  if (context.mustEnd) failStep("POLICY_DENIED", "Its security profile does not let it go on.", "Look at the profile.", "policy");
  const problem = checkArgs(request.args, adapter);
  if (problem !== null) failStep("AGENT_ARGS", problem.problem, "Leave it out of `args`; say what the agent may do in `allow`.", "policy");
  const { keys, secrets } = keysOf(tool, options);
  const { args, env, stdin, file } = adapter.toInvocation(request);
  const argv: ProcessSpec["argv"] = [...tool.command, ...args];
  refuseShown(context, file === null ? argv : [...argv, file]);
  const { processes } = options;
  const spec: ProcessSpec = {
    directory: directoryOf(context.request, context.request.attempt, options),
    token: phaseToken(options.directory, context.request, phase, tool.name),
    epoch: context.request.epoch,
    argv,
    script: file,
    cwd: context.request.workspace,
    env: { ...keys, ...env, ...environmentOf(context, processes) },
    confinement: context.confinement,
    stdin,
    deadlineAt: deadlineOf(context.request, tool),
    graceMs: context.request.graceMs,
    captureMaxBytes: CAPTURE_MAX_BYTES,
    masks: [...context.masks, ...secrets.flatMap(options.maskForms)],
    cleanup: null,
  };
  return processes.run(spec, context.signal);
}

/** S-38: arguments are seen by every process of the machine, and a file stays. */
function refuseShown({ masks }: AttemptContext, texts: readonly string[]): void {
  if (!masks.some((mask) => texts.some((text) => text.includes(mask)))) return;
  failStep(
    "AGENT_SECRET",
    "A secret would stand in the arguments of the agent, or in a file.",
    "Give it in `env`, or in the prompt of an agent that reads its prompt from the standard input.",
    "policy",
  );
}

/** S-13: a tool gets the variables that it declares, and nobody sees their values in what it prints. */
function keysOf(
  { env }: ToolDeclaration,
  { environment }: AgentStepOptions,
): { readonly keys: Record<string, string>; readonly secrets: readonly string[] } {
  const keys: Record<string, string> = {};
  const secrets: string[] = [];
  for (const name of env) {
    const value = environment[name];
    if (value === undefined) continue;
    keys[name] = value;
    if (SECRET_NAME.test(name) && value.length >= SECRET_CHARS_MIN) secrets.push(value);
  }
  return { keys, secrets };
}

function deadlineOf({ deadlineAt }: AttemptRequest, { limits }: ToolDeclaration): number | null {
  const own = limits.timeoutMs === null ? null : Date.now() + limits.timeoutMs;
  return deadlineAt === null || own === null ? (deadlineAt ?? own) : Math.min(deadlineAt, own);
}

export async function readAnswer(
  options: AgentStepOptions,
  adapter: AgentAdapter,
  request: Pick<AgentRequest, "custom">,
  result: ProcessResult,
  directory: string,
): Promise<AgentAnswer> {
  const read = async (stream: "stdout" | "stderr"): Promise<string> =>
    toText(await options.processes.read(directory, stream, CAPTURE_MAX_BYTES, "start"));
  const [stdout, stderr] = [await read("stdout"), await read("stderr")];
  return adapter.parse({ stdout, stderr, exitCode: result.exitCode ?? -1, isCut: result.stdout.truncated }, request);
}

/** Of a dispatch that may not have come to an end; null when there is nothing. */
export async function readPartialAnswer(
  options: AgentStepOptions,
  adapter: AgentAdapter,
  request: Pick<AgentRequest, "custom">,
  directory: string,
): Promise<AgentAnswer | null> {
  const bytes = await options.processes.read(directory, "stdout", CAPTURE_MAX_BYTES, "start");
  return bytes === null ? null : adapter.parse({ stdout: toText(bytes), stderr: "", exitCode: 0, isCut: false }, request);
}

/** How the process itself failed; null when it is for its adapter to say. `missing`: there is no such program. */
export function processFailure(result: ProcessResult): TaskFailure | "missing" | null {
  if (result.spawnError === "ENOENT") return "missing";
  if (result.spawnError === "CWD_MISSING") return { class: "permanent", code: "CWD_MISSING", title: "The workspace does not exist." };
  if (result.spawnError === "E2BIG")
    return {
      class: "permanent",
      code: "ARGUMENTS_TOO_LARGE",
      title: "Its arguments are larger than the system allows.",
      hint: "Give a smaller schema.",
    };
  if (result.spawnError !== null)
    return { class: "permanent", code: "SPAWN_FAILED", title: `The program could not be started: ${result.spawnError}.` };
  if (result.outOfMemory === true) return { class: "transient", code: "OUT_OF_MEMORY", title: "The system killed it for lack of memory." };
  if (result.signal !== null)
    return { class: "transient", code: "SIGNAL", title: `It was ended by ${result.signal}.`, signal: result.signal };
  return null;
}

export function logsOf({ stdout, stderr }: ProcessResult, directory: string, options: AgentStepOptions): JsonObject {
  const stream = ({ bytes, truncated, sha256 }: ProcessResult["stdout"]): JsonObject => ({ bytes, truncated, sha256 });
  return { directory: directory.slice(options.directory.length + 1), stdout: stream(stdout), stderr: stream(stderr) };
}

/** Bytes that are no UTF-8 become U+FFFD; the files keep them exact (F-24). */
function toText(bytes: Uint8Array | null): string {
  return bytes === null ? "" : new TextDecoder().decode(bytes);
}
