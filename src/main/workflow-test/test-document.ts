/** The shape of `name.test.yaml`: cases of one workflow, what stands in for its steps, and what must come of it. */
import type { Json, JsonObject } from "../../core/json.ts";

/** What one attempt of a step does in place of the real one. */
export interface Mock {
  readonly output?: Json;
  readonly error?: JsonObject;
  readonly exit_code?: number;
  /** Virtual time that the attempt takes. */
  readonly delay?: string | number;
  readonly cost?: number;
  /** Nobody ever learns what became of it. */
  readonly lost?: boolean;
}

/** What somebody answers to a step that waits: an approval, an event, a call back. */
export interface AnswerSpec {
  readonly output?: Json;
  readonly error?: JsonObject;
  readonly after?: string | number;
}

export interface Expectation {
  readonly status?: string;
  readonly steps?: Readonly<Record<string, string>>;
  /** Steps in the order in which they began, others between them left out. */
  readonly order?: readonly string[];
  readonly output?: Json;
  readonly outputs?: Readonly<Record<string, Json>>;
  readonly attempts?: Readonly<Record<string, number>>;
  readonly cost?: number;
  /** Part of the reason for which a step was skipped. */
  readonly skipped_because?: Readonly<Record<string, string>>;
  /** Types of events that must have happened. */
  readonly events?: readonly string[];
  /** Conditions that must hold at the end; they see what the workflow's own output would see. */
  readonly holds?: readonly string[];
  /** Bound on the run's virtual duration. */
  readonly within?: string | number;
}

export const FAULTS = ["transient", "permanent", "timeout", "lost", "slow", "cancel"] as const;
export type Fault = (typeof FAULTS)[number];

export interface Simulation {
  readonly seeds?: number;
  readonly faults?: readonly Fault[];
  /** Conditions that must hold at the end of every simulated run. */
  readonly holds?: readonly string[];
  /** States in which a simulated run may end. */
  readonly status?: readonly string[];
}

export interface TestCase {
  readonly name: string;
  readonly input?: Json;
  readonly context?: JsonObject;
  readonly mocks?: Readonly<Record<string, Mock | readonly Mock[]>>;
  readonly answers?: Readonly<Record<string, AnswerSpec | readonly AnswerSpec[]>>;
  /** Virtual time after which the run is canceled. */
  readonly cancel_after?: string | number;
  readonly max_workers?: number;
  readonly clock?: "virtual";
  readonly expect?: Expectation;
  readonly simulate?: Simulation;
}

export interface TestDocument {
  /** Path of the workflow, relative to the test; by default `name.troupe.yaml` or `name.yaml` beside it. */
  readonly workflow?: string;
  /** Mocks and answers that every case has. */
  readonly mocks?: TestCase["mocks"];
  readonly answers?: TestCase["answers"];
  readonly cases: readonly TestCase[];
}

/** As durations of workflows are written. */
const DURATION = "^\\s*(?:[0-9]+(?:\\.[0-9]+)?|(?:[0-9]+(?:\\.[0-9]+)?(?:ms|s|m|h|d|w))+)\\s*$";
const duration = {
  description: "A text such as `250ms`, `2m`; a number means seconds.",
  type: ["string", "number"],
  minimum: 0,
  pattern: DURATION,
};
const error = {
  type: "object",
  additionalProperties: false,
  properties: {
    class: { type: "string" },
    code: { type: "string" },
    title: { type: "string" },
    detail: { type: "string" },
    status: { type: "integer" },
  },
};
const mock = {
  type: "object",
  additionalProperties: false,
  properties: {
    output: {},
    error,
    exit_code: { type: "integer" },
    delay: duration,
    cost: { type: "number", minimum: 0 },
    lost: { type: "boolean" },
  },
};
const answer = { type: "object", additionalProperties: false, properties: { output: {}, error, after: duration } };
/** What is said of members holds for a map, what is said of items for a list. */
const oneOrMany = (item: JsonObject): JsonObject => ({ ...item, type: ["object", "array"], minItems: 1, items: item });
const mocks = { type: "object", additionalProperties: oneOrMany(mock) };
const answers = { type: "object", additionalProperties: oneOrMany(answer) };
const texts = { type: "array", items: { type: "string", minLength: 1 } };
const STATES = ["succeeded", "failed", "canceled", "quarantined"];

export const testSchema: JsonObject = {
  type: "object",
  required: ["cases"],
  additionalProperties: false,
  properties: {
    apiVersion: { type: "string", enum: ["troupe/v1"] },
    workflow: { type: "string", minLength: 1, description: "The workflow, relative to this file." },
    mocks,
    answers,
    cases: {
      type: "array",
      minItems: 1,
      maxItems: 10_000,
      items: {
        type: "object",
        required: ["name"],
        additionalProperties: false,
        properties: {
          name: { type: "string", minLength: 1 },
          input: {},
          context: { type: "object" },
          mocks,
          answers,
          cancel_after: duration,
          max_workers: { type: "integer", minimum: 1 },
          clock: { type: "string", enum: ["virtual"] },
          expect: {
            type: "object",
            additionalProperties: false,
            properties: {
              status: { type: "string", enum: STATES },
              steps: { type: "object", additionalProperties: { type: "string" } },
              order: texts,
              output: {},
              outputs: { type: "object" },
              attempts: { type: "object", additionalProperties: { type: "integer", minimum: 0 } },
              cost: { type: "number", minimum: 0 },
              skipped_because: { type: "object", additionalProperties: { type: "string" } },
              events: texts,
              holds: texts,
              within: duration,
            },
          },
          simulate: {
            type: "object",
            additionalProperties: false,
            properties: {
              seeds: { type: "integer", minimum: 1, maximum: 100_000 },
              faults: { type: "array", items: { type: "string", enum: [...FAULTS] } },
              holds: texts,
              status: { type: "array", items: { type: "string", enum: STATES } },
            },
          },
        },
      },
    },
  },
};
