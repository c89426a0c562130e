/** What an executor gets: its request, and the step's fields evaluated as they are asked for. */
import { toError } from "../core/errors.ts";
import type { Json, JsonObject } from "../core/json.ts";
import type { Scope } from "../expression/scope.ts";
import { traceCondition } from "../expression/trace.ts";
import { evaluateField, toPlainText } from "../plan/evaluate-field.ts";
import type { Field } from "../plan/field.ts";
import type { AttemptContext, AttemptRequest, ProgramPermit } from "../ports/attempt.ts";
import type { Confinement } from "../ports/confinement.ts";
import { isFault } from "./fault.ts";

/** What surrounds the fields of one attempt; shared by its contexts within layers. */
export interface Surroundings {
  readonly scope: Scope;
  readonly signal: AbortSignal;
  readonly progress: (data: JsonObject) => void;
  readonly masks: readonly string[];
  readonly isReattached: boolean;
  /** What kept a value from being read, once something did. */
  fault: Error | null;
}

const NO_RULES = { confinement: null, programs: null, mustEnd: false };

/** A class for its speed: one is made for every attempt, and most read one field or none. */
export class EvaluatingContext implements AttemptContext {
  readonly request: AttemptRequest;
  readonly #around: Surroundings;
  readonly confinement: Confinement | null;
  readonly programs: ProgramPermit | null;
  readonly mustEnd: boolean;
  readonly #moreEnv: Readonly<Record<string, string>> | null;
  #values: Map<string, Json> | null = null;
  #env: Readonly<Record<string, string>> | null = null;

  constructor(
    request: AttemptRequest,
    around: Surroundings,
    moreEnv: Readonly<Record<string, string>> | null = null,
    rules: Pick<AttemptContext, "confinement" | "programs" | "mustEnd"> = NO_RULES,
  ) {
    this.confinement = rules.confinement;
    this.programs = rules.programs;
    this.mustEnd = rules.mustEnd;
    this.request = request;
    this.#around = around;
    this.#moreEnv = moreEnv;
  }

  get signal(): AbortSignal {
    return this.#around.signal;
  }

  get masks(): readonly string[] {
    return this.#around.masks;
  }

  get isReattached(): boolean {
    return this.#around.isReattached;
  }

  progress(data: JsonObject): void {
    this.#around.progress(data);
  }

  within({ workspace, env, confinement, programs, mustEnd }: Parameters<AttemptContext["within"]>[0]): EvaluatingContext {
    const request = workspace === undefined ? this.request : { ...this.request, workspace };
    const moreEnv = env === undefined ? this.#moreEnv : { ...this.#moreEnv, ...env };
    return new EvaluatingContext(request, this.#around, moreEnv, {
      confinement: confinement ?? this.confinement,
      programs: programs ?? this.programs,
      mustEnd: mustEnd ?? this.mustEnd,
    });
  }

  value(name: string): Json | undefined {
    const field = this.request.step.config[name];
    if (field === undefined) return undefined;
    if (field.kind === "literal") return field.value;
    this.#values ??= new Map();
    const known = this.#values.get(name);
    if (known !== undefined) return known;
    const value = this.evaluate(field);
    this.#values.set(name, value);
    return value;
  }

  evaluate(field: Field): Json {
    return this.#noting(() => evaluateField(field, this.#around.scope));
  }

  /** What kept a value from being read, if anything did: then nothing that follows is the author's doing. */
  get fault(): Error | null {
    return this.#around.fault;
  }

  explain(condition: Field): { readonly holds: boolean; readonly trace: Json } {
    if (condition.kind !== "condition") {
      const value = this.evaluate(condition);
      return { holds: value === true, trace: { text: JSON.stringify(value), value, children: [] } };
    }
    const trace = this.#noting(() => traceCondition(condition.expression, this.#around.scope));
    // A trace holds nothing but JSON: texts, values and further traces.
    return { holds: trace.value === true, trace: trace as unknown as Json };
  }

  get env(): Readonly<Record<string, string>> {
    this.#env ??= this.#renderEnv();
    return this.#env;
  }

  #renderEnv(): Readonly<Record<string, string>> {
    const { workflow, step } = this.request;
    const env: Record<string, string> = {};
    for (const fields of [workflow.env, step.env]) {
      for (const name of Object.keys(fields)) env[name] = toPlainText(this.evaluate(fields[name] as Field)); // the name comes from the record
    }
    return this.#moreEnv === null ? env : { ...env, ...this.#moreEnv };
  }

  #noting<TValue>(evaluate: () => TValue): TValue {
    try {
      return evaluate();
    } catch (thrown) {
      if (isFault(thrown)) this.#around.fault = toError(thrown);
      throw thrown;
    }
  }
}
