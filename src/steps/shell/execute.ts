/** Runs a shell step's command, and finds out what became of one whose engine died. */
import type { TaskFailure } from "../../core/failure.ts";
import { isJsonObject, type JsonObject } from "../../core/json.ts";
import type { BreakerPolicy } from "../../plan/tool.ts";
import type { AttemptContext, Execution, StepType } from "../../ports/attempt.ts";
import { attemptToken } from "../../ports/attempt-token.ts";
import type { ProcessResult, ProcessVerdict } from "../../ports/processes.ts";
import { directoryOf, OUTPUT_MAX_BYTES, specOf } from "./command.ts";
import { meaningOf } from "./exit.ts";
import type { ShellStepOptions } from "./options.ts";
import { type Parsed, parseOutputFile, parseStdout } from "./output.ts";
import { shellDeclaration } from "./schema.ts";

/** Enough of the end of stderr to see why it failed. */
const STDERR_TAIL_BYTES = 4_096;

/** A machine short of processes or files has some again as soon as a command ends: to leave it alone for a minute would help nobody (F-19). */
const PROCESS_BREAKER: BreakerPolicy = { failures: 50, windowMs: 10_000, recoveryMs: 1_000 };

export function createShellStep(options: ShellStepOptions): StepType {
  const { processes } = options;
  return {
    declaration: shellDeclaration,
    survivesEngine: true,
    // What a command does is its author's affair; a machine that starts no processes is what the breaker is about.
    target: () => "process",
    blames: ({ kind }) => kind === "not_started",
    breaker: PROCESS_BREAKER,
    prepare: (request) => processes.prepare(directoryOf({ request }, options), attemptToken(options.directory, request), request.epoch),
    async execute(context) {
      return conclude(context, options, await processes.run(specOf(context, options), context.signal));
    },
    async reattach(context, mode) {
      const [directory, token] = [directoryOf(context, options), attemptToken(options.directory, context.request)];
      let verdict = await processes.judge(directory, token);
      if (verdict.kind === "alive" && mode === "follow")
        verdict = await processes.follow(directory, token, context.request.graceMs, context.signal);
      if (verdict.kind === "alive") {
        await processes.sweep(token, context.request.graceMs);
        return { kind: "lost", withEngine: true, reason: "Its engine ended while it ran, and its crash policy asked for its end." };
      }
      return conclude(context, options, verdict);
    },
  };
}

async function conclude(context: AttemptContext, options: ShellStepOptions, verdict: ProcessVerdict): Promise<Execution> {
  if (verdict.kind !== "recorded") return verdict.kind === "alive" ? { kind: "lost", reason: "It could not be followed." } : verdict;
  const { result, directory } = verdict;
  const usage = { startedAt: result.startedAt, endedAt: result.endedAt, logs: logsOf(result, directory, options) };
  const successCodes = (context.value("success_codes") as readonly number[] | undefined) ?? [0]; // the schema says so
  const meaning = meaningOf(result, successCodes, await stderrTail(options, directory, result));
  switch (meaning.kind) {
    case "timed_out":
      return { kind: "timed_out", detail: meaning.detail, usage };
    case "stopped":
      // Somebody else told our supervisor to end, so nobody knows what the command would have done.
      return context.signal.aborted ? { kind: "stopped", usage } : { kind: "lost", reason: "It was ended from outside.", usage };
    case "failure":
      return { kind: "failed", failure: meaning.failure, usage };
    case "success": {
      const output = await outputOf(context, options, directory, result);
      return output.ok ? { kind: "succeeded", output: output.value, usage } : { kind: "failed", failure: badOutput(output.problem), usage };
    }
  }
}

/** S-12: from the file we named and from the declared stdout, on success only; no marker in the text is ever looked for. */
async function outputOf(context: AttemptContext, options: ShellStepOptions, directory: string, result: ProcessResult): Promise<Parsed> {
  const mode = context.value("stdout") as "text" | "json" | "lines" | undefined; // the schema says so
  const file = result.outputBytes === null ? null : await readOutputFile(options, directory, result.outputBytes);
  if (file !== null && !file.ok) return file;
  if (mode === undefined) return file ?? { ok: true, value: null };
  if (result.stdout.truncated)
    return { ok: false, problem: `It printed ${result.stdout.bytes} bytes; an output may have ${OUTPUT_MAX_BYTES}.` };
  const bytes = await options.processes.read(directory, "stdout", OUTPUT_MAX_BYTES, "start");
  const stdout = parseStdout(toText(bytes), mode);
  if (!stdout.ok || file === null || file.value === null) return stdout;
  return isJsonObject(file.value)
    ? { ok: true, value: { ...file.value, stdout: stdout.value } }
    : { ok: false, problem: "With `stdout`, the output file has to hold a map." };
}

async function readOutputFile(options: ShellStepOptions, directory: string, bytes: number): Promise<Parsed> {
  if (bytes < 0) return { ok: false, problem: "The file named by TROUPE_OUTPUT was replaced by something that is no file." };
  if (bytes > OUTPUT_MAX_BYTES)
    return { ok: false, problem: `The file named by TROUPE_OUTPUT has ${bytes} bytes; an output may have ${OUTPUT_MAX_BYTES}.` };
  const content = await options.processes.read(directory, "output.json", OUTPUT_MAX_BYTES, "start");
  return content === null ? { ok: false, problem: "The file named by TROUPE_OUTPUT cannot be read." } : parseOutputFile(toText(content));
}

async function stderrTail(options: ShellStepOptions, directory: string, result: ProcessResult): Promise<string> {
  if (result.stderr.bytes === 0) return "";
  return toText(await options.processes.read(directory, "stderr", STDERR_TAIL_BYTES, "end"));
}

function logsOf({ stdout, stderr }: ProcessResult, directory: string, options: ShellStepOptions): JsonObject {
  const stream = ({ bytes, truncated, sha256 }: ProcessResult["stdout"]): JsonObject => ({ bytes, truncated, sha256 });
  return { directory: directory.slice(options.directory.length + 1), stdout: stream(stdout), stderr: stream(stderr) };
}

function badOutput(problem: string): TaskFailure {
  return { class: "validation", code: "OUTPUT_INVALID", title: "Its output cannot be used.", detail: problem };
}

/** Bytes that are no UTF-8 become U+FFFD; the files keep them exact (F-24). */
function toText(bytes: Uint8Array | null): string {
  return bytes === null ? "" : new TextDecoder().decode(bytes);
}
