/** W7: a definition of many steps, from its text to its plan. */
import { availableParallelism } from "node:os";
import { performance } from "node:perf_hooks";
import { compile, plan } from "../../src/main/index.ts";
import { answer, readParameters } from "../meter.ts";

const { steps, needs, format } = readParameters<{ steps: number; needs: number; format: "yaml" | "document" }>();

const list = Array.from({ length: steps }, (_, index) => ({
  id: `s${index}`,
  call: "noop",
  needs: Array.from({ length: Math.min(needs, index) }, (__, back) => `s${index - 1 - back * 3}`).filter((id) => !id.includes("-")),
}));
const document = { apiVersion: "troupe/v1", name: "large", steps: list };
const yaml = (): string => {
  const lines = list.map((step) => `- id: ${step.id}\n  call: ${step.call}\n  needs: [${step.needs.join(", ")}]`);
  return ["apiVersion: troupe/v1", "name: large", "steps:", ...lines, ""].join("\n");
};
const source = format === "yaml" ? yaml() : document;

// A small one first, so that the code is loaded and the schemas are compiled: that is start-up, which W6 measures.
compile({ ...document, steps: list.slice(0, 20) });
const begin = performance.now();
const workflow = compile(source);
const compiled = performance.now();
const { edges } = plan(workflow, { workers: availableParallelism() });
const planned = performance.now();
answer({ totalMs: planned - begin, compileMs: compiled - begin, planMs: planned - compiled, edges: edges.length });
