/**
 * What the engine has to know of a coding CLI: how it is called, and how it is read. Both are pure functions over data, so that each
 * protocol can be tested without the program that speaks it.
 */
import type { TaskFailure } from "../../core/failure.ts";
import type { Json, JsonObject } from "../../core/json.ts";
import type { CustomCommand } from "./custom-command.ts";
import type { Permissions } from "./permissions.ts";

/** One turn to be asked of a CLI. */
export interface AgentRequest {
  /** The whole text, with files and schema as far as the CLI does not take them itself. */
  readonly prompt: string;
  readonly model: string | null;
  readonly maxUsd: number | null;
  readonly maxTurns: number | null;
  readonly permissions: Permissions;
  /** What the answer has to fit; null for plain text. */
  readonly schema: JsonObject | null;
  /** The conversation to take up again. */
  readonly session: string | null;
  /** Files of the workspace for CLIs that read them themselves (`takesFiles`). */
  readonly files: readonly string[];
  /** Further options that the author gave; checked against `extraOptions`. */
  readonly args: readonly string[];
  /** Whether the CLI may load the configuration that it finds in the workspace. */
  readonly loadsProject: boolean;
  readonly custom: CustomCommand | null;
}

export interface Invocation {
  /** Behind the program and its own arguments. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: string | null;
  /** Text for a file whose path becomes the last argument. */
  readonly file: string | null;
}

/** What a CLI printed, and how it ended. */
export interface AgentOutput {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
  /** The middle of what it printed was too much to keep. */
  readonly isCut: boolean;
}

export interface TokenUsage {
  readonly input: number;
  readonly output: number;
}

/** What was read from it. Members that a CLI does not tell are null. */
export interface AgentAnswer {
  readonly text: string;
  /** The answer as data, where the CLI gives it apart from the text. */
  readonly structured: Json | undefined;
  readonly usage: TokenUsage | null;
  readonly costUsd: number | null;
  readonly session: string | null;
  readonly turns: number | null;
  /** Paths of files that it changed, as far as it tells. */
  readonly changed: readonly string[];
  /** What it wanted to do and was not allowed to. */
  readonly denied: readonly string[];
  /** It came to an end of its own, with an answer or an error. */
  readonly isFinal: boolean;
  readonly failure: TaskFailure | null;
}

/** What an agent should be held to; null where nobody said a word, and the default counts. */
export interface Asked {
  readonly permissions: Permissions | null;
  readonly loadsProject: boolean | null;
  readonly maxUsd: number | null;
  readonly maxTurns: number | null;
  readonly model: string | null;
}

export interface AgentAdapter {
  /** A conversation can be taken up by its id. */
  readonly resumes: boolean;
  /** It is told the schema of the answer in a way of its own, if this schema suits it. */
  takesSchema(schema: JsonObject, isResumed: boolean): boolean;
  /** It reads the files of the context itself. */
  readonly takesFiles: boolean;
  /** Usage and cost count from the beginning of the conversation, not of the call. */
  readonly countsSession: boolean;
  /** Names of options that authors may add: everything else is refused, since a list of bad ones is never complete (S-9). */
  readonly extraOptions: readonly string[];
  /** What was asked for and this CLI cannot keep, for people. */
  limits(asked: Asked): readonly string[];
  toInvocation(request: AgentRequest): Invocation;
  parse(output: AgentOutput, request: Pick<AgentRequest, "custom">): AgentAnswer;
}

/** An answer of which nothing is known yet. */
export const NO_ANSWER: AgentAnswer = {
  text: "",
  structured: undefined,
  usage: null,
  costUsd: null,
  session: null,
  turns: null,
  changed: [],
  denied: [],
  isFinal: false,
  failure: null,
};
