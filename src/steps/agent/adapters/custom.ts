/** Any other CLI: its command and the places of its answer come from the step. */
import { isJsonObject, type Json, type JsonObject } from "../../../core/json.ts";
import { type AgentAdapter, type AgentAnswer, type AgentOutput, type AgentRequest, type Invocation, NO_ANSWER } from "../adapter.ts";
import { type CustomCommand, type CustomMember, findMember, PLAIN_COMMAND } from "../custom-command.ts";
import { cutShort, failureOf } from "../failures.ts";
import { parseJson, parseLines } from "../json-lines.ts";

export const custom: AgentAdapter = {
  resumes: true,
  takesFiles: false,
  takesSchema: () => false,
  countsSession: false,
  extraOptions: [],
  limits: ({ permissions, maxUsd, maxTurns, model }) => [
    ...(permissions === null ? [] : ["What a command of one's own may do is up to it: `allow` is not passed on."]),
    ...(maxUsd === null ? [] : ["A command of one's own is not told `max_usd`; give it an argument."]),
    ...(maxTurns === null ? [] : ["A command of one's own is not told `max_turns`; give it an argument."]),
    ...(model === null ? [] : ["A command of one's own is not told `model`; give it an argument."]),
  ],
  toInvocation,
  parse,
};

function toInvocation({ prompt, session, custom: command, args }: AgentRequest): Invocation {
  const { args: own, prompt: way, resume } = command ?? PLAIN_COMMAND;
  const resumed = session === null || resume === null ? [] : resume.map((arg) => arg.replaceAll("{session}", session));
  const isFile = way === "file";
  return { args: [...own, ...resumed, ...args], env: {}, stdin: isFile ? null : prompt, file: isFile ? prompt : null };
}

function parse(output: AgentOutput, { custom: command }: Pick<AgentRequest, "custom">): AgentAnswer {
  const spoken = command ?? PLAIN_COMMAND;
  const { stdout, stderr, exitCode, isCut } = output;
  if (spoken.format === "text") {
    const answer: AgentAnswer = { ...NO_ANSWER, text: stdout.trimEnd(), isFinal: exitCode === 0 };
    return exitCode === 0 ? answer : { ...answer, failure: failureOf(stderr, exitCode, Date.now()) };
  }
  const values = readValues(stdout, spoken);
  const read = (member: CustomMember): Json | undefined => memberOf(values, spoken, member);
  const [input, out] = [numberAt(read("input_tokens")), numberAt(read("output_tokens"))];
  const text = read("text");
  const answer: AgentAnswer = {
    ...NO_ANSWER,
    text: typeof text === "string" ? text : text === undefined ? "" : JSON.stringify(text),
    structured: read("structured"),
    usage: input === null && out === null ? null : { input: input ?? 0, output: out ?? 0 },
    costUsd: numberAt(read("cost_usd")),
    session: sessionAt(read("session")),
    turns: numberAt(read("turns")),
    isFinal: text !== undefined || read("structured") !== undefined,
  };
  const error = read("error");
  const words = typeof error === "string" ? error : isJsonObject(error) ? JSON.stringify(error) : error === true ? "error" : null;
  if (words !== null || exitCode !== 0) return { ...answer, failure: failureOf(words ?? stderr, exitCode, Date.now()) };
  return answer.isFinal ? answer : { ...answer, failure: cutShort(isCut) };
}

/** The last value that has a member is the one that counts. */
function memberOf(values: readonly JsonObject[], { map }: CustomCommand, member: CustomMember): Json | undefined {
  const path = map[member];
  if (path === undefined) return undefined;
  for (const value of values.toReversed()) {
    const found = findMember(value, path);
    if (found !== undefined && found !== null) return found;
  }
  return undefined;
}

function readValues(stdout: string, { format }: CustomCommand): readonly JsonObject[] {
  if (format === "jsonl") return parseLines(stdout);
  const whole = parseJson(stdout.trim());
  return isJsonObject(whole) ? [whole] : parseLines(stdout).slice(-1);
}

function numberAt(value: Json | undefined): number | null {
  return typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : null;
}

function sessionAt(value: Json | undefined): string | null {
  return typeof value === "string" || typeof value === "number" ? String(value) : null;
}
