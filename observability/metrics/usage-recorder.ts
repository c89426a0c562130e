/** Counts what attempts used besides time: tokens, the step cache, test gates and merges. */
import { isJsonObject, type Json, type JsonObject } from "../../src/core/json.ts";
import { type CacheResult, cacheResultOf, hasConflicts } from "../attempt-usage.ts";
import type { LabelCap } from "./label-cap.ts";
import type { Tallies } from "./tallies.ts";

const CACHE_RESULTS: readonly CacheResult[] = ["hit", "miss", "bypass", "impure"];

export class UsageRecorder {
  readonly #counters: Tallies["counters"];
  readonly #toolLabel: LabelCap;

  constructor({ counters }: Tallies, toolLabel: LabelCap) {
    this.#counters = counters;
    this.#toolLabel = toolLabel;
    // A series that is there before its first event lets Prometheus see the first event too.
    for (const result of CACHE_RESULTS) counters.cacheRequests.at(result);
    for (const result of ["passed", "failed"]) counters.gateResults.at(result);
  }

  record({ cache, tokens, tool, gate, merge }: JsonObject): void {
    const { cacheRequests, gateResults, mergeConflicts } = this.#counters;
    if (isJsonObject(cache)) cacheRequests.at(cacheResultOf(cache)).value += 1;
    if (isJsonObject(tokens)) {
      const label = typeof tool === "string" ? this.#toolLabel(tool) : "none";
      this.#countTokens(label, "input", tokens.input);
      this.#countTokens(label, "output", tokens.output);
    }
    if (isJsonObject(gate)) gateResults.at(gate.ok === true ? "passed" : "failed").value += 1;
    if (isJsonObject(merge) && hasConflicts(merge)) mergeConflicts.at().value += 1;
  }

  #countTokens(tool: string, direction: "input" | "output", count: Json | undefined): void {
    const cell = this.#counters.tokens.at(tool, direction);
    if (typeof count === "number" && count > 0) cell.value += count;
  }
}
